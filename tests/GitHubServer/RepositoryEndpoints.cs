using System.Text.Json.Nodes;

namespace CodexWeb.EmulatedGitHub;

/// <summary>A repository: itself, its branches, who may do what in it.</summary>
internal static class RepositoryEndpoints
{
    public static void Map(ApiRoutes api)
    {
        const string Base = "/repos/{owner}/{name}";
        api.Get(Base, static call => call.Repository() is var repository ? repository.ToFullJson(call.RoleIn(repository)) : throw Refusal.NotFound());
        api.Get(Base + "/branches", BranchesAsync);
        api.Get(Base + "/branches/{**branch}", BranchAsync);
        api.Get(Base + "/collaborators", Collaborators);
        api.Get(Base + "/collaborators/{login}/permission", Permission);
        api.Get(Base + "/assignees", static call => call.Page(call.Repository().Collaborators.Where(static pair => pair.Role >= RepositoryRole.Read), static pair => pair.Account.ToJson()));
        api.Get(Base + "/teams", static call => call.Repository(RepositoryRole.Write) is not null ? new JsonArray() : throw Refusal.NotFound());
    }

    private static async Task<ApiAnswer> BranchesAsync(ApiCall call)
    {
        var repository = call.Repository();
        return call.Page(await repository.Git.BranchesAsync(), pair => new JsonObject
        {
            ["name"] = pair.Key,
            ["commit"] = new JsonObject { ["sha"] = pair.Value, ["url"] = $"{repository.ApiUrl}/commits/{pair.Value}" },
            ["protected"] = false,
        });
    }

    private static async Task<ApiAnswer> BranchAsync(ApiCall call)
    {
        var repository = call.Repository();
        var branch = call.Route("branch");
        var commit = await repository.HeadAsync(branch) ?? throw new Refusal(404, "Branch not found");
        var url = $"{repository.ApiUrl}/branches/{branch}";
        return new JsonObject
        {
            ["name"] = branch,
            ["commit"] = CommitJson.Of(repository, (await repository.Git.LogAsync(commit, "-1"))[0]),
            ["_links"] = new JsonObject { ["self"] = url, ["html"] = $"{repository.Page}/tree/{branch}" },
            ["protected"] = false,
            ["protection"] = new JsonObject { ["enabled"] = false, ["required_status_checks"] = new JsonObject { ["enforcement_level"] = "off", ["contexts"] = new JsonArray(), ["checks"] = new JsonArray() } },
            ["protection_url"] = $"{url}/protection",
        };
    }

    private static ApiAnswer Collaborators(ApiCall call)
    {
        var repository = call.Repository(RepositoryRole.Write);
        return call.Page(repository.Collaborators, static pair =>
        {
            var json = pair.Account.ToJson();
            json["permissions"] = HostedRepository.Permissions(pair.Role);
            json["role_name"] = Wire.Word(pair.Role);
            return json;
        });
    }

    /// <summary>The old word knows fewer levels than the role: triage counts as read and maintain as write.</summary>
    private static ApiAnswer Permission(ApiCall call)
    {
        var repository = call.Repository();
        var account = call.Server.Account(call.Route("login")) ?? throw new Refusal(404, $"{call.Route("login")} is not a user");
        var role = repository.RoleOf(account);
        var user = account.ToJson();
        user["permissions"] = HostedRepository.Permissions(role);
        user["role_name"] = Wire.Word(role);
        return new JsonObject
        {
            ["permission"] = role switch { RepositoryRole.Triage => "read", RepositoryRole.Maintain => "write", _ => Wire.Word(role) },
            ["user"] = user,
            ["role_name"] = Wire.Word(role),
        };
    }
}

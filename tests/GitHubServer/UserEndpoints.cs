using System.Text.Json.Nodes;

namespace CodexWeb.EmulatedGitHub;

/// <summary>People, organisations, and the repositories one of them reaches.</summary>
internal static class UserEndpoints
{
    public static void Map(ApiRoutes api)
    {
        api.Get("/user", static call => call.Person.Account.ToPrivateJson());
        api.Get("/user/orgs", static call => call.Page(Organisations(call), static account => account.ToOrganisationJson()));
        api.Get("/user/repos", static call => call.Page(Reachable(call), repository => repository.ToJson(call.RoleIn(repository))));
        api.Get("/users/{login}", static call => PublicJson(call.Server.Account(call.Route("login")) ?? throw Refusal.NotFound()));
        api.Get("/users/{login}/repos", static call => Owned(call, call.Route("login")));
        api.Get("/orgs/{login}", static call => call.Server.Account(call.Route("login")) is { Kind: AccountKind.Organization } account ? account.ToPublicOrganisationJson() : throw Refusal.NotFound());
        api.Get("/orgs/{login}/repos", static call => Owned(call, call.Route("login")));
        api.Get("/orgs/{login}/members", static call => call.Page((call.Server.Account(call.Route("login")) ?? throw Refusal.NotFound()).Members, static account => account.ToJson()));
        api.Get("/orgs/{login}/teams", static call => call.Server.Account(call.Route("login")) is { Kind: AccountKind.Organization } ? new JsonArray() : throw Refusal.NotFound());
        api.Get("/search/repositories", Search);
        api.Get("/rate_limit", RateLimit);
    }

    private static IEnumerable<HostedAccount> Organisations(ApiCall call) =>
        Access.ReadsOrganisations(call.Person)
            ? call.Server.Accounts.Where(account => account.Kind == AccountKind.Organization && account.Members.Contains(call.Person.Account))
            : throw Refusal.Forbidden("You need at least read:org scope or user scope to list your organizations.");

    /// <summary>What the person has a role in, which is more than being able to see it. The last pushed first, when asked.</summary>
    private static IEnumerable<HostedRepository> Reachable(ApiCall call)
    {
        var person = call.Person.Account;
        var affiliations = (call.Query("affiliation") ?? "owner,collaborator,organization_member").Split(',', StringSplitOptions.TrimEntries);
        var mine = call.Server.Repositories
            .Where(repository => call.RoleIn(repository) > RepositoryRole.None)
            .Where(repository => repository.Owner.Id == person.Id ? affiliations.Contains("owner", StringComparer.Ordinal)
                : repository.Collaborators.Any(pair => pair.Account.Id == person.Id) && affiliations.Contains(repository.Owner.Kind == AccountKind.Organization && repository.Owner.Members.Contains(person) ? "organization_member" : "collaborator", StringComparer.Ordinal))
            .Where(repository => call.Query("visibility") is not { } visibility || visibility == "all" || visibility == (repository.Private ? "private" : "public"));
        return call.Query("sort") switch
        {
            "pushed" or "updated" => mine.OrderByDescending(static repository => repository.PushedAt).ThenByDescending(static repository => repository.Id),
            "created" => mine.OrderByDescending(static repository => repository.Id),
            _ => mine.OrderBy(static repository => repository.FullName, StringComparer.OrdinalIgnoreCase),
        };
    }

    private static JsonObject PublicJson(HostedAccount account)
    {
        var json = account.ToPrivateJson();
        foreach (var field in (string[])["private_gists", "total_private_repos", "owned_private_repos", "disk_usage", "collaborators", "two_factor_authentication"])
        {
            json.Remove(field);
        }

        return json;
    }

    private static ApiAnswer Owned(ApiCall call, string login)
    {
        var owner = call.Server.Account(login) ?? throw Refusal.NotFound();
        return call.Page(call.Server.Repositories.Where(repository => repository.Owner == owner && call.RoleIn(repository) > RepositoryRole.None), repository => repository.ToJson(call.RoleIn(repository)));
    }

    /// <summary>Knows words, which have to be in the name or the description, and the qualifiers <c>user:</c>, <c>org:</c>, <c>in:</c>, <c>fork:</c> and <c>archived:</c>.</summary>
    private static ApiAnswer Search(ApiCall call)
    {
        var query = call.Query("q") ?? throw Refusal.Invalid("Search", "q", "missing");
        var terms = query.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var owners = terms.Where(static term => term.StartsWith("user:", StringComparison.Ordinal) || term.StartsWith("org:", StringComparison.Ordinal)).Select(static term => term[(term.IndexOf(':', StringComparison.Ordinal) + 1)..]).ToList();
        var archived = terms.FirstOrDefault(static term => term.StartsWith("archived:", StringComparison.Ordinal))?["archived:".Length..];
        var words = terms.Where(static term => !term.Contains(':', StringComparison.Ordinal));
        var found = call.Server.Repositories.Where(repository =>
            call.RoleIn(repository) > RepositoryRole.None
            && (owners.Count == 0 || owners.Contains(repository.Owner.Login, StringComparer.OrdinalIgnoreCase))
            && (archived is null || bool.Parse(archived) == repository.Archived)
            && words.All(word => $"{repository.FullName} {repository.Description}".Contains(word, StringComparison.OrdinalIgnoreCase))).ToList();
        return new JsonObject
        {
            ["total_count"] = found.Count,
            ["incomplete_results"] = false,
            ["items"] = call.Page(found, repository =>
            {
                var json = repository.ToJson(call.RoleIn(repository));
                json["score"] = 1.0;
                return json;
            }),
        };
    }

    private static ApiAnswer RateLimit(ApiCall call)
    {
        var limit = call.Server.Faults.HourlyLimit;
        JsonObject Resource() => new() { ["limit"] = limit, ["used"] = 0, ["remaining"] = limit, ["reset"] = (call.Server.Now() + TimeSpan.FromHours(1)).ToUnixTimeSeconds() };
        return new JsonObject { ["resources"] = new JsonObject { ["core"] = Resource(), ["search"] = Resource(), ["graphql"] = Resource() }, ["rate"] = Resource() };
    }
}

using System.Text.Json.Nodes;

namespace CodexWeb.EmulatedGitHub;

/// <summary>Apps, their installations, and the tokens of those, which live for an hour.</summary>
internal static class AppEndpoints
{
    private static readonly TimeSpan TokenLife = TimeSpan.FromHours(1);

    public static void Map(ApiRoutes api)
    {
        api.Get("/app", static call => AppOf(call).ToJson());
        api.Get("/app/installations", static call => call.Page(AppOf(call).Installations, static installation => installation.ToJson()));
        api.Get("/app/installations/{installation:long}", static call => InstallationOf(call).ToJson());
        api.Post("/app/installations/{installation:long}/access_tokens", CreateToken);
        api.Delete("/app/installations/{installation:long}", UninstallAsync);
        api.Get("/repos/{owner}/{name}/installation", OfRepository);
        api.Get("/orgs/{login}/installation", OfAccount);
        api.Get("/users/{login}/installation", OfAccount);
        api.Get("/installation/repositories", Repositories);
        api.Get("/user/installations", OfUser);
        api.Get("/user/installations/{installation:long}/repositories", OfUserRepositories);
        api.Post("/app-manifests/{code}/conversions", Convert);
        api.Delete("/applications/{client}/token", RevokeToken);
    }

    private static HostedApp AppOf(ApiCall call) => call.Caller is Caller.AppItself itself ? itself.App : throw new Refusal(401, "A JSON web token could not be decoded");

    private static HostedInstallation InstallationOf(ApiCall call) => AppOf(call).Installations.FirstOrDefault(installation => installation.Id == call.Number("installation")) ?? throw Refusal.NotFound();

    private static ApiAnswer CreateToken(ApiCall call)
    {
        var installation = InstallationOf(call);
        if (installation.SuspendedAt is not null)
        {
            throw Refusal.Forbidden("This installation has been suspended");
        }

        List<long>? chosen = null;
        if (call.Body["repository_ids"] is JsonArray ids)
        {
            chosen = [.. ids.Select(static id => id!.GetValue<long>())];
        }
        else if (call.Texts("repositories") is { Count: > 0 } names)
        {
            chosen = [.. names.Select(name => installation.Repositories.FirstOrDefault(repository => repository.Name == name)?.Id ?? 0)];
        }

        if (chosen?.Exists(id => installation.Repositories.All(repository => repository.Id != id)) is true)
        {
            throw new Refusal(422, "There is at least one repository that does not exist or is not accessible to the parent installation.");
        }

        var expires = call.Server.Now() + TokenLife;
        var token = call.Server.Credentials.Add("ghs_", new Caller.Installed(installation, chosen), expires);
        var json = new JsonObject
        {
            ["token"] = token,
            ["expires_at"] = Wire.Time(expires),
            ["permissions"] = installation.App.PermissionsJson(),
            ["repository_selection"] = chosen is null ? installation.ToJson()["repository_selection"]!.DeepClone() : "selected",
        };
        if (chosen is not null)
        {
            json["repositories"] = Wire.Array(installation.Repositories.Where(repository => chosen.Contains(repository.Id)).Select(static repository => (JsonNode?)repository.ToJson()));
        }

        return ApiAnswer.Created(json);
    }

    private static async Task<ApiAnswer> UninstallAsync(ApiCall call)
    {
        await InstallationOf(call).UninstallAsync();
        return ApiAnswer.NoContent;
    }

    private static ApiAnswer OfRepository(ApiCall call)
    {
        var app = AppOf(call);
        var repository = call.Server.Find($"{call.Route("owner")}/{call.Route("name")}") ?? throw Refusal.NotFound();
        return app.InstallationFor(repository)?.ToJson() ?? throw Refusal.NotFound();
    }

    private static ApiAnswer OfAccount(ApiCall call) =>
        AppOf(call).Installations.FirstOrDefault(installation => string.Equals(installation.Account.Login, call.Route("login"), StringComparison.OrdinalIgnoreCase))?.ToJson() ?? throw Refusal.NotFound();

    private static ApiAnswer Repositories(ApiCall call)
    {
        var installed = call.Caller as Caller.Installed ?? throw Refusal.Forbidden("Resource not accessible by personal access token");
        var covered = installed.Installation.Repositories.Where(repository => installed.Repositories?.Contains(repository.Id) is not false).ToList();
        return new JsonObject
        {
            ["total_count"] = covered.Count,
            ["repository_selection"] = installed.Installation.ToJson()["repository_selection"]!.DeepClone(),
            ["repositories"] = call.Page(covered, repository => repository.ToJson(call.RoleIn(repository))),
        };
    }

    /// <summary>The installations that a person can reach: of accounts they belong to, or with repositories they see.</summary>
    private static IEnumerable<HostedInstallation> Reachable(ApiCall call)
    {
        var person = call.Person;
        var app = person.App ?? throw Refusal.Forbidden("You must authenticate with an access token authorized to a GitHub App in order to list installations");
        return app.Installations.Where(installation => installation.Account == person.Account || installation.Account.Members.Contains(person.Account) || installation.Repositories.Any(repository => repository.Collaborators.Any(pair => pair.Account == person.Account)));
    }

    private static ApiAnswer OfUser(ApiCall call)
    {
        var all = Reachable(call).ToList();
        return new JsonObject { ["total_count"] = all.Count, ["installations"] = call.Page(all, static installation => installation.ToJson()) };
    }

    private static ApiAnswer OfUserRepositories(ApiCall call)
    {
        var installation = Reachable(call).FirstOrDefault(installation => installation.Id == call.Number("installation")) ?? throw Refusal.NotFound();
        var repositories = installation.Repositories.Where(repository => call.RoleIn(repository) > RepositoryRole.None).ToList();
        return new JsonObject { ["total_count"] = repositories.Count, ["repositories"] = call.Page(repositories, repository => repository.ToJson(call.RoleIn(repository))) };
    }

    /// <summary>Ends a person's token of an app, which says by its id and secret that it is the app.</summary>
    private static ApiAnswer RevokeToken(ApiCall call)
    {
        var client = call.Server.OAuth.Find(call.Route("client")) ?? throw Refusal.NotFound();
        if (call.Basic is not { } given || given.Name != client.Id || given.Password != client.Secret)
        {
            throw Refusal.NotFound();
        }

        if (call.Server.Credentials.Find(call.Required("access_token")) is not Caller.Person)
        {
            throw Refusal.NotFound();
        }

        call.Server.Revoke(call.Required("access_token"));
        return ApiAnswer.NoContent;
    }

    private static ApiAnswer Convert(ApiCall call)
    {
        var app = call.Server.Apps.Convert(call.Route("code"));
        var json = app.ToJson();
        json["client_secret"] = app.ClientSecret;
        json["webhook_secret"] = app.WebhookSecret;
        json["pem"] = app.Pem;
        return ApiAnswer.Created(json);
    }
}

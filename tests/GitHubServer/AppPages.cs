using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace CodexWeb.EmulatedGitHub;

/// <summary>The pages by which a person makes an App from a manifest and installs it. Whoever is signed in agrees at once.</summary>
internal static class AppPages
{
    private static readonly string[] NeededInManifest = ["name", "url", "redirect_url"];

    public static void Map(WebApplication app, GitHubServer server)
    {
        app.MapPost("/settings/apps/new", (HttpRequest request) => CreateAsync(server, request, server.Visitor()));
        app.MapPost("/organizations/{login}/settings/apps/new", (HttpRequest request, string login) => CreateAsync(server, request, server.Account(login)));
        foreach (var place in (string[])["apps", "github-apps"])
        {
            app.MapGet($"/{place}/{{slug}}/installations/new", (HttpContext context, string slug) => InstallAsync(server, context, slug));
            app.MapGet($"/{place}/{{slug}}", (string slug) => Find(server, slug) is { } found ? Page(found.Name) : Results.NotFound());
        }
    }

    private static async Task<IResult> CreateAsync(GitHubServer server, HttpRequest request, HostedAccount? owner)
    {
        var form = await request.ReadFormAsync();
        JsonObject? manifest;
        try
        {
            manifest = JsonNode.Parse(form["manifest"].ToString()) as JsonObject;
        }
        catch (JsonException)
        {
            manifest = null;
        }

        if (owner is null)
        {
            return Results.NotFound();
        }

        if (manifest is null || NeededInManifest.FirstOrDefault(field => manifest[field]?.GetValue<string>() is not { Length: > 0 }) is not null)
        {
            return Page("Invalid GitHub App configuration. The configuration does not appear to be a valid GitHub App manifest.", 422);
        }

        if (server.Apps.All.Any(app => app.Name == manifest["name"]!.GetValue<string>()))
        {
            return Page("Name has already been taken", 422);
        }

        var query = new Dictionary<string, string?>(StringComparer.Ordinal) { ["code"] = server.Apps.Keep(manifest, owner) };
        if (request.Query["state"] is [{ Length: > 0 } state, ..])
        {
            query["state"] = state;
        }

        return Results.Redirect(QueryHelpers.AddQueryString(manifest["redirect_url"]!.GetValue<string>(), query));
    }

    /// <summary>Installs on the first organisation the person is in, else on the person's own account: on all repositories.</summary>
    private static async Task<IResult> InstallAsync(GitHubServer server, HttpContext context, string slug)
    {
        if (Find(server, slug) is not { } app)
        {
            return Results.NotFound();
        }

        var visitor = server.Visitor();
        var account = server.Accounts.FirstOrDefault(account => account.Kind == AccountKind.Organization && account.Members.Contains(visitor)) ?? visitor;
        var installation = app.Installations.FirstOrDefault(known => known.Account == account) ?? await app.InstallAsync(account);
        var query = new Dictionary<string, string?>(StringComparer.Ordinal) { ["installation_id"] = installation.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), ["setup_action"] = "install" };
        if (context.Request.Query["state"] is [{ Length: > 0 } state, ..])
        {
            query["state"] = state;
        }

        return app.SetupUrl is { } setup ? Results.Redirect(QueryHelpers.AddQueryString(setup, query)) : Page($"Okay, {app.Name} was installed on the @{account.Login} account.");
    }

    private static HostedApp? Find(GitHubServer server, string slug) => server.Apps.All.FirstOrDefault(app => app.Slug == slug);

    private static IResult Page(string text, int status = 200) => Results.Content($"<!DOCTYPE html><html lang=\"en\"><head><title>GitHub</title></head><body><main><h1>{HtmlEncoder.Default.Encode(text)}</h1></main></body></html>", "text/html", statusCode: status);
}

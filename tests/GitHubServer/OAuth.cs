using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace CodexWeb.EmulatedGitHub;

/// <summary>An OAuth app, or the OAuth side of a GitHub App.</summary>
/// <param name="Callbacks">Where people may be sent back to, or below.</param>
/// <param name="App">The GitHub App; null: an OAuth app.</param>
public sealed record OAuthClient(string Id, string Secret, IReadOnlyList<string> Callbacks, HostedApp? App = null);

/// <summary>The OAuth apps there are, and what people have agreed to.</summary>
public sealed class OAuthApps
{
    private readonly GitHubServer _server;
    private ImmutableList<OAuthClient> _clients = [];
    private ImmutableDictionary<string, OAuthGrant> _codes = ImmutableDictionary<string, OAuthGrant>.Empty;
    private ImmutableDictionary<string, OAuthGrant> _refreshTokens = ImmutableDictionary<string, OAuthGrant>.Empty;

    internal OAuthApps(GitHubServer server) => _server = server;

    /// <summary>The person refuses on the page, until this is false again.</summary>
    public bool Refuses { get; set; }

    /// <summary>Registers an OAuth app.</summary>
    public OAuthClient Add(params string[] callbacks)
    {
        var client = new OAuthClient($"Ov23{Credentials.RandomText(16)}", Credentials.RandomText(40), callbacks);
        ImmutableInterlocked.Update(ref _clients, list => list.Add(client));
        return client;
    }

    internal OAuthClient? Find(string? id) =>
        _clients.Find(client => client.Id == id) ?? (_server.Apps.All.FirstOrDefault(app => app.ClientId == id) is { } app ? new OAuthClient(app.ClientId, app.ClientSecret, app.CallbackUrls, app) : null);

    internal string Keep(OAuthGrant grant)
    {
        var code = Credentials.RandomText(20).ToLowerInvariant();
        ImmutableInterlocked.TryAdd(ref _codes, code, grant);
        return code;
    }

    /// <summary>A code is good once.</summary>
    internal OAuthGrant? Take(string code) => ImmutableInterlocked.TryRemove(ref _codes, code, out var grant) ? grant : null;

    internal OAuthGrant? TakeRefresh(string token) => ImmutableInterlocked.TryRemove(ref _refreshTokens, token, out var grant) ? grant : null;

    /// <summary>The tokens of a grant. Those of a GitHub App end after eight hours.</summary>
    internal JsonObject Issue(OAuthGrant grant)
    {
        var caller = new Caller.Person(grant.Account, grant.Client.App is null ? grant.Scopes : null, grant.Client.App);
        if (grant.Client.App is null)
        {
            return new JsonObject { ["access_token"] = _server.Credentials.Add("gho_", caller, expiresAt: null), ["scope"] = string.Join(',', grant.Scopes), ["token_type"] = "bearer" };
        }

        var life = TimeSpan.FromHours(8);
        var refresh = "ghr_" + Credentials.RandomText(76);
        ImmutableInterlocked.TryAdd(ref _refreshTokens, refresh, grant);
        return new JsonObject
        {
            ["access_token"] = _server.Credentials.Add("ghu_", caller, _server.Now() + life),
            ["expires_in"] = (int)life.TotalSeconds,
            ["refresh_token"] = refresh,
            ["refresh_token_expires_in"] = 15897600,
            ["scope"] = "",
            ["token_type"] = "bearer",
        };
    }
}

/// <summary>What a person agreed to.</summary>
/// <param name="Challenge">Of PKCE, by SHA-256; null: none was given.</param>
internal sealed record OAuthGrant(OAuthClient Client, HostedAccount Account, IReadOnlyList<string> Scopes, string? RedirectUri, string? Challenge);

/// <summary>The pages of the web application flow.</summary>
internal static class OAuthPages
{
    public static void Map(WebApplication app, GitHubServer server)
    {
        app.MapGet("/login/oauth/authorize", (HttpContext context) => Authorize(server, context));
        app.MapPost("/login/oauth/access_token", (HttpRequest request) => ExchangeAsync(server, request));
    }

    private static IResult Authorize(GitHubServer server, HttpContext context)
    {
        string? Query(string name) => context.Request.Query[name] is [{ Length: > 0 } value, ..] ? value : null;
        if (server.OAuth.Find(Query("client_id")) is not { } client)
        {
            return Results.NotFound();
        }

        var redirect = Query("redirect_uri") ?? (client.Callbacks is [var first, ..] ? first : null);
        if (redirect is null || !client.Callbacks.Any(callback => IsBelow(redirect, callback)))
        {
            return Results.Content("<!DOCTYPE html><html><body><h1>Be careful!</h1><p>The redirect_uri is not associated with this application.</p></body></html>", "text/html");
        }

        var answer = new Dictionary<string, string?>(StringComparer.Ordinal);
        if (server.OAuth.Refuses)
        {
            answer["error"] = "access_denied";
            answer["error_description"] = "The user has denied your application access.";
            answer["error_uri"] = "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-authorization-request-errors/#access-denied";
        }
        else
        {
            var scopes = (Query("scope") ?? "").Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
            var challenge = Query("code_challenge_method") == "S256" ? Query("code_challenge") : null;
            answer["code"] = server.OAuth.Keep(new OAuthGrant(client, server.Visitor(), scopes, Query("redirect_uri"), challenge));
        }

        if (Query("state") is { } state)
        {
            answer["state"] = state;
        }

        return Results.Redirect(QueryHelpers.AddQueryString(redirect, answer));
    }

    private static async Task<IResult> ExchangeAsync(GitHubServer server, HttpRequest request)
    {
        var form = request.HasFormContentType ? await request.ReadFormAsync() : FormCollection.Empty;
        string? Form(string name) => form[name] is [{ Length: > 0 } value, ..] ? value : null;
        var client = server.OAuth.Find(Form("client_id"));
        var json = client is null || Form("client_secret") is not { } secret || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(client.Secret))
            ? Error("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.")
            : Form("grant_type") == "refresh_token" ? Refresh(server, client, Form("refresh_token"))
            : Exchange(server, client, Form("code"), Form("redirect_uri"), Form("code_verifier"));
        // Errors have status 200 too.
        return request.Headers.Accept.ToString().Contains("application/json", StringComparison.Ordinal)
            ? Results.Content(Wire.Text(json), "application/json")
            : Results.Content(string.Join('&', json.Select(static pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value?.ToString() ?? "")}")), "application/x-www-form-urlencoded");
    }

    private static JsonObject Refresh(GitHubServer server, OAuthClient client, string? token) =>
        token is not null && server.OAuth.TakeRefresh(token) is { } grant && grant.Client.Id == client.Id
            ? server.OAuth.Issue(grant)
            : Error("bad_refresh_token", "The refresh token passed is incorrect or expired.");

    private static JsonObject Exchange(GitHubServer server, OAuthClient client, string? code, string? redirect, string? verifier)
    {
        if (code is null || server.OAuth.Take(code) is not { } grant || grant.Client.Id != client.Id
            || (grant.Challenge is { } challenge && (verifier is null || Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))) != challenge)))
        {
            return Error("bad_verification_code", "The code passed is incorrect or expired.");
        }

        return redirect is not null && grant.RedirectUri is { } asked && redirect != asked
            ? Error("redirect_uri_mismatch", "The redirect_uri MUST match the registered callback URL for this application.")
            : server.OAuth.Issue(grant);
    }

    private static JsonObject Error(string error, string description) => new() { ["error"] = error, ["error_description"] = description, ["error_uri"] = $"https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/#{error}" };

    /// <summary>Host and port have to match, and the path to be the callback's or below it. Loopback addresses may have another port.</summary>
    private static bool IsBelow(string redirect, string callback) =>
        Uri.TryCreate(redirect, UriKind.Absolute, out var to) && Uri.TryCreate(callback, UriKind.Absolute, out var registered)
        && to.Scheme == registered.Scheme && to.Host == registered.Host && (to.Port == registered.Port || to.Host == "127.0.0.1")
        && (to.AbsolutePath + "/").StartsWith(registered.AbsolutePath.TrimEnd('/') + "/", StringComparison.Ordinal);
}

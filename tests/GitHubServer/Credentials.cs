using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace CodexWeb.EmulatedGitHub;

/// <summary>Who makes a request, and what the token allows.</summary>
internal abstract record Caller
{
    /// <summary>Nobody said who it is: what is public can be read.</summary>
    public sealed record Anonymous : Caller;

    /// <summary>A person, by a token of theirs.</summary>
    /// <param name="Scopes">Of a classic token or an OAuth app. Null: a fine-grained token or a user token of a GitHub App, which have none.</param>
    /// <param name="App">The GitHub App that the person lets act for them; null otherwise.</param>
    public sealed record Person(HostedAccount Account, IReadOnlyList<string>? Scopes, HostedApp? App) : Caller
    {
        /// <summary>The only repositories that a fine-grained token is for. Null: a token of another kind.</summary>
        public IReadOnlyList<HostedRepository>? Only { get; init; }
    }

    /// <summary>An App in one of its installations.</summary>
    /// <param name="Repositories">Null: all of the installation.</param>
    public sealed record Installed(HostedInstallation Installation, IReadOnlyList<long>? Repositories) : Caller;

    /// <summary>An App itself, by a JWT.</summary>
    public sealed record AppItself(HostedApp App) : Caller;

    /// <summary>The account that shows as the author of what the caller writes.</summary>
    public HostedAccount Author => this switch
    {
        Person person => person.Account,
        Installed installed => installed.Installation.App.Bot,
        _ => throw Refusal.AuthenticationRequired(),
    };
}

/// <summary>The tokens there are.</summary>
internal sealed class Credentials(GitHubServer server)
{
    private readonly ConcurrentDictionary<string, (Caller Caller, DateTimeOffset? ExpiresAt)> _tokens = new(StringComparer.Ordinal);

    public string AddPersonal(HostedAccount user, IReadOnlyList<string> scopes) => Add("ghp_", new Caller.Person(user, scopes, App: null), expiresAt: null);

    public string AddFineGrained(HostedAccount user, IReadOnlyList<HostedRepository> only) => Add("github_pat_", new Caller.Person(user, Scopes: null, App: null) { Only = only }, expiresAt: null);

    /// <summary>Makes a token with GitHub's prefix for its kind.</summary>
    public string Add(string prefix, Caller caller, DateTimeOffset? expiresAt)
    {
        var token = prefix + RandomText(36);
        _tokens[token] = (caller, expiresAt);
        return token;
    }

    public void Revoke(string token) => _tokens.TryRemove(token, out _);

    /// <summary>Ends every token of an installation.</summary>
    public void RevokeAll(HostedInstallation installation)
    {
        foreach (var (token, _) in _tokens.Where(pair => pair.Value.Caller is Caller.Installed installed && installed.Installation == installation))
        {
            Revoke(token);
        }
    }

    /// <summary>Whose token this is; null when it is nobody's or its time is over.</summary>
    public Caller? Find(string token) =>
        _tokens.TryGetValue(token, out var known) && (known.ExpiresAt is not { } end || end > server.Now()) ? known.Caller : null;

    /// <summary>Who makes a request to the API.</summary>
    /// <exception cref="Refusal">The token is not good (any more).</exception>
    public Caller Of(HttpRequest request)
    {
        if (string.IsNullOrEmpty(request.Headers.Authorization))
        {
            return new Caller.Anonymous();
        }

        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header) || header.Parameter is not { Length: > 0 } parameter)
        {
            throw Refusal.BadCredentials();
        }

        return header.Scheme.ToLowerInvariant() switch
        {
            "bearer" when parameter.Count(static c => c == '.') == 2 => new Caller.AppItself(server.Apps.Authenticate(parameter)),
            "bearer" or "token" => Find(parameter) ?? throw Refusal.BadCredentials(),
            // Client id and secret of an app, which the endpoints that want them check themselves.
            "basic" => RequestRecord.Basic(parameter) is { } basic && Find(basic.Password) is { } caller ? caller : new Caller.Anonymous(),
            _ => throw Refusal.BadCredentials(),
        };
    }

    public static string RandomText(int length) => RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", length);
}

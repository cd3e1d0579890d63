using Microsoft.Extensions.Options;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>The GitHub App of this server.</summary>
/// <param name="Key">With what the server says that it is the App.</param>
/// <param name="Slug">Its name in addresses; null for an App of the settings, which GitHub has to be asked about.</param>
/// <param name="HtmlUrl">Its page; null as above.</param>
/// <param name="Owner">Who owns it; null as above.</param>
public sealed record GitHubServerApp(GitHubAppKey Key, string? Slug, string? HtmlUrl, string? Owner);

/// <summary>What the server is at GitHub: the App and the OAuth client of the settings, else the App that was made from the manifest.</summary>
public sealed class GitHubAppAccess(GitHubAppStore store, GitHubSecrets secrets, IOptions<GitHubOptions> options)
{
    private readonly GitHubOptions _options = options.Value;

    /// <summary>The App; null when there is none.</summary>
    /// <exception cref="GitHubException">Its key cannot be opened.</exception>
    public async Task<GitHubServerApp?> FindAsync(CancellationToken cancellationToken)
    {
        if (_options is { AppId: { } id, PrivateKey: { Length: > 0 } key })
        {
            return new GitHubServerApp(new GitHubAppKey(id, key), Slug: null, HtmlUrl: null, Owner: null);
        }

        return await RegistrationAsync(cancellationToken) is { } app
            ? new GitHubServerApp(new GitHubAppKey(app.AppId, secrets.Open(GitHubSecretKind.PrivateKey, app.PrivateKey)), app.Slug, app.HtmlUrl, app.Owner)
            : null;
    }

    /// <summary>With what people are asked for their consent; null when they cannot be.</summary>
    /// <exception cref="GitHubException">The secret cannot be opened.</exception>
    public async Task<GitHubOAuthClient?> ClientAsync(CancellationToken cancellationToken)
    {
        if (_options is { ClientId: { Length: > 0 } id, ClientSecret: { Length: > 0 } secret })
        {
            return new GitHubOAuthClient(id, secret);
        }

        return await RegistrationAsync(cancellationToken) is { } app ? new GitHubOAuthClient(app.ClientId, secrets.Open(GitHubSecretKind.ClientSecret, app.ClientSecret)) : null;
    }

    /// <summary>True when consent goes to a GitHub App, whose permissions count, and not to an OAuth app, which asks for scopes.</summary>
    public bool ClientIsApp => string.IsNullOrEmpty(_options.ClientId) || _options.AppId is not null;

    /// <summary>What webhooks may be signed with; empty when none can be taken.</summary>
    /// <exception cref="GitHubException">The App's secret cannot be opened.</exception>
    public async Task<IReadOnlyList<string>> WebhookSecretsAsync(CancellationToken cancellationToken)
    {
        var found = new List<string>();
        if (_options.WebhookSecret is { Length: > 0 } set)
        {
            found.Add(set);
        }

        if (await RegistrationAsync(cancellationToken) is { WebhookSecret: { } encrypted })
        {
            found.Add(secrets.Open(GitHubSecretKind.WebhookSecret, encrypted));
        }

        return found;
    }

    /// <summary>The App that was made from the manifest; null when there is none.</summary>
    public Task<GitHubAppRegistration?> RegistrationAsync(CancellationToken cancellationToken) => store.FindAsync(cancellationToken);
}

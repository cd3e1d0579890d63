using CodexWeb.Data;
using Microsoft.Extensions.Options;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>A person's connection as it is shown.</summary>
/// <param name="Scopes">What the token may, in GitHub's words; empty when GitHub does not say.</param>
/// <param name="ExpiresAt">When its token ends, which is renewed before; null when it does not, or GitHub does not say.</param>
/// <param name="Problem">Why it does not work any more, with what to do; null while it does.</param>
/// <param name="Remark">What does not work with it, with what to do; null when all does.</param>
/// <param name="Repositories">How many of the server's repositories it brought.</param>
public sealed record GitHubConnection(
    GitHubAccountId Id, string Login, GitHubAccountKind Kind, IReadOnlyList<string> Scopes, DateTimeOffset ConnectedAt, DateTimeOffset? ExpiresAt, string? Problem, string? Remark, int Repositories);

/// <summary>The server's GitHub App as it is shown.</summary>
/// <param name="Slug">Its name in addresses; null for an App of the settings.</param>
/// <param name="Page">Its page at GitHub; null as above.</param>
/// <param name="InstallPage">Where it is installed; null as above.</param>
/// <param name="FromSettings">True when it is named in the settings, and cannot be removed here.</param>
/// <param name="HasWebhooks">True when GitHub signs its webhooks with a secret the server knows.</param>
public sealed record GitHubAppOverview(long Id, string? Slug, Uri? Page, Uri? InstallPage, string? Owner, bool FromSettings, bool HasWebhooks);

/// <summary>How the server stands with GitHub.</summary>
/// <param name="Web">The GitHub of this server.</param>
/// <param name="CanConsent">True when people can connect by consenting in the browser.</param>
/// <param name="HasSettingsToken">True when the settings have a token.</param>
/// <param name="TokenPage">Where a person makes a token with what is needed.</param>
/// <param name="Problem">Why the App cannot be used, with what to do; null when it can, or there is none.</param>
public sealed record GitHubOverview(Uri Web, IReadOnlyList<GitHubConnection> Connections, GitHubAppOverview? App, bool CanConsent, bool HasSettingsToken, Uri TokenPage, string? Problem)
{
    /// <summary>True when repositories of GitHub can be reached by more than their address.</summary>
    public bool IsConnected => Connections.Any(static connection => connection.Problem is null) || App is not null || HasSettingsToken;
}

/// <summary>The server's App as GitHub tells of it: where it is installed.</summary>
/// <param name="App">The App; null when GitHub could not be asked.</param>
/// <param name="Problem">Why GitHub could not be asked; null when it could.</param>
public sealed record GitHubInstallations(GitHubApp? App, IReadOnlyList<GitHubInstallation> Items, string? Problem);

/// <summary>Reads how the server stands with GitHub.</summary>
public sealed class GitHubOverviews(GitHubAccountStore store, GitHubAppAccess access, GitHubApps apps, GitHubAddresses addresses, IOptions<GitHubOptions> options)
{
    /// <summary>For one person. GitHub is not asked.</summary>
    public async Task<GitHubOverview> ForAsync(string person, CancellationToken cancellationToken)
    {
        var counts = await store.RepositoryCountsAsync(cancellationToken);
        var connections = (await store.ListAsync(person, cancellationToken)).Select(account => Of(account, counts.GetValueOrDefault(account.Id))).ToList();
        var (app, problem) = await AppAsync(cancellationToken);
        return new GitHubOverview(
            addresses.Web, connections, app, await CanConsentAsync(cancellationToken), !string.IsNullOrEmpty(options.Value.Token), TokenPage(), problem);
    }

    /// <summary>Where the App is installed, as GitHub says now.</summary>
    public async Task<GitHubInstallations> InstallationsAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await access.FindAsync(cancellationToken) is not { Key: var key })
            {
                return new GitHubInstallations(App: null, [], Problem: null);
            }

            var jwt = apps.CreateJwt(key);
            return new GitHubInstallations(await apps.CurrentAsync(jwt, cancellationToken), await apps.InstallationsAsync(jwt, cancellationToken), Problem: null);
        }
        catch (GitHubException exception)
        {
            return new GitHubInstallations(App: null, [], exception.Message);
        }
    }

    /// <summary>An address GitHub named, if it is a page of its own; null for anything else.</summary>
    public Uri? PageOf(string? url) => addresses.PageOf(url);

    /// <summary>Where an App is installed: https://docs.github.com/en/apps/sharing-github-apps/sharing-your-github-app; null when GitHub named no page of its own.</summary>
    public Uri? InstallPage(string? appPage) => addresses.PageOf(appPage) is { } page ? new Uri($"{page.AbsoluteUri.TrimEnd('/')}/installations/new") : null;

    private static GitHubConnection Of(GitHubAccount account, int repositories)
    {
        var scopes = account.Scopes.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        // Tokens of an App have no scopes; what the App may counts.
        var remark = account.Problem is not null || (account.Kind is GitHubAccountKind.OAuth && scopes.Length == 0) ? null : GitHubScopes.Remark(scopes.Length == 0 ? null : scopes);
        return new GitHubConnection(account.Id, account.Login, account.Kind, scopes, account.ConnectedAt, account.ExpiresAt, account.Problem, remark, repositories);
    }

    private async Task<(GitHubAppOverview? App, string? Problem)> AppAsync(CancellationToken cancellationToken)
    {
        var registration = await access.RegistrationAsync(cancellationToken);
        try
        {
            return await access.FindAsync(cancellationToken) is not { } app
                ? (null, null)
                : (new GitHubAppOverview(
                    app.Key.AppId,
                    app.Slug,
                    addresses.PageOf(app.HtmlUrl),
                    InstallPage(app.HtmlUrl),
                    app.Owner,
                    app.Slug is null,
                    (await access.WebhookSecretsAsync(cancellationToken)).Count > 0), null);
        }
        catch (GitHubException exception)
        {
            // Shown all the same, so that it can be removed.
            return (registration is null ? null : new GitHubAppOverview(registration.AppId, registration.Slug, addresses.PageOf(registration.HtmlUrl), InstallPage(registration.HtmlUrl), registration.Owner, FromSettings: false, HasWebhooks: false), exception.Message);
        }
    }

    private async Task<bool> CanConsentAsync(CancellationToken cancellationToken) =>
        !string.IsNullOrEmpty(options.Value.ClientId) || await access.RegistrationAsync(cancellationToken) is not null;

    private Uri TokenPage() => new(addresses.Web, $"settings/tokens/new?description=CodexWeb&scopes={Uri.EscapeDataString(string.Join(',', GitHubScopes.Wanted))}");
}

using System.Globalization;
using CodexWeb.GitHosts.Webhooks;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>Follows what GitHub says of the server's own standing there: installations, repositories that were renamed or moved, consent that was taken back.</summary>
public sealed class ConnectionWebhooks(GitHubKnownRepositories repositories, GitHubAccountStore accounts) : IWebhookHandler
{
    /// <inheritdoc/>
    public async ValueTask<string?> HandleAsync(WebhookEvent webhook, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        var body = new GitHubJson(webhook.Body);
        return (webhook.Event, webhook.Action) switch
        {
            ("installation", "created" or "deleted" or "suspend" or "unsuspend" or "new_permissions_accepted") => Installation(webhook.Action, body),
            ("installation_repositories", "added" or "removed") => InstallationRepositories(body),
            ("repository", "renamed" or "transferred") => await FollowAsync(webhook, cancellationToken),
            ("github_app_authorization", "revoked") => await RevokedAsync(body, cancellationToken),
            _ => null,
        };
    }

    private static string AccountOf(GitHubJson body) => GitHubText.Clean(body["installation"]["account"]["login"].Text, token: null, most: 100) ?? "an account";

    // What is stored is asked of GitHub anew; nothing of the delivery is believed but that something changed.
    private string Installation(string action, GitHubJson body)
    {
        repositories.Forget();
        return action switch
        {
            "created" => $"The App was installed on {AccountOf(body)}.",
            "deleted" => $"The App was taken off {AccountOf(body)}; its repositories are reached by people's connections alone.",
            "suspend" => $"The App was suspended on {AccountOf(body)}; its repositories are reached by people's connections alone.",
            "unsuspend" => $"The App works on {AccountOf(body)} again.",
            _ => $"The App has other rights on {AccountOf(body)} now.",
        };
    }

    private string InstallationRepositories(GitHubJson body)
    {
        repositories.Forget();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"The App reaches other repositories of {AccountOf(body)} now: {body["repositories_added"].Items.Count()} more, {body["repositories_removed"].Items.Count()} less.");
    }

    private async Task<string?> FollowAsync(WebhookEvent webhook, CancellationToken cancellationToken) =>
        webhook.RepositoryId is { } id && GitHubRepositoryName.TryParse(webhook.RepositoryName, out var name)
            ? await repositories.FollowAsync(id, name, cancellationToken)
            : null;

    private async Task<string?> RevokedAsync(GitHubJson body, CancellationToken cancellationToken)
    {
        var user = body["sender"]["id"].Number;
        var concerned = (await accounts.ListAsync(person: null, cancellationToken)).Where(account => account.UserId == user && account is { Kind: GitHubAccountKind.OAuth, Problem: null }).ToList();
        foreach (var account in concerned)
        {
            await accounts.ChangeAsync(account.Id, static stored => stored.Fail($"{stored.Login} took the consent back at GitHub. Connect again."), cancellationToken);
        }

        repositories.Forget();
        return concerned.Count == 0 ? null : $"{concerned[0].Login} took the consent back; the connection is marked.";
    }
}

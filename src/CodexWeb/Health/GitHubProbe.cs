using CodexWeb.GitHosts.GitHub;
using CodexWeb.GitHosts.Webhooks;
using CodexWeb.Ui;

namespace CodexWeb.Health;

/// <summary>Is GitHub connected, do the tokens and the App work, and do webhooks arrive? No task needs it; GitHub is asked only when something is connected.</summary>
internal sealed class GitHubProbe(GitHubOverviews overviews, GitHubAccountAccess accounts, GitHubUsers users, WebhookQueries webhooks) : IHealthProbe
{
    private const string ConnectAgain = "Connect again: Settings, GitHub.";

    // Shorter than the doctor's own: that GitHub is slow must not keep tasks waiting.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    public string Name => "GitHub";

    public async Task<IReadOnlyList<HealthCheck>> LookAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            var overview = await overviews.ForAsync(LocalPerson.Name, deadline.Token);
            if (overview is { Connections.Count: 0, App: null, HasSettingsToken: false })
            {
                return [HealthCheck.Pass(Name, "No account is connected. Public repositories work by their address; Settings, GitHub connects one.")];
            }

            var checks = new List<HealthCheck>();
            foreach (var connection in overview.Connections)
            {
                checks.Add(await LookAtAsync(connection, deadline.Token));
            }

            if (overview.App is { } app)
            {
                checks.Add(await LookAtAppAsync(app, overview.Problem, deadline.Token));
                checks.Add(await LookAtWebhooksAsync(app.HasWebhooks, deadline.Token));
            }

            return checks.Count > 0 ? checks : [HealthCheck.Pass(Name, "The token of the settings (GitHub:Token) is used.")];
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [HealthCheck.Warn(Name, $"GitHub did not answer within {Patience.TotalSeconds:0} seconds.", "Check this machine's network, and GitHub:BaseUrl for an Enterprise Server.")];
        }
    }

    private async Task<HealthCheck> LookAtAsync(GitHubConnection connection, CancellationToken cancellationToken)
    {
        var name = $"GitHub connection {connection.Login}";
        if (connection.Problem is { } problem)
        {
            return HealthCheck.Warn(name, problem, ConnectAgain);
        }

        try
        {
            if (await accounts.TokenAsync(connection.Id, cancellationToken) is not { } token)
            {
                return HealthCheck.Warn(name, "Its token does not work any more.", ConnectAgain);
            }

            var (user, _) = await users.CurrentAsync(token, cancellationToken);
            return HealthCheck.Pass(name, connection.Remark is { } remark ? $"GitHub takes the token of {user.Login}. {remark}" : $"GitHub takes the token of {user.Login}.");
        }
        catch (GitHubException exception)
        {
            return HealthCheck.Warn(name, exception.Message, exception.Failure is GitHubFailure.Unauthorized ? ConnectAgain : "Try again later, or check this machine's network.");
        }
    }

    private async Task<HealthCheck> LookAtAppAsync(GitHubAppOverview app, string? problem, CancellationToken cancellationToken)
    {
        const string name = "GitHub App";
        var fix = app.FromSettings ? "Check GitHub:AppId and GitHub:PrivateKey." : "Remove the App in Settings, GitHub, and set it up again.";
        if (problem is not null)
        {
            return HealthCheck.Warn(name, problem, fix);
        }

        var installations = await overviews.InstallationsAsync(cancellationToken);
        return installations switch
        {
            { Problem: { } refused } => HealthCheck.Warn(name, refused, fix),
            { Items.Count: 0 } => HealthCheck.Warn(name, "It is installed nowhere, so it reaches no repository.", "Install it: Settings, GitHub."),
            _ => HealthCheck.Pass(name, $"Installed on {string.Join(", ", installations.Items.Select(static installation => installation.SuspendedAt is null ? installation.AccountLogin : $"{installation.AccountLogin} (suspended)"))}."),
        };
    }

    private async Task<HealthCheck> LookAtWebhooksAsync(bool expected, CancellationToken cancellationToken)
    {
        const string name = "GitHub webhooks";
        if (!expected)
        {
            return HealthCheck.Pass(name, "None are sent; the server looks for news itself.");
        }

        return (await webhooks.ListAsync(1, cursor: null, cancellationToken)).Items is [var last, ..]
            ? HealthCheck.Pass(name, $"The last one came on {Words.Exact(last.ReceivedAt)}.")
            : HealthCheck.Warn(
                name,
                "None has arrived yet.",
                $"The App's page at GitHub shows its deliveries under Advanced. The address there must be this server's public one with {WebhookServices.Path}, and what stands before the server must let that through.");
    }
}

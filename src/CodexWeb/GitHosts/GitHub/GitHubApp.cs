namespace CodexWeb.GitHosts.GitHub;

/// <summary>With what the server says that it is a GitHub App.</summary>
/// <param name="AppId">The App's number.</param>
/// <param name="PrivateKey">PEM text, or what the setting <c>GitHub:PrivateKey</c> may be.</param>
public sealed record GitHubAppKey(long AppId, string PrivateKey)
{
    /// <summary>Never the key.</summary>
    public override string ToString() => $"GitHub App {AppId}";
}

/// <summary>A GitHub App.</summary>
/// <param name="Slug">Its name in addresses: <c>{Web}/apps/{slug}</c>.</param>
/// <param name="HtmlUrl">Its page.</param>
/// <param name="OwnerLogin">Who it belongs to; empty when not told.</param>
public sealed record GitHubApp(long Id, string Slug, string Name, string HtmlUrl, string OwnerLogin)
{
    internal static GitHubApp From(GitHubJson app) => new(
        GitHubFields.Needed(app["id"].Number, "GitHub App", "id"), app["slug"].Text ?? "", app["name"].Text ?? "", app["html_url"].Text ?? "", app["owner"]["login"].Text ?? "");
}

/// <summary>A GitHub App that was made from a manifest, with its secrets: GitHub tells them this once.</summary>
/// <param name="PrivateKey">PEM text.</param>
/// <param name="WebhookSecret">Null when it was made without webhooks.</param>
public sealed record NewGitHubApp(GitHubApp App, string ClientId, string ClientSecret, string PrivateKey, string? WebhookSecret)
{
    internal static NewGitHubApp From(GitHubJson app) => new(
        GitHubApp.From(app),
        GitHubFields.Needed(app["client_id"].Text, "new GitHub App", "client_id"),
        GitHubFields.Needed(app["client_secret"].Text, "new GitHub App", "client_secret"),
        GitHubFields.Needed(app["pem"].Text, "new GitHub App", "pem"),
        app["webhook_secret"].Text);

    /// <summary>Never the secrets.</summary>
    public override string ToString() => $"new GitHub App {App.Slug}";
}

/// <summary>A place a GitHub App is installed: the account of a person or an organisation.</summary>
/// <param name="AccountLogin">Whose account; empty when it is gone.</param>
/// <param name="AccountKind"><c>User</c> or <c>Organization</c>.</param>
/// <param name="SelectedOnly">True when it reaches chosen repositories alone.</param>
/// <param name="SuspendedAt">Since when it is suspended; null when it is not.</param>
/// <param name="HtmlUrl">The page where it is changed.</param>
/// <param name="Permissions">What it was given: <c>contents</c> → <c>write</c>.</param>
public sealed record GitHubInstallation(
    long Id, long AppId, string AccountLogin, string AccountKind, bool SelectedOnly, DateTimeOffset? SuspendedAt, string HtmlUrl, IReadOnlyDictionary<string, string> Permissions)
{
    internal static GitHubInstallation From(GitHubJson installation) =>
        TryFrom(installation) ?? throw new GitHubException(GitHubFailure.Unexpected, "GitHub's answer is of no use: its installation has no id.");

    internal static GitHubInstallation? TryFrom(GitHubJson installation) => installation["id"].Number is { } id
        ? new GitHubInstallation(
            id,
            installation["app_id"].Number ?? 0,
            installation["account"]["login"].Text ?? "",
            installation["account"]["type"].Text ?? installation["target_type"].Text ?? "",
            installation["repository_selection"].Text == "selected",
            installation["suspended_at"].Time,
            installation["html_url"].Text ?? "",
            installation["permissions"].Properties.Where(static permission => permission.Value.Text is not null)
                .DistinctBy(static permission => permission.Key, StringComparer.Ordinal)
                .ToDictionary(static permission => permission.Key, static permission => permission.Value.Text!, StringComparer.Ordinal))
        : null;
}

/// <summary>A token of an installation.</summary>
/// <param name="ExpiresAt">An hour after it was made.</param>
public sealed record GitHubInstallationToken(GitHubToken Token, DateTimeOffset ExpiresAt);

namespace CodexWeb.GitHosts.GitHub;

/// <summary>The server's own GitHub App, as it was made from the manifest. There is at most one; an App named in the settings wins over it.</summary>
public sealed class GitHubAppRegistration
{
    private GitHubAppRegistration()
    {
    }

    /// <summary>GitHub's number of the App.</summary>
    public long AppId { get; private init; }

    /// <summary>Its name in addresses.</summary>
    public string Slug { get; private init; } = "";

    /// <summary>Its page at GitHub.</summary>
    public string HtmlUrl { get; private init; } = "";

    /// <summary>The user or organisation that owns it.</summary>
    public string Owner { get; private init; } = "";

    /// <summary>For the OAuth flow.</summary>
    public string ClientId { get; private init; } = "";

    /// <summary>For the OAuth flow, encrypted.</summary>
    public string ClientSecret { get; private init; } = "";

    /// <summary>PEM, encrypted.</summary>
    public string PrivateKey { get; private init; } = "";

    /// <summary>What webhooks are signed with, encrypted; null when the App sends none.</summary>
    public string? WebhookSecret { get; private init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>A new registration; the secrets are encrypted already.</summary>
    public static GitHubAppRegistration Register(long appId, string slug, string htmlUrl, string owner, string clientId, string clientSecret, string privateKey, string? webhookSecret, DateTimeOffset now) => new()
    {
        AppId = appId,
        Slug = slug,
        HtmlUrl = htmlUrl,
        Owner = owner,
        ClientId = clientId,
        ClientSecret = clientSecret,
        PrivateKey = privateKey,
        WebhookSecret = webhookSecret,
        CreatedAt = now,
    };
}

using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>The kinds of secrets that are stored. What was encrypted as one kind cannot be opened as another.</summary>
public enum GitHubSecretKind
{
    /// <summary>With what a person's account is used.</summary>
    AccessToken,

    /// <summary>With what a new access token is had.</summary>
    RefreshToken,

    /// <summary>Of the server's GitHub App.</summary>
    ClientSecret,

    /// <summary>Of the server's GitHub App.</summary>
    PrivateKey,

    /// <summary>What GitHub signs webhooks with.</summary>
    WebhookSecret,
}

/// <summary>Encrypts secrets for the database and opens them again.</summary>
public sealed class GitHubSecrets(IDataProtectionProvider protection)
{
    /// <summary>Encrypts one.</summary>
    public string Close(GitHubSecretKind kind, string secret) => ProtectorOf(kind).Protect(secret);

    /// <summary>Opens one.</summary>
    /// <exception cref="GitHubException">It was encrypted with keys that are gone: <see cref="GitHubFailure.Unauthorized"/>.</exception>
    public string Open(GitHubSecretKind kind, string encrypted)
    {
        try
        {
            return ProtectorOf(kind).Unprotect(encrypted);
        }
        catch (CryptographicException exception)
        {
            throw new GitHubException(GitHubFailure.Unauthorized, "The stored secret cannot be opened: the folder keys in the data folder is not the one it was stored with. Connect GitHub again in Settings.", exception);
        }
    }

    private IDataProtector ProtectorOf(GitHubSecretKind kind) => protection.CreateProtector($"CodexWeb.GitHub.{kind}");
}

namespace CodexWeb.GitHosts.GitHub;

/// <summary>Tokens that people gave by consenting at GitHub: how they are kept and how they end.</summary>
public sealed class GitHubConsents(GitHubSecrets secrets, GitHubOAuth oauth, GitHubAppAccess app)
{
    /// <summary>Gives a connection what a consent gave, encrypted.</summary>
    public void Hold(GitHubAccount account, GitHubOAuthToken given, string login)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(given);
        account.Hold(
            secrets.Close(GitHubSecretKind.AccessToken, given.Token.Value),
            given.RefreshToken is { } refresh ? secrets.Close(GitHubSecretKind.RefreshToken, refresh.Value) : null,
            given.ExpiresAt,
            string.Join(',', given.Scopes),
            login);
    }

    /// <summary>A new token for a connection whose token ends; null when it cannot be renewed.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public async Task<GitHubOAuthToken?> RenewAsync(GitHubAccount account, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(account);
        return account.RefreshSecret is { } encrypted && await app.ClientAsync(cancellationToken) is { } client
            ? await oauth.RefreshAsync(client, new GitHubToken(secrets.Open(GitHubSecretKind.RefreshToken, encrypted)), cancellationToken)
            : null;
    }

    /// <summary>Ends the token of a connection at GitHub. A token the person made is the person's own to end.</summary>
    /// <returns>Why that could not be done; null when it was, or need not be.</returns>
    public async Task<string?> RevokeAsync(GitHubAccount account, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(account);
        try
        {
            if (account.Kind is GitHubAccountKind.OAuth && await app.ClientAsync(cancellationToken) is { } client)
            {
                await oauth.RevokeAsync(client, new GitHubToken(secrets.Open(GitHubSecretKind.AccessToken, account.Secret)), cancellationToken);
            }

            return null;
        }
        catch (GitHubException exception)
        {
            return exception.Message;
        }
    }
}

using CodexWeb.Data;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>A connection that was removed.</summary>
/// <param name="Login">Whose it was at GitHub.</param>
/// <param name="Repositories">How many of the server's repositories it had brought; they stay.</param>
/// <param name="RevokeProblem">Why GitHub could not be told to end the token; null when it was told, or the token is the person's own to end.</param>
public sealed record RemovedConnection(string Login, int Repositories, string? RevokeProblem);

/// <summary>Makes and removes people's connections to GitHub.</summary>
public sealed class GitHubConnections(GitHubAccountStore store, GitHubSecrets secrets, GitHubUsers users, GitHubKnownRepositories repositories, GitHubConsents consents, TimeProvider time)
{
    /// <summary>Connects by a token the person made. It is tried at GitHub before anything is stored.</summary>
    public async Task<CommandResult<GitHubAccountId>> ConnectByTokenAsync(string person, string? token, CancellationToken cancellationToken)
    {
        var text = (token ?? "").Trim();
        if (FindError(text) is { } error)
        {
            return new CommandResult<GitHubAccountId>.Invalid("token", error);
        }

        try
        {
            var (user, scopes) = await users.CurrentAsync(new GitHubToken(text), cancellationToken);
            if (GitHubScopes.Obstacle(user.Login, scopes) is { } obstacle)
            {
                return new CommandResult<GitHubAccountId>.Invalid("token", obstacle);
            }

            var account = await store.ConnectAsync(
                GitHubAccount.Connect(person, GitHubAccountKind.Token, user.Id, user.Login, time),
                made => made.Hold(secrets.Close(GitHubSecretKind.AccessToken, text), refreshSecret: null, expiresAt: null, string.Join(',', scopes ?? []), user.Login),
                cancellationToken);
            await repositories.AdoptAsync(cancellationToken);
            return new CommandResult<GitHubAccountId>.Done(account.Id);
        }
        catch (GitHubException exception) when (exception.Failure is GitHubFailure.Unauthorized)
        {
            return new CommandResult<GitHubAccountId>.Invalid("token", "GitHub does not know this token: it is mistyped, expired or revoked. Make a new one on GitHub's page and paste all of it.");
        }
        catch (GitHubException exception)
        {
            return new CommandResult<GitHubAccountId>.Refused(exception.Message);
        }
    }

    /// <summary>Connects by what a person's consent gave.</summary>
    public async Task<CommandResult<GitHubAccountId>> ConnectByConsentAsync(string person, GitHubOAuthToken given, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(given);
        try
        {
            var (user, _) = await users.CurrentAsync(given.Token, cancellationToken);
            var account = await store.ConnectAsync(
                GitHubAccount.Connect(person, GitHubAccountKind.OAuth, user.Id, user.Login, time),
                made => consents.Hold(made, given, user.Login),
                cancellationToken);
            await repositories.AdoptAsync(cancellationToken);
            return new CommandResult<GitHubAccountId>.Done(account.Id);
        }
        catch (GitHubException exception)
        {
            return new CommandResult<GitHubAccountId>.Refused(exception.Message);
        }
    }

    /// <summary>Removes a connection with its secrets. A token that GitHub gave by consent is ended there too. Repositories stay.</summary>
    public async Task<CommandResult<RemovedConnection>> DisconnectAsync(string person, GitHubAccountId id, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(id, cancellationToken) is not { } account || !string.Equals(account.Person, person, StringComparison.Ordinal))
        {
            return new CommandResult<RemovedConnection>.NotFound("There is no such connection.");
        }

        var count = (await store.RepositoryCountsAsync(cancellationToken)).GetValueOrDefault(id);
        var problem = await consents.RevokeAsync(account, cancellationToken);
        await store.RemoveAsync(id, cancellationToken);
        repositories.Forget();
        return new CommandResult<RemovedConnection>.Done(new RemovedConnection(account.Login, count, problem));
    }

    private static string? FindError(string token) => token switch
    {
        { Length: 0 } => "Paste a token of GitHub.",
        { Length: > 500 } => "This is too long for a token of GitHub. Paste the token alone.",
        _ when token.Any(static character => !char.IsAsciiLetterOrDigit(character) && character is not ('_' or '-' or '.')) => "A token of GitHub has letters, digits and _ only. Paste the token alone.",
        _ when token.StartsWith("ghs_", StringComparison.Ordinal) => "This is a token of an App's installation, which ends within the hour. Set the App up here instead, or make a personal token.",
        _ when token.StartsWith("ghr_", StringComparison.Ordinal) => "This is a refresh token. Paste an access token.",
        _ => null,
    };
}

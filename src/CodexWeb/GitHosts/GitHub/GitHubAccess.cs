using CodexWeb.Data;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>Gives out tokens: for a repository by whatever reaches it, for a person by the person's own connection. Callers keep none; they ask again for each piece of work.</summary>
public sealed class GitHubAccess(GitHubRoutes routes, GitHubAccountStore store, GitHubAccountAccess accounts, GitHubInstallationAccess installations, GitHubReachableCache reachable)
{
    /// <summary>
    /// A token for a repository: of the App's installation there, else of the connection that brought it, else of any connection that reaches it, else that of the settings.
    /// </summary>
    /// <returns>Null when nothing reaches it.</returns>
    /// <exception cref="GitHubException">GitHub could not be asked.</exception>
    public async Task<GitHubToken?> ForRepositoryAsync(GitHubRepositoryName repository, CancellationToken cancellationToken)
    {
        var token = await ByAsync(await routes.FindAsync(repository, cancellationToken), cancellationToken);
        if (token is not null)
        {
            return token;
        }

        // A connection that broke since; there may be another.
        routes.Forget();
        return await ByAsync(await routes.FindAsync(repository, cancellationToken), cancellationToken);
    }

    /// <summary>A token of a person's own newest connection that works; null when there is none.</summary>
    /// <exception cref="GitHubException">GitHub could not be asked.</exception>
    public async Task<GitHubToken?> ForPersonAsync(string person, CancellationToken cancellationToken)
    {
        foreach (var account in await store.ListAsync(person, cancellationToken))
        {
            if (await accounts.TokenAsync(account.Id, cancellationToken) is { } token)
            {
                return token;
            }
        }

        return null;
    }

    /// <summary>The connection a repository is reached by; null when it is no person's.</summary>
    /// <exception cref="GitHubException">GitHub could not be asked.</exception>
    public async Task<GitHubAccountId?> AccountForAsync(GitHubRepositoryName repository, CancellationToken cancellationToken) =>
        await routes.FindAsync(repository, cancellationToken) is GitHubRoute.Account account ? account.Id : null;

    /// <summary>Forgets what was remembered of GitHub, because connections changed here or there.</summary>
    public void Forget()
    {
        routes.Forget();
        installations.Forget();
        reachable.Forget();
    }

    private async Task<GitHubToken?> ByAsync(GitHubRoute route, CancellationToken cancellationToken) => route switch
    {
        GitHubRoute.Installation(var id, var repository) => await installations.TokenAsync(id, repository, cancellationToken),
        GitHubRoute.Account(var id) => await accounts.TokenAsync(id, cancellationToken),
        GitHubRoute.Setting => reachable.SettingsToken,
        _ => null,
    };
}

using CodexWeb.Data;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>By what a repository is reached. A closed union.</summary>
public abstract record GitHubRoute
{
    /// <summary>An installation of the server's App.</summary>
    /// <param name="RepositoryId">The repository's number, to make a token for it alone; null when it is not known.</param>
    public sealed record Installation(long Id, long? RepositoryId) : GitHubRoute;

    /// <summary>A person's connection.</summary>
    public sealed record Account(GitHubAccountId Id) : GitHubRoute;

    /// <summary>The token of the settings.</summary>
    public sealed record Setting : GitHubRoute;

    /// <summary>Nothing reaches it.</summary>
    public sealed record None : GitHubRoute;
}

/// <summary>Finds by what a repository is reached, and remembers it for five minutes.</summary>
public sealed class GitHubRoutes(
    GitHubAccountStore store, GitHubAccountAccess accounts, GitHubInstallationAccess installations, GitHubRepositories repositories, IOptions<GitHubOptions> options) : IDisposable
{
    private static readonly TimeSpan FoundFor = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan MissedFor = TimeSpan.FromSeconds(30);

    private readonly MemoryCache _routes = new(new MemoryCacheOptions { SizeLimit = 10_000 });
    private readonly KeyedGate<GitHubRepositoryName> _gate = new();

    /// <summary>The App's installation, else the connection that brought the repository, else any connection that reaches it, best one that may push, else the token of the settings.</summary>
    /// <exception cref="GitHubException">GitHub could not be asked.</exception>
    public async Task<GitHubRoute> FindAsync(GitHubRepositoryName repository, CancellationToken cancellationToken)
    {
        using var turn = await _gate.EnterAsync(repository, cancellationToken);
        if (_routes.Get<GitHubRoute>(repository) is { } known)
        {
            return known;
        }

        var found = await LookAsync(repository, cancellationToken);
        _routes.Set(repository, found, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = found is GitHubRoute.None ? MissedFor : FoundFor });
        return found;
    }

    /// <summary>Forgets all, because connections changed.</summary>
    public void Forget() => _routes.Clear();

    /// <inheritdoc/>
    public void Dispose() => _routes.Dispose();

    private async Task<GitHubRoute> LookAsync(GitHubRepositoryName repository, CancellationToken cancellationToken)
    {
        var (id, connectedBy) = await store.RepositoryAsync(repository, cancellationToken);
        if (await InstallationAsync(repository, cancellationToken) is { } installation)
        {
            return new GitHubRoute.Installation(installation, id);
        }

        GitHubRoute? readOnly = null;
        foreach (var account in (await store.ListAsync(person: null, cancellationToken)).OrderByDescending(account => account.Id == connectedBy))
        {
            if (await accounts.TokenAsync(account.Id, cancellationToken) is { } token && await MayPushAsync(token, repository, cancellationToken) is { } mayPush)
            {
                if (mayPush)
                {
                    return new GitHubRoute.Account(account.Id);
                }

                readOnly ??= new GitHubRoute.Account(account.Id);
            }
        }

        return string.IsNullOrEmpty(options.Value.Token) ? readOnly ?? new GitHubRoute.None() : new GitHubRoute.Setting();
    }

    // An App whose key is wrong must not keep people's own connections from working; the doctor tells of it.
    private async Task<long?> InstallationAsync(GitHubRepositoryName repository, CancellationToken cancellationToken)
    {
        try
        {
            return await installations.FindAsync(repository, cancellationToken);
        }
        catch (GitHubException exception) when (exception.Failure is GitHubFailure.Unauthorized or GitHubFailure.Forbidden or GitHubFailure.NotFound)
        {
            return null;
        }
    }

    private async Task<bool?> MayPushAsync(GitHubToken token, GitHubRepositoryName repository, CancellationToken cancellationToken)
    {
        try
        {
            return (await repositories.GetAsync(token, repository, cancellationToken)).CanPush;
        }
        catch (GitHubException exception) when (exception.Failure is GitHubFailure.NotFound or GitHubFailure.Forbidden or GitHubFailure.Unauthorized)
        {
            return null;
        }
    }
}

using System.Collections.Concurrent;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>Tokens of the App's installations. They last an hour; one is used until five minutes before its end.</summary>
public sealed class GitHubInstallationAccess(GitHubApps apps, GitHubAppAccess app, TimeProvider time)
{
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FoundFor = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan MissedFor = TimeSpan.FromSeconds(30);

    private readonly KeyedGate<(long App, string What)> _gate = new();
    private readonly ConcurrentDictionary<(long App, GitHubRepositoryName Repository), (long? Installation, DateTimeOffset Until)> _places = new();
    private readonly ConcurrentDictionary<(long Installation, long? Repository), (GitHubToken Token, DateTimeOffset Until)> _tokens = new();

    /// <summary>The installation that reaches a repository; null when there is no App, or it is not installed there, or suspended.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public async Task<long?> FindAsync(GitHubRepositoryName repository, CancellationToken cancellationToken)
    {
        if (await app.FindAsync(cancellationToken) is not { Key: var key })
        {
            return null;
        }

        using var turn = await _gate.EnterAsync((key.AppId, repository.ToString().ToUpperInvariant()), cancellationToken);
        if (_places.TryGetValue((key.AppId, repository), out var known) && known.Until > time.GetUtcNow())
        {
            return known.Installation;
        }

        var found = await apps.FindInstallationAsync(apps.CreateJwt(key), repository, cancellationToken);
        long? installation = found is { SuspendedAt: null } ? found.Id : null;
        _places[(key.AppId, repository)] = (installation, time.GetUtcNow() + (installation is null ? MissedFor : FoundFor));
        return installation;
    }

    /// <summary>A token of an installation.</summary>
    /// <param name="repositoryId">The one repository it shall reach; null for all of the installation.</param>
    /// <exception cref="GitHubException">There is no App any more, or GitHub refused or could not be asked.</exception>
    public async Task<GitHubToken> TokenAsync(long installation, long? repositoryId, CancellationToken cancellationToken)
    {
        var key = (await app.FindAsync(cancellationToken))?.Key
            ?? throw new GitHubException(GitHubFailure.Unauthorized, "This server has no GitHub App any more. Set one up in Settings, or connect by token.");
        using var turn = await _gate.EnterAsync((key.AppId, $"{installation}/{repositoryId}"), cancellationToken);
        if (_tokens.TryGetValue((installation, repositoryId), out var known) && known.Until > time.GetUtcNow())
        {
            return known.Token;
        }

        var made = await apps.CreateTokenAsync(apps.CreateJwt(key), installation, repositoryId is { } id ? [id] : null, cancellationToken);
        _tokens[(installation, repositoryId)] = (made.Token, made.ExpiresAt - Margin);
        return made.Token;
    }

    /// <summary>Where the App is installed; empty without an App.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public async Task<IReadOnlyList<GitHubInstallation>> ListAsync(CancellationToken cancellationToken) =>
        await app.FindAsync(cancellationToken) is { Key: var key } ? await apps.InstallationsAsync(apps.CreateJwt(key), cancellationToken) : [];

    /// <summary>Forgets what is known, because something changed at GitHub or here.</summary>
    public void Forget()
    {
        _places.Clear();
        _tokens.Clear();
    }

    /// <summary>Forgets a token GitHub does not take any more.</summary>
    internal void Forget(GitHubToken token)
    {
        foreach (var (place, known) in _tokens)
        {
            if (known.Token == token)
            {
                _tokens.TryRemove(place, out _);
            }
        }
    }
}

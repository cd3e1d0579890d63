using CodexWeb.Data;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>A repository of GitHub that a person's connections reach.</summary>
/// <param name="Id">GitHub's number of it.</param>
/// <param name="Name"><c>owner/name</c>.</param>
/// <param name="Owner">The organisation or person.</param>
/// <param name="CloneUrl">By which it is connected.</param>
/// <param name="CanPush">False when the connection may read only.</param>
/// <param name="Connected">The server's repository it is already; null when it is none.</param>
public sealed record ReachableRepository(
    long Id, string Name, string Owner, bool Private, bool Archived, bool CanPush, string DefaultBranch, string CloneUrl, string? Description, DateTimeOffset? PushedAt, RepositoryId? Connected);

/// <summary>What a person's connections reach.</summary>
/// <param name="Items">By owner, the one with the newest push first, and so within each.</param>
/// <param name="Organisations">All owners there are, whatever was searched for.</param>
/// <param name="Problems">Connections that could not be asked, with what to do.</param>
public sealed record ReachableRepositories(IReadOnlyList<ReachableRepository> Items, IReadOnlyList<string> Organisations, IReadOnlyList<string> Problems);

/// <summary>Lists the repositories of GitHub that can be connected. What GitHub said counts for a minute, so that typing asks it nothing.</summary>
public sealed class GitHubReachable(GitHubAccountStore store, GitHubAccountAccess accounts, GitHubInstallationAccess installations, GitHubRepositories repositories, GitHubReachableCache cache)
{
    /// <summary>Those whose name or description contains a text.</summary>
    /// <param name="query">In any case; null or empty for all.</param>
    /// <param name="organisation">One owner; null or empty for all.</param>
    public async Task<ReachableRepositories> ListAsync(string person, string? query, string? organisation, CancellationToken cancellationToken)
    {
        var (found, problems) = await cache.FindAsync(person, () => LoadAsync(person, cancellationToken), cancellationToken);
        var connected = await store.ConnectedAsync(cancellationToken);
        var text = query?.Trim() ?? "";
        var items = found
            .Where(repository => string.IsNullOrEmpty(organisation) || string.Equals(repository.FullName.Owner, organisation, StringComparison.OrdinalIgnoreCase))
            .Where(repository => text.Length == 0
                || repository.FullName.ToString().Contains(text, StringComparison.OrdinalIgnoreCase) || repository.Description?.Contains(text, StringComparison.OrdinalIgnoreCase) is true)
            .Select(repository => cache.Describe(repository, connected.TryGetValue(repository.Id, out var id) ? id : null));
        return new ReachableRepositories([.. items], [.. found.Select(static repository => repository.FullName.Owner).Distinct(StringComparer.OrdinalIgnoreCase)], problems);
    }

    private async Task<(IReadOnlyList<GitHubRepository> Found, IReadOnlyList<string> Problems)> LoadAsync(string person, CancellationToken cancellationToken)
    {
        var found = new Dictionary<long, GitHubRepository>();
        var problems = new List<string>();
        await TryAsync(problems, async () =>
        {
            foreach (var installation in (await installations.ListAsync(cancellationToken)).Where(static installation => installation.SuspendedAt is null))
            {
                var token = await installations.TokenAsync(installation.Id, repositoryId: null, cancellationToken);
                // GitHub does not tell an App what it may with each; it may what it was given.
                var mayPush = installation.Permissions.GetValueOrDefault("contents") == "write";
                await AddAsync(found, repositories.ListForInstallationAsync(token, cancellationToken), mayPush);
            }
        });
        foreach (var account in await store.ListAsync(person, cancellationToken))
        {
            await TryAsync(problems, async () =>
            {
                if (await accounts.TokenAsync(account.Id, cancellationToken) is { } token)
                {
                    await AddAsync(found, repositories.ListAsync(token, cancellationToken), mayPush: false);
                }
                else
                {
                    problems.Add($"The connection of {account.Login} does not work any more. Connect it again in Settings.");
                }
            });
        }

        if (cache.SettingsToken is { } setting)
        {
            await TryAsync(problems, () => AddAsync(found, repositories.ListAsync(setting, cancellationToken), mayPush: false));
        }

        return (InOrder(found.Values), problems);
    }

    private static async Task AddAsync(Dictionary<long, GitHubRepository> found, IAsyncEnumerable<GitHubRepository> more, bool mayPush)
    {
        await foreach (var repository in more)
        {
            var known = found.GetValueOrDefault(repository.Id);
            found[repository.Id] = repository with { CanPush = repository.CanPush || mayPush || known?.CanPush is true };
        }
    }

    private static List<GitHubRepository> InOrder(IEnumerable<GitHubRepository> repositories) =>
    [
        .. repositories
            .GroupBy(static repository => repository.FullName.Owner, StringComparer.OrdinalIgnoreCase)
            .OrderByDescending(static owner => owner.Max(static repository => repository.PushedAt))
            .SelectMany(static owner => owner.OrderByDescending(static repository => repository.PushedAt).ThenBy(static repository => repository.FullName.Name, StringComparer.OrdinalIgnoreCase)),
    ];

    private static async Task TryAsync(List<string> problems, Func<Task> ask)
    {
        try
        {
            await ask();
        }
        catch (GitHubException exception)
        {
            problems.Add(exception.Message);
        }
    }
}

/// <summary>What GitHub said of the repositories each person reaches, for a minute.</summary>
public sealed class GitHubReachableCache(GitHubAddresses addresses, IOptions<GitHubOptions> options) : IDisposable
{
    private static readonly TimeSpan FreshFor = TimeSpan.FromMinutes(1);

    private readonly MemoryCache _found = new(new MemoryCacheOptions());
    private readonly KeyedGate<string> _gate = new();

    /// <summary>The token of the settings; null for none.</summary>
    internal GitHubToken? SettingsToken => string.IsNullOrEmpty(options.Value.Token) ? null : new GitHubToken(options.Value.Token);

    /// <summary>Forgets all, because connections changed.</summary>
    public void Forget() => _found.Clear();

    /// <inheritdoc/>
    public void Dispose() => _found.Dispose();

    internal async Task<(IReadOnlyList<GitHubRepository> Found, IReadOnlyList<string> Problems)> FindAsync(
        string person, Func<Task<(IReadOnlyList<GitHubRepository> Found, IReadOnlyList<string> Problems)>> load, CancellationToken cancellationToken)
    {
        using var turn = await _gate.EnterAsync(person, cancellationToken);
        if (_found.TryGetValue(person, out (IReadOnlyList<GitHubRepository> Found, IReadOnlyList<string> Problems) known))
        {
            return known;
        }

        var loaded = await load();
        if (loaded.Problems.Count == 0)
        {
            _found.Set(person, loaded, FreshFor);
        }

        return loaded;
    }

    internal ReachableRepository Describe(GitHubRepository repository, RepositoryId? connected) => new(
        repository.Id,
        repository.FullName.ToString(),
        repository.FullName.Owner,
        repository.Private,
        repository.Archived,
        repository.CanPush,
        repository.DefaultBranch,
        addresses.CloneUrl(repository.FullName),
        repository.Description,
        repository.PushedAt,
        connected);
}

using CodexWeb.Data;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>Keeps what the server knows of its repositories in step with GitHub: their numbers, connections, names and addresses.</summary>
public sealed class GitHubKnownRepositories(IDbContextFactory<CodexDb> databases, WriteGate gate, GitHubAddresses addresses, GitHubAccess access, GitHubRepositories repositories)
{
    private const int MostAdopted = 100;

    /// <summary>After a connection came: takes GitHub's numbers of repositories that were connected before by their address alone.</summary>
    public async Task AdoptAsync(CancellationToken cancellationToken)
    {
        access.Forget();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var strangers = (await db.Repositories.Where(repository => repository.HostRepositoryId == null || repository.AccountId == null).ToListAsync(cancellationToken))
            .Select(repository => (Repository: repository, Name: addresses.NameOf(repository.Url)))
            .Where(stranger => stranger.Name is not null)
            .Take(MostAdopted);
        foreach (var (repository, name) in strangers)
        {
            if (await LookAsync(name!, cancellationToken) is { } known)
            {
                repository.KnownAs(known.Id, await access.AccountForAsync(name!, cancellationToken));
            }
        }

        await db.SaveInTurnAsync(gate, cancellationToken);
    }

    /// <summary>After GitHub said that a repository has another name or owner: follows it to what it is called now, for that may have changed since.</summary>
    /// <param name="name">As it was called then.</param>
    /// <returns>What came of it, in a sentence; null when the repository is not connected here.</returns>
    public async Task<string?> FollowAsync(long hostRepositoryId, GitHubRepositoryName name, CancellationToken cancellationToken)
    {
        access.Forget();
        if (await LookAsync(name, cancellationToken) is { } now && now.Id == hostRepositoryId)
        {
            name = now.FullName;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        using var turn = await gate.EnterAsync(cancellationToken);
        if (await db.Repositories.FirstOrDefaultAsync(repository => repository.HostRepositoryId == hostRepositoryId, cancellationToken) is not { } known)
        {
            return null;
        }

        var before = addresses.NameOf(known.Url);
        var url = addresses.AddressLike(known.Url, name);
        if (string.Equals(url, known.Url, StringComparison.Ordinal))
        {
            return $"{known.Name} has this address already.";
        }

        if (await db.Repositories.AnyAsync(repository => repository.Url == url, cancellationToken))
        {
            return $"{known.Name} is {name} now, but another repository is connected by that address. Disconnect one of the two.";
        }

        // A name somebody chose stays.
        known.MoveTo(string.Equals(known.Name, before?.ToString(), StringComparison.OrdinalIgnoreCase) ? Shorten(name.ToString()) : known.Name, url);
        await db.SaveChangesAsync(cancellationToken);
        return $"{before} is {name} now; its address was changed.";
    }

    /// <summary>Forgets by what repositories were reached, because connections changed.</summary>
    public void Forget() => access.Forget();

    private static string Shorten(string name) => name.Length <= 100 ? name : name[^100..];

    private async Task<GitHubRepository?> LookAsync(GitHubRepositoryName name, CancellationToken cancellationToken)
    {
        try
        {
            return await access.ForRepositoryAsync(name, cancellationToken) is { } token ? await repositories.GetAsync(token, name, cancellationToken) : null;
        }
        catch (GitHubException)
        {
            // It is tried again with the next connection; by its address it works all the same.
            return null;
        }
    }
}

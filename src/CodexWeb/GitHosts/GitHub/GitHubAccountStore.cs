using CodexWeb.Data;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>The connections people made, as they are stored.</summary>
public sealed class GitHubAccountStore(IDbContextFactory<CodexDb> databases, WriteGate gate, GitHubAddresses addresses)
{
    /// <summary>All, or one person's, the newest first.</summary>
    /// <param name="person">Null for everybody's.</param>
    public async Task<IReadOnlyList<GitHubAccount>> ListAsync(string? person, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.GitHubAccounts.AsNoTracking().Where(account => person == null || account.Person == person).OrderByDescending(account => account.ConnectedAt).ToListAsync(cancellationToken);
    }

    /// <summary>One; null when there is none.</summary>
    public async Task<GitHubAccount?> FindAsync(GitHubAccountId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.GitHubAccounts.AsNoTracking().SingleOrDefaultAsync(account => account.Id == id, cancellationToken);
    }

    /// <summary>Takes a connection a person made: a new one, or the same user's again.</summary>
    /// <param name="hold">Gives it its secrets.</param>
    public async Task<GitHubAccount> ConnectAsync(GitHubAccount made, Action<GitHubAccount> hold, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(made);
        ArgumentNullException.ThrowIfNull(hold);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        using var turn = await gate.EnterAsync(cancellationToken);
        var account = await db.GitHubAccounts.SingleOrDefaultAsync(known => known.Person == made.Person && known.UserId == made.UserId, cancellationToken);
        if (account is null)
        {
            account = made;
            db.Add(account);
        }

        account.ConnectBy(made.Kind);
        hold(account);
        await db.SaveChangesAsync(cancellationToken);
        return account;
    }

    /// <summary>Changes a connection; nothing when it is gone.</summary>
    public async Task ChangeAsync(GitHubAccountId id, Action<GitHubAccount> change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        using var turn = await gate.EnterAsync(cancellationToken);
        if (await db.GitHubAccounts.SingleOrDefaultAsync(account => account.Id == id, cancellationToken) is { } account)
        {
            change(account);
            await db.SaveChangesAsync(cancellationToken);
        }
    }

    /// <summary>Removes a connection with its secrets.</summary>
    public async Task RemoveAsync(GitHubAccountId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        using var turn = await gate.EnterAsync(cancellationToken);
        await db.Repositories.Where(repository => repository.AccountId == id).ExecuteUpdateAsync(set => set.SetProperty(repository => repository.AccountId, (GitHubAccountId?)null), cancellationToken);
        await db.GitHubAccounts.Where(account => account.Id == id).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>How many of the server's repositories each connection brought.</summary>
    public async Task<IReadOnlyDictionary<GitHubAccountId, int>> RepositoryCountsAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var accounts = await db.Repositories.Where(repository => repository.AccountId != null).Select(repository => repository.AccountId).ToListAsync(cancellationToken);
        return accounts.OfType<GitHubAccountId>().CountBy(static id => id).ToDictionary();
    }

    /// <summary>The server's repositories by GitHub's numbers.</summary>
    public async Task<IReadOnlyDictionary<long, RepositoryId>> ConnectedAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var known = await db.Repositories.Where(repository => repository.HostRepositoryId != null).Select(repository => new { repository.Id, repository.HostRepositoryId }).ToListAsync(cancellationToken);
        return known.DistinctBy(static repository => repository.HostRepositoryId).ToDictionary(static repository => repository.HostRepositoryId!.Value, static repository => repository.Id);
    }

    /// <summary>What is stored of a repository of GitHub's: its number there, and who connected it; nulls when it is not known here.</summary>
    public async Task<(long? Id, GitHubAccountId? Account)> RepositoryAsync(GitHubRepositoryName name, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var known = await db.Repositories.Where(repository => repository.HostRepositoryId != null)
            .Select(repository => new { repository.Url, repository.HostRepositoryId, repository.AccountId }).ToListAsync(cancellationToken);
        var found = known.Find(repository => name.Equals(addresses.NameOf(repository.Url)));
        return (found?.HostRepositoryId, found?.AccountId);
    }
}

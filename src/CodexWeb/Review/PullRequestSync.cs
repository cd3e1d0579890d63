using CodexWeb.Data;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.Tasks;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Review;

/// <summary>Brings what is stored of pull requests up to what the host shows. Webhooks, polling and a person who looks all cause the same reading, so twice, late and out of order are one effect.</summary>
public sealed class PullRequestSync(TaskStore store, PullRequestTargets targets, PullRequestReader reader)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AfterOutage = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan AfterRefusal = TimeSpan.FromMinutes(30);

    private readonly KeyedGate<TaskId> _gates = new();

    /// <summary>Reads a task's pull request anew and stores what it finds. Nothing happens for a task without one.</summary>
    /// <exception cref="GitHubException">GitHub asked to wait or does not answer; noted already. Nothing else is thrown for what GitHub says.</exception>
    public async Task RefreshAsync(TaskId id, CancellationToken cancellationToken)
    {
        using var turn = await _gates.EnterAsync(id, cancellationToken);
        await using var db = await store.OpenAsync(cancellationToken);
        if (await db.PullRequests.SingleOrDefaultAsync(p => p.TaskId == id, cancellationToken) is { } pull)
        {
            await ReadAsync(db, pull, cancellationToken);
        }
    }

    /// <summary>The same unless it was read less than 30 seconds ago, and without throwing: what went wrong stands in the row.</summary>
    public async Task RefreshIfOldAsync(TaskId id, CancellationToken cancellationToken)
    {
        var until = store.Time.GetUtcNow() - Fresh;
        await using var db = await store.OpenAsync(cancellationToken);
        // A merged or closed one that is no longer followed changes no more.
        if (await db.PullRequests.AnyAsync(p => p.TaskId == id && p.SyncedAt < until && p.NextSyncAt != null, cancellationToken))
        {
            await RefreshQuietlyAsync(id, cancellationToken);
        }
    }

    /// <summary>The same without throwing.</summary>
    public async Task RefreshQuietlyAsync(TaskId id, CancellationToken cancellationToken)
    {
        try
        {
            await RefreshAsync(id, cancellationToken);
        }
        catch (GitHubException)
        {
            // Noted in the row, with what to do.
        }
    }

    /// <summary>Tasks whose pull request is meant.</summary>
    /// <param name="hostRepositoryId">GitHub's number of the repository.</param>
    /// <param name="number">Null for any.</param>
    /// <param name="headCommit">The newest commit of its branch; null for any.</param>
    public async Task<IReadOnlyList<TaskId>> FindAsync(long hostRepositoryId, int? number, string? headCommit, CancellationToken cancellationToken)
    {
        await using var db = await store.OpenAsync(cancellationToken);
        return await (
            from pull in db.PullRequests.AsNoTracking()
            join repository in db.Repositories on pull.RepositoryId equals repository.Id
            where repository.HostRepositoryId == hostRepositoryId && (number == null || pull.Number == number) && (headCommit == null || pull.HeadCommit == headCommit)
            select pull.TaskId).ToListAsync(cancellationToken);
    }

    private async Task ReadAsync(CodexDb db, PullRequest pull, CancellationToken cancellationToken)
    {
        var url = await db.Repositories.AsNoTracking().Where(r => r.Id == pull.RepositoryId).Select(r => r.Url).SingleAsync(cancellationToken);
        var now = store.Time.GetUtcNow();
        try
        {
            var found = await targets.FindAsync(url, cancellationToken);
            if (found is not CommandResult<PullRequestTarget>.Done(var target))
            {
                await SaveAsync(db, pull, pull.NotRead(found.Problem()!, now + AfterRefusal), cancellationToken);
                return;
            }

            var (seen, reading) = await reader.ReadAsync(target, pull.Number, cancellationToken);
            var changed = pull.Read(reading, now, PullRequestPace.Next(reading, seen.UpdatedAt, now));
            changed |= pull is { State: PullRequestState.Merged, RevertedAt: null } && await reader.FindRevertAsync(target, pull, cancellationToken) is { } by && pull.Revert(by, now);
            await SaveAsync(db, pull, changed, cancellationToken);
        }
        catch (GitHubException exception)
        {
            var wait = exception.Failure is GitHubFailure.Unavailable or GitHubFailure.RateLimited ? AfterOutage : AfterRefusal;
            await SaveAsync(db, pull, pull.NotRead(exception.Message, exception.RetryAt ?? now + wait), cancellationToken);
            if (exception.Failure is GitHubFailure.Unavailable or GitHubFailure.RateLimited)
            {
                throw;
            }
        }
    }

    private async Task SaveAsync(CodexDb db, PullRequest pull, bool changed, CancellationToken cancellationToken)
    {
        using (await store.EnterAsync(cancellationToken))
        {
            await db.SaveChangesAsync(cancellationToken);
        }

        if (changed)
        {
            store.Signals.TaskChanged(pull.TaskId);
        }
    }
}

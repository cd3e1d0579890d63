using CodexWeb.Agent.Workspaces;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.Tasks;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Review;

/// <summary>Goes on with what ran while nobody looked: merges whose turn ended, and pull requests that are kept green. It looks at its start, after every change and every few seconds.</summary>
public sealed partial class PullRequestKeeper(TaskStore store, BaseMerges merges, KeepGreen green, ILogger<PullRequestKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(15);

    // What was looked at, as it then was: without a change there is nothing new to find.
    private readonly Dictionary<TaskId, (DateTimeOffset Synced, DateTimeOffset Updated)> _seen = [];

    /// <summary>Looks once.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        foreach (var task in await MergingAsync(cancellationToken))
        {
            await TryAsync(task, merges.SettleAsync, cancellationToken);
        }

        var kept = await KeptAsync(cancellationToken);
        foreach (var (task, synced, updated) in kept.Where(pull => _seen.GetValueOrDefault(pull.Task) != (pull.Synced, pull.Updated)))
        {
            if (await TryAsync(task, green.ConsiderAsync, cancellationToken))
            {
                _seen[task] = (synced, updated);
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var changed = store.Signals.FollowTasks();
        while (true)
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException and not OutOfMemoryException)
            {
                // The outermost owner: whatever went wrong, the server goes on, and the next look tries again.
                LogFailed(logger, exception);
            }

            using var tick = new CancellationTokenSource(Tick, store.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, tick.Token);
            try
            {
                await changed.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
            {
                // The tick: a signal may have been lost.
            }
        }
    }

    private async Task<List<TaskId>> MergingAsync(CancellationToken cancellationToken)
    {
        await using var db = await store.OpenAsync(cancellationToken);
        return await db.Tasks.AsNoTracking().Where(t => t.MergingCommit != null).Select(t => t.Id).ToListAsync(cancellationToken);
    }

    private async Task<List<(TaskId Task, DateTimeOffset Synced, DateTimeOffset Updated)>> KeptAsync(CancellationToken cancellationToken)
    {
        await using var db = await store.OpenAsync(cancellationToken);
        var kept = await (
            from pull in db.PullRequests.AsNoTracking()
            where pull.KeepGreen
            join task in db.Tasks on pull.TaskId equals task.Id
            select new { task.Id, pull.SyncedAt, task.UpdatedAt }).ToListAsync(cancellationToken);
        return [.. kept.Select(pull => (pull.Id, pull.SyncedAt, pull.UpdatedAt))];
    }

    private async Task<bool> TryAsync(TaskId task, Func<TaskId, CancellationToken, Task> look, CancellationToken cancellationToken)
    {
        try
        {
            await look(task, cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is GitHubException or RepositoryException or GitException or AttemptLogException)
        {
            // The next tick looks again.
            LogPutOff(logger, task, exception.Message);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The pull request of task {Task} is looked at later: {Reason}")]
    private static partial void LogPutOff(ILogger logger, TaskId task, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Pull requests could not be looked at; tried again in a moment")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}

using CodexWeb.Data;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.Tasks;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Review;

/// <summary>Reads pull requests again when it is time, for servers no webhook reaches. Requests are conditional, so that an unchanged one costs next to nothing.</summary>
public sealed partial class PullRequestPolling(TaskStore store, PullRequestSync sync, ILogger<PullRequestPolling> logger) : BackgroundService
{
    private const int MostAtOnce = 50;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>Reads those that are due, one after the other, and stops at the first that GitHub asks to wait for.</summary>
    /// <returns>How many were read.</returns>
    public async Task<int> ReadDueAsync(CancellationToken cancellationToken)
    {
        var now = store.Time.GetUtcNow();
        List<TaskId> due;
        await using (var db = await store.OpenAsync(cancellationToken))
        {
            due = await db.PullRequests.AsNoTracking().Where(p => p.NextSyncAt <= now).OrderBy(p => p.NextSyncAt).Take(MostAtOnce).Select(p => p.TaskId).ToListAsync(cancellationToken);
        }

        var read = 0;
        foreach (var task in due)
        {
            try
            {
                await sync.RefreshAsync(task, cancellationToken);
                read++;
            }
            catch (GitHubException exception)
            {
                LogPutOff(logger, task, exception.Message);
                break;
            }
        }

        return read;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, store.Time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await ReadDueAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException and not OutOfMemoryException)
            {
                // The outermost owner: whatever went wrong, the server goes on, and the next look tries again.
                LogFailed(logger, exception);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The pull request of task {Task} is read later: {Reason}")]
    private static partial void LogPutOff(ILogger logger, TaskId task, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Pull requests could not be read; tried again in a moment")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}

using System.Data.Common;
using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.GitHosts.GitHub;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.CodeReviews;

/// <summary>Tells at GitHub how the work ended that a mention started: once, in the comment that said it began.</summary>
internal sealed partial class MentionReports(
    IDbContextFactory<CodexDb> databases,
    WriteGate gate,
    IAttemptSignals signals,
    GitHubAccess access,
    GitHubAddresses addresses,
    MentionComments comments,
    MentionEnds ends,
    TimeProvider time,
    ILogger<MentionReports> logger) : BackgroundService
{
    private const int MostTries = 8;

    private static readonly AttemptStatus[] AtWork = [AttemptStatus.Queued, AttemptStatus.Preparing, AttemptStatus.Running, AttemptStatus.WaitingForApproval];
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(30);

    // Tasks at work change many times a second.
    private static readonly TimeSpan Breath = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var changes = signals.FollowTasks();
        try
        {
            while (true)
            {
                var next = await TellDueAsync(stoppingToken);
                await WaitAsync(changes, next, stoppingToken);
                await Task.Delay(Breath, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What was not told is told after the next start.
        }
    }

    // Gives the moment to look again; null when only a task's change can bring work.
    private async Task<DateTimeOffset?> TellDueAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            var ended = await db.Mentions.AsNoTracking()
                .Where(m => m.Status == MentionStatus.Working && m.CommentId != null && !db.Attempts.Any(a => a.TaskId == m.TaskId && AtWork.Contains(a.Status)))
                .OrderBy(m => m.DueAt).Select(m => new { m.Key, m.DueAt }).ToListAsync(cancellationToken);
            var now = time.GetUtcNow();
            foreach (var mention in ended.Where(mention => mention.DueAt <= now))
            {
                await TellAsync(mention.Key, cancellationToken);
            }

            return await db.Mentions.Where(m => m.Status == MentionStatus.Working && m.DueAt > now).MinAsync(m => (DateTimeOffset?)m.DueAt, cancellationToken);
        }
        catch (Exception exception) when (exception is DbException or DbUpdateException)
        {
            LogNotRead(logger, exception);
            return time.GetUtcNow() + PauseAfterFailure;
        }
    }

    private async Task TellAsync(string key, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var mention = await db.Mentions.SingleAsync(m => m.Key == key, cancellationToken);
        try
        {
            await EditAsync(db, mention, cancellationToken);
            mention.Answer(mention.CommentId);
        }
        catch (GitHubException exception) when ((exception.RetryAt is not null || exception.Failure is GitHubFailure.Unavailable) && mention.Tries + 1 < MostTries)
        {
            var own = time.GetUtcNow() + (FirstPause * Math.Pow(2, mention.Tries));
            mention.TryAgain(exception.RetryAt > own ? exception.RetryAt.Value : own);
        }
        catch (GitHubException exception)
        {
            // The comment or the repository is gone, or the right to write there: nobody waits for it any more.
            LogNotTold(logger, key, exception.Message);
            mention.Answer(mention.CommentId);
        }

        await db.SaveInTurnAsync(gate, cancellationToken);
    }

    private async Task EditAsync(CodexDb db, Mention mention, CancellationToken cancellationToken)
    {
        var url = await db.Repositories.Where(r => r.Id == mention.RepositoryId).Select(r => r.Url).SingleAsync(cancellationToken);
        if (addresses.NameOf(url) is { } name && await access.ForRepositoryAsync(name, cancellationToken) is { } token)
        {
            await comments.EditAsync(new MentionPlace(mention.RepositoryId, url, name, token, mention.Number), mention.Key, mention.CommentId!.Value, await ends.TextAsync(mention.TaskId!.Value, cancellationToken), cancellationToken);
        }
        else
        {
            LogNotTold(logger, mention.Key, "The server may not act on the repository any more.");
        }
    }

    private async Task WaitAsync(TaskSubscription changes, DateTimeOffset? until, CancellationToken cancellationToken)
    {
        var left = until is { } at ? at - time.GetUtcNow() : Timeout.InfiniteTimeSpan;
        using var limit = new CancellationTokenSource(left < TimeSpan.Zero && until is not null ? TimeSpan.Zero : left, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            while (true)
            {
                var changed = (await changes.WaitAsync(both.Token)).Select(id => (TaskId?)id).ToList();
                await using var db = await databases.CreateDbContextAsync(both.Token);
                if (await db.Mentions.AnyAsync(m => m.Status == MentionStatus.Working && changed.Contains(m.TaskId), both.Token))
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The moment came.
        }
        catch (DbException exception)
        {
            LogNotRead(logger, exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The end of the work for {Mention} could not be told at GitHub: {Reason}")]
    private static partial void LogNotTold(ILogger logger, string mention, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The mentions could not be read; tried again in a moment")]
    private static partial void LogNotRead(ILogger logger, Exception exception);
}

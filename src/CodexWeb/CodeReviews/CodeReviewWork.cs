using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.Tasks;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.CodeReviews;

/// <summary>Carries reviews from the agent's end to GitHub. What it has to do stands in the database alone, so that a restart goes on where the last process was.</summary>
public sealed partial class CodeReviewWork(TaskStore store, ReviewHost host, ReviewResults results, ReviewPosting posting, ILogger<CodeReviewWork> logger) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan SoonAgain = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LaterAgain = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    // When GitHub is to be asked again. Lost with the process, which then asks once at its start.
    private readonly Dictionary<CodeReviewId, DateTimeOffset> _notBefore = [];

    /// <summary>Does what can be done now.</summary>
    public async Task StepAsync(CancellationToken cancellationToken)
    {
        foreach (var id in await UnfinishedAsync(cancellationToken))
        {
            if (!_notBefore.TryGetValue(id, out var at) || at <= store.Time.GetUtcNow())
            {
                await AdvanceAsync(id, cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var tasks = store.Signals.FollowTasks();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await StepAsync(stoppingToken);
                await WaitAsync(tasks, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is DbUpdateException or System.Data.Common.DbException or AttemptLogException)
            {
                // The database may come back; the next tick tries again.
                LogStepFailed(logger, exception);
                await Task.Delay(Tick, store.Time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task WaitAsync(TaskSubscription tasks, CancellationToken cancellationToken)
    {
        using var tick = new CancellationTokenSource(Tick, store.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(tick.Token, cancellationToken);
        try
        {
            await tasks.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The tick: a signal may have been lost, or GitHub may be asked again.
        }
    }

    // A failed one comes back when a person has retried the agent's part and it has ended well since.
    private async Task<List<CodeReviewId>> UnfinishedAsync(CancellationToken cancellationToken)
    {
        await using var db = await store.OpenAsync(cancellationToken);
        return await db.CodeReviews.AsNoTracking()
            .Where(r => r.Status == CodeReviewStatus.Posting
                || (r.Status == CodeReviewStatus.Running && db.Attempts.Any(a => a.TaskId == r.TaskId && a.EndedAt != null))
                || (r.Status == CodeReviewStatus.Failed && r.Correct == null && db.Attempts.Any(a => a.TaskId == r.TaskId && a.Status == AttemptStatus.Completed && a.EndedAt > r.EndedAt)))
            .OrderBy(r => r.Id)
            .Select(r => r.Id)
            .ToListAsync(cancellationToken);
    }

    private async Task AdvanceAsync(CodeReviewId id, CancellationToken cancellationToken)
    {
        await using var db = await store.OpenAsync(cancellationToken);
        if (await db.CodeReviews.Include(r => r.Findings).SingleOrDefaultAsync(r => r.Id == id, cancellationToken) is not { } review)
        {
            return;
        }

        if (review.Status is not CodeReviewStatus.Posting)
        {
            if (!await results.CollectAsync(db, review, cancellationToken))
            {
                return;
            }

            db.AddRange(review.Findings);
            if (review.Status is CodeReviewStatus.Posted)
            {
                (await db.Tasks.SingleAsync(t => t.Id == review.TaskId, cancellationToken)).SetArchived(true);
            }

            await store.SaveAsync(db, review.TaskId, cancellationToken);
        }

        if (review.Status is CodeReviewStatus.Posting)
        {
            await PostAsync(db, review, cancellationToken);
        }
    }

    private async Task PostAsync(CodexDb db, CodeReview review, CancellationToken cancellationToken)
    {
        var now = store.Time.GetUtcNow();
        try
        {
            var repository = await db.Repositories.AsNoTracking().SingleAsync(r => r.Id == review.RepositoryId, cancellationToken);
            var opened = await host.OpenAsync(repository, cancellationToken);
            if (opened is CommandResult<ReviewedRepository>.Done { Value: var hosted })
            {
                await posting.PostAsync(db, review, hosted, repository, cancellationToken);
                _notBefore.Remove(review.Id);
                return;
            }

            PutOff(review, opened.Problem()!, now + LaterAgain, now);
        }
        catch (GitHubException exception) when (exception.Failure is GitHubFailure.Invalid or GitHubFailure.NotFound)
        {
            review.Fail($"GitHub did not take the review. {exception.Message}", now);
        }
        catch (GitHubException exception)
        {
            PutOff(review, exception.Message, exception.RetryAt ?? now + (exception.Failure is GitHubFailure.Unavailable ? SoonAgain : LaterAgain), now);
        }
        catch (Exception exception) when (exception is RepositoryException or GitException)
        {
            PutOff(review, exception.Message, now + LaterAgain, now);
        }

        await store.SaveAsync(db, review.TaskId, cancellationToken);
    }

    private void PutOff(CodeReview review, string problem, DateTimeOffset until, DateTimeOffset now)
    {
        LogPutOff(logger, review.Id, problem);
        if (now - review.CreatedAt > Patience)
        {
            review.Fail($"The review could not be posted for a day. {problem}", now);
            return;
        }

        review.Wait($"The review is not posted yet. {problem}");
        _notBefore[review.Id] = until;
    }

    [LoggerMessage(LogLevel.Warning, "Reviews could not be carried on; the next tick tries again")]
    private static partial void LogStepFailed(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Information, "Review {Review} could not be posted: {Reason}")]
    private static partial void LogPutOff(ILogger logger, CodeReviewId review, string reason);
}

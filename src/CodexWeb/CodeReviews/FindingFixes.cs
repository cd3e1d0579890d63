using CodexWeb.Data;
using CodexWeb.Tasks;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.CodeReviews;

/// <summary>Has findings mended: by the task whose change it is, else by a new one on the pull request's branch.</summary>
public sealed class FindingFixes(TaskStore store, TaskCommands tasks) : IDisposable
{
    // One click may come twice.
    private readonly SemaphoreSlim _starting = new(1, 1);

    /// <summary>Starts to mend a finding. One that is being mended gives the task that does.</summary>
    /// <param name="author">Who asks, as shown.</param>
    /// <param name="note">What they wrote about it outside, quoted for the agent; null or empty for nothing.</param>
    public async Task<CommandResult<TaskId>> FixAsync(FindingId id, string author, string? note, CancellationToken cancellationToken)
    {
        await _starting.WaitAsync(cancellationToken);
        try
        {
            await using var db = await store.OpenAsync(cancellationToken);
            if (await db.ReviewFindings.SingleOrDefaultAsync(f => f.Id == id, cancellationToken) is not { } finding)
            {
                return new CommandResult<TaskId>.NotFound("There is no such finding.");
            }

            if (finding.FixTaskId is { } known && await db.Tasks.AnyAsync(t => t.Id == known, cancellationToken))
            {
                return new CommandResult<TaskId>.Done(known);
            }

            var review = await db.CodeReviews.AsNoTracking().SingleAsync(r => r.Id == finding.ReviewId, cancellationToken);
            var started = await StartAsync(db, review, finding, author, note, cancellationToken);
            if (started is CommandResult<TaskId>.Done { Value: var task })
            {
                finding.MendBy(task);
                await store.SaveAsync(db, review.TaskId, cancellationToken);
            }

            return started;
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _starting.Dispose();

    private async Task<CommandResult<TaskId>> StartAsync(CodexDb db, CodeReview review, ReviewFinding finding, string author, string? note, CancellationToken cancellationToken)
    {
        var repository = await db.Repositories.AsNoTracking().SingleAsync(r => r.Id == review.RepositoryId, cancellationToken);
        var label = review.Number > 0 ? FormattableString.Invariant($"{repository.Name}#{review.Number}") : "this task's change";
        var prompt = ReviewPrompts.Fix(finding, review.HeadCommit, label, author, note);
        var own = review.ReviewedTask ?? (review.Number == 0 ? null
            : await db.PullRequests.Where(p => p.RepositoryId == review.RepositoryId && p.Number == review.Number).Select(p => (TaskId?)p.TaskId).SingleOrDefaultAsync(cancellationToken));
        if (own is { } task)
        {
            var sent = await tasks.FollowUpAsync(task, null, prompt, [], "review", cancellationToken);
            return sent.Problem() is { } problem ? new CommandResult<TaskId>.Refused(problem) : new CommandResult<TaskId>.Done(task);
        }

        return review.HeadBranch is { } branch
            ? await tasks.CreateAsync(
                new NewTask
                {
                    RepositoryId = review.RepositoryId,
                    Mode = TaskMode.Code,
                    Title = $"Fix: {finding.Title}",
                    Prompt = prompt,
                    Branch = branch,
                    Source = new TaskSource(CommentUrl(review, finding), label),
                },
                author,
                cancellationToken)
            : new CommandResult<TaskId>.Refused("The pull request comes from a fork, whose branch this server cannot push to. Start a task here that makes the change on a branch of this repository, or leave it to the author.");
    }

    /// <summary>The comment that tells a finding; the pull request's page when it has none.</summary>
    internal static string CommentUrl(CodeReview review, ReviewFinding finding) =>
        finding.CommentId is { } comment ? FormattableString.Invariant($"{review.Url}#discussion_r{comment}") : review.Url;
}

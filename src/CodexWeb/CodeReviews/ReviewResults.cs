using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Attempts;
using CodexWeb.Data;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.CodeReviews;

/// <summary>Takes what the agent wrote once its part has ended, and holds every finding against the change.</summary>
public sealed class ReviewResults(AttemptLog log, ReviewCommits commits, TimeProvider time)
{
    /// <summary>Takes the result, when there is one.</summary>
    /// <param name="review">Tracked by <paramref name="db"/>; the caller saves it.</param>
    /// <returns>False while the agent is at work.</returns>
    public async Task<bool> CollectAsync(CodexDb db, CodeReview review, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(review);
        var attempt = await db.Attempts.AsNoTracking().Where(a => a.TaskId == review.TaskId).OrderBy(a => a.Number).FirstAsync(cancellationToken);
        if (attempt.IsActive)
        {
            return false;
        }

        if (attempt.Status is not AttemptStatus.Completed)
        {
            review.Fail($"The agent did not come to its end. {attempt.Reason} Retry it in its log.", time.GetUtcNow());
            return true;
        }

        if (await ReportAsync(attempt.Id, cancellationToken) is not { } report)
        {
            review.Fail("The agent's final message is not a review. Ask for the review again.", time.GetUtcNow());
            return true;
        }

        var repository = await db.Repositories.AsNoTracking().SingleAsync(r => r.Id == review.RepositoryId, cancellationToken);
        try
        {
            Take(review, report, await commits.ReadAsync(repository, review.BaseCommit, review.HeadCommit, cancellationToken));
        }
        catch (Exception exception) when (exception is RepositoryException or GitException)
        {
            review.Fail($"The change could not be read: {exception.Message}", time.GetUtcNow());
        }

        return true;
    }

    private void Take(CodeReview review, ReviewReport report, ChangedLines change)
    {
        var placed = report.Findings
            .Select(finding => (Finding: finding, Place: change.Clamp(new LinesOfFile(finding.Path, finding.StartLine, finding.EndLine))))
            .ToList();
        var kept = placed.Where(static finding => finding.Place is not null).Select(finding => ReviewFinding.Of(review.Id, finding.Finding, finding.Place!, time));
        review.Take(report, kept, Explanation(report, placed.Count(static finding => finding.Place is null)), time.GetUtcNow());
    }

    private static string Explanation(ReviewReport report, int elsewhere)
    {
        List<string> sentences = [report.Explanation];
        if (elsewhere > 0)
        {
            sentences.Add($"{Count(elsewhere)} left out because the lines are not part of the change.");
        }

        if (report.LeftOut > 0)
        {
            sentences.Add($"{Count(report.LeftOut)} left out beyond the first {ReviewReport.MostFindings}.");
        }

        return string.Join(' ', sentences.Where(static sentence => sentence.Length > 0));
    }

    private static string Count(int findings) => findings == 1 ? "1 finding was" : FormattableString.Invariant($"{findings} findings were");

    // The log has the model's own words; later turns are questions about the review.
    private async Task<ReviewReport?> ReportAsync(AttemptId attempt, CancellationToken cancellationToken)
    {
        var events = new List<AgentEvent>();
        await foreach (var logged in log.ReadAllAsync(attempt, cancellationToken))
        {
            if (logged.Event is AgentEvent.TurnStarted { Turn: > 1 })
            {
                break;
            }

            events.Add(logged.Event);
        }

        return Conversation.Rebuild(events).Answer is { } answer ? ReviewReport.Parse(answer).Report : null;
    }
}

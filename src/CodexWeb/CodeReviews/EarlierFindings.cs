using CodexWeb.Data;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.Repositories;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.CodeReviews;

/// <summary>A finding of an earlier review and where its lines are at a later commit.</summary>
/// <param name="Now">Null when the lines were changed or are gone.</param>
public sealed record EarlierFinding(ReviewFinding Finding, LinesOfFile? Now);

/// <summary>What becomes of findings when commits come after them.</summary>
public sealed partial class EarlierFindings(ReviewHost host, ReviewCommits commits, ILogger<EarlierFindings> logger)
{
    /// <summary>The findings of earlier reviews of a pull request that are not resolved, followed to a commit.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="number">The pull request.</param>
    /// <param name="but">A review to leave out; null for none.</param>
    /// <param name="commit">The commit; the mirror has it.</param>
    public async Task<IReadOnlyList<EarlierFinding>> FollowAsync(CodexDb db, Repository repository, int number, CodeReviewId? but, string commit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(repository);
        var reviews = await db.CodeReviews
            .Include(r => r.Findings.Where(f => f.State != FindingState.Resolved))
            .Where(r => r.RepositoryId == repository.Id && r.Number == number && r.Id != but && r.Status == CodeReviewStatus.Posted)
            .ToListAsync(cancellationToken);
        var followed = new List<EarlierFinding>();
        foreach (var review in reviews.Where(static r => r.Findings.Count > 0))
        {
            var change = string.Equals(review.HeadCommit, commit, StringComparison.Ordinal) ? null : await commits.ReadAsync(repository, review.HeadCommit, commit, cancellationToken);
            followed.AddRange(review.Findings.Select(finding => new EarlierFinding(finding, change is null ? finding.Place : change.Follow(finding.Place))));
        }

        return followed;
    }

    /// <summary>Notes which threads somebody resolved, and which findings' lines were changed.</summary>
    /// <param name="earlier">From <see cref="FollowAsync"/>; tracked by a context the caller saves.</param>
    public async Task UpdateAsync(ReviewedRepository hosted, int number, IReadOnlyList<EarlierFinding> earlier, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(hosted);
        ArgumentNullException.ThrowIfNull(earlier);
        var resolved = earlier.Any(static each => each.Finding.CommentId is not null)
            ? (await host.Pulls.ThreadsAsync(hosted.Token, hosted.Name, number, cancellationToken)).Where(static thread => thread.IsResolved).Select(static thread => thread.FirstCommentId).ToHashSet()
            : [];
        foreach (var (finding, now) in earlier)
        {
            if (finding.CommentId is { } comment && resolved.Contains(comment))
            {
                finding.Resolve();
            }
            else if (now is null)
            {
                finding.Outdate();
            }
        }
    }

    /// <summary>After a review of a later commit: what it does not find again where the lines were changed is resolved, here and at GitHub.</summary>
    /// <param name="earlier">From <see cref="FollowAsync"/>, without those the review found again.</param>
    public async Task SettleAsync(ReviewedRepository hosted, int number, IReadOnlyList<ReviewFinding> earlier, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(hosted);
        ArgumentNullException.ThrowIfNull(earlier);
        foreach (var finding in earlier)
        {
            finding.Resolve();
        }

        var comments = earlier.Select(static finding => finding.CommentId).OfType<long>().ToHashSet();
        if (comments.Count == 0)
        {
            return;
        }

        // Threads that begin with a comment of ours, and no others.
        foreach (var thread in await host.Pulls.ThreadsAsync(hosted.Token, hosted.Name, number, cancellationToken))
        {
            if (!thread.IsResolved && thread.FirstCommentId is { } first && comments.Contains(first))
            {
                await ResolveAsync(hosted, thread, cancellationToken);
            }
        }
    }

    // Some tokens may comment but not resolve. The finding is resolved here all the same.
    private async Task ResolveAsync(ReviewedRepository hosted, GitHubReviewThread thread, CancellationToken cancellationToken)
    {
        try
        {
            await host.Pulls.ResolveThreadAsync(hosted.Token, thread.Id, cancellationToken);
        }
        catch (GitHubException exception) when (exception.Failure is GitHubFailure.Forbidden or GitHubFailure.NotFound or GitHubFailure.Invalid)
        {
            LogNotResolved(logger, hosted.Name, exception.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "A mended finding's thread in {Repository} could not be resolved at GitHub: {Reason}")]
    private static partial void LogNotResolved(ILogger logger, GitHubRepositoryName repository, string reason);
}

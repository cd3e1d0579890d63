using CodexWeb.Data;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.Repositories;
using CodexWeb.Review;
using CodexWeb.Tasks;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.CodeReviews;

/// <summary>Posts a review once, whatever fails in between: before it posts it looks whether GitHub has the review, by the mark in its text.</summary>
public sealed class ReviewPosting(TaskStore store, ReviewHost host, EarlierFindings earlier)
{
    private const string Right = "RIGHT";

    /// <summary>Posts it, reads the numbers of its comments, and settles what earlier reviews found.</summary>
    /// <param name="review">Has its findings; tracked by <paramref name="db"/>. It is saved after each step that GitHub remembers.</param>
    /// <exception cref="GitHubException">GitHub refused or could not be asked; go on later.</exception>
    public async Task PostAsync(CodexDb db, CodeReview review, ReviewedRepository hosted, Repository repository, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(review);
        ArgumentNullException.ThrowIfNull(hosted);
        var before = await earlier.FollowAsync(db, repository, review.Number, review.Id, review.HeadCommit, cancellationToken);
        var standing = Standing(review, before);
        if (review.PostedId is null)
        {
            var posted = await FindAsync(review, hosted, cancellationToken) ?? await CreateAsync(review, hosted, standing, cancellationToken);
            review.NotePosted(posted.Id, posted.HtmlUrl);
            await store.SaveAsync(db, review.TaskId, cancellationToken);
        }

        await ReadCommentsAsync(review, hosted, cancellationToken);
        foreach (var (again, old) in standing)
        {
            again.NoteComment(old.CommentId!.Value);
            old.Outdate();
        }

        var mended = before.Where(each => each.Now is null && !review.Findings.Exists(finding => IsAgain(finding, each))).Select(static each => each.Finding).ToList();
        await earlier.SettleAsync(hosted, review.Number, mended, cancellationToken);
        review.Rest(store.Time.GetUtcNow());
        // It is read in the review; the list of tasks is for work that waits for somebody.
        (await db.Tasks.SingleAsync(t => t.Id == review.TaskId, cancellationToken)).SetArchived(true);
        await store.SaveAsync(db, review.TaskId, cancellationToken);
    }

    private async Task<GitHubReview?> FindAsync(CodeReview review, ReviewedRepository hosted, CancellationToken cancellationToken)
    {
        var mark = ReviewText.Marker(review.Id);
        return (await host.Pulls.ReviewsAsync(hosted.Token, hosted.Name, review.Number, cancellationToken)).FirstOrDefault(posted => posted.Body.Contains(mark, StringComparison.Ordinal));
    }

    private async Task<GitHubReview> CreateAsync(CodeReview review, ReviewedRepository hosted, Dictionary<ReviewFinding, ReviewFinding> standing, CancellationToken cancellationToken)
    {
        var shown = review.Findings.Where(finding => finding.Priority <= review.Floor && !standing.ContainsKey(finding)).OrderBy(static finding => finding.Priority).ToList();
        try
        {
            return await CreateAsync(review, hosted, shown, [], standing.Count, cancellationToken);
        }
        catch (GitHubException exception) when (exception.Failure is GitHubFailure.Invalid && shown.Count > 0)
        {
            // GitHub does not say which line it does not take: those its own diff lacks, else all.
        }

        var taken = await TakenAsync(review, hosted, shown, cancellationToken);
        if (taken.Count > 0 && taken.Count < shown.Count)
        {
            try
            {
                return await CreateAsync(review, hosted, taken, [.. shown.Except(taken)], standing.Count, cancellationToken);
            }
            catch (GitHubException exception) when (exception.Failure is GitHubFailure.Invalid)
            {
                // Then none.
            }
        }

        return await CreateAsync(review, hosted, [], shown, standing.Count, cancellationToken);
    }

    private Task<GitHubReview> CreateAsync(CodeReview review, ReviewedRepository hosted, List<ReviewFinding> onLines, IReadOnlyList<ReviewFinding> inText, int standing, CancellationToken cancellationToken) =>
        host.Pulls.CreateReviewAsync(
            hosted.Token,
            hosted.Name,
            review.Number,
            review.HeadCommit,
            GitHubReviewEvent.Comment,
            ReviewText.Body(review, onLines, inText, standing),
            [.. onLines.Select(static finding => new NewReviewComment(
                finding.Path, finding.EndLine, Right, ReviewText.Comment(finding), finding.StartLine < finding.EndLine ? finding.StartLine : null, finding.StartLine < finding.EndLine ? Right : null))],
            cancellationToken);

    /// <summary>Findings whose lines are in the diff as GitHub shows it, which leaves out what is very large.</summary>
    private async Task<List<ReviewFinding>> TakenAsync(CodeReview review, ReviewedRepository hosted, List<ReviewFinding> findings, CancellationToken cancellationToken)
    {
        var files = await host.Pulls.FilesAsync(hosted.Token, hosted.Name, review.Number, cancellationToken);
        var patches = files.Where(static file => file.Patch is not null).ToLookup(static file => file.Name, static file => file.Patch!, StringComparer.Ordinal);
        return [.. findings.Where(finding => patches[finding.Path].Any(patch => Shows(patch, finding)))];
    }

    private static bool Shows(string patch, ReviewFinding finding)
    {
        // GitHub gives the hunks alone.
        var diff = DiffParser.Parse(System.Text.Encoding.UTF8.GetBytes($"diff --git a/f b/f\n--- a/f\n+++ b/f\n{patch}\n"));
        var lines = new LinesOfFile("f", finding.StartLine, finding.EndLine);
        return new ChangedLines(diff).Clamp(lines) == lines;
    }

    private async Task ReadCommentsAsync(CodeReview review, ReviewedRepository hosted, CancellationToken cancellationToken)
    {
        var comments = await host.Pulls.ReviewCommentsAsync(hosted.Token, hosted.Name, review.Number, since: null, cancellationToken);
        foreach (var comment in comments.Where(comment => comment.ReviewId == review.PostedId))
        {
            review.Findings.Find(finding => comment.Body.Contains(ReviewText.Marker(finding.Id), StringComparison.Ordinal))?.NoteComment(comment.Id);
        }
    }

    /// <summary>Findings that an earlier review told on lines that stand as they were: they are not told again.</summary>
    private static Dictionary<ReviewFinding, ReviewFinding> Standing(CodeReview review, IReadOnlyList<EarlierFinding> before)
    {
        var standing = new Dictionary<ReviewFinding, ReviewFinding>();
        foreach (var each in before.Where(static each => each is { Now: not null, Finding: { State: FindingState.Open, CommentId: not null } }))
        {
            if (review.Findings.Find(finding => finding.Priority <= review.Floor && !standing.ContainsKey(finding) && IsAgain(finding, each)) is { } again)
            {
                standing.Add(again, each.Finding);
            }
        }

        return standing;
    }

    // The same words somewhere in the file, or any words on the same lines.
    private static bool IsAgain(ReviewFinding finding, EarlierFinding before) =>
        (before.Now is { } now && finding.Place.Overlaps(now))
        || (string.Equals(finding.Path, before.Finding.Path, StringComparison.Ordinal) && string.Equals(finding.Title, before.Finding.Title, StringComparison.OrdinalIgnoreCase));
}

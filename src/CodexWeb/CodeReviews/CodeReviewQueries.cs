using CodexWeb.Agent.Workspaces;
using CodexWeb.Data;
using CodexWeb.Review;
using CodexWeb.Tasks;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.CodeReviews;

/// <summary>A few lines of a file around a finding.</summary>
/// <param name="First">Number of the first line.</param>
public sealed record Excerpt(int First, IReadOnlyList<string> Lines);

/// <summary>Reads reviews for page and HTTP interface.</summary>
public sealed class CodeReviewQueries(IDbContextFactory<CodexDb> databases, RepositoryMirrors mirrors)
{
    /// <summary>The largest page.</summary>
    public const int LargestPage = 200;

    private const int LargestFile = 4 << 20;
    private const int LinesAround = 3;
    private const int MostLines = 30;
    private const int LongestLine = 400;

    /// <summary>Reviews, newest first.</summary>
    /// <param name="repository">Null for all.</param>
    /// <param name="status">Null for all.</param>
    /// <param name="limit">1 to <see cref="LargestPage"/>; what lies outside is moved to the border.</param>
    /// <param name="cursor">The last review of the page before; null for the first.</param>
    public async Task<Page<CodeReviewRow>> ListAsync(RepositoryId? repository, CodeReviewStatus? status, int limit, CodeReviewId? cursor, CancellationToken cancellationToken)
    {
        limit = Math.Clamp(limit, 1, LargestPage);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var wanted = db.CodeReviews.AsNoTracking().Where(r => (repository == null || r.RepositoryId == repository) && (status == null || r.Status == status));
        if (cursor is { } before)
        {
            wanted = wanted.Where(r => r.Id.Value.CompareTo(before.Value) < 0);
        }

        var found = await RowsAsync(db, wanted.OrderByDescending(r => r.Id).Take(limit + 1), cancellationToken);
        return new Page<CodeReviewRow>([.. found.Take(limit)], found.Count > limit ? found[limit - 1].Id.ToString() : null);
    }

    /// <summary>One review; null when there is none.</summary>
    public async Task<CodeReviewDetails?> DetailsAsync(CodeReviewId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if ((await RowsAsync(db, db.CodeReviews.AsNoTracking().Where(r => r.Id == id), cancellationToken)) is not [var row]
            || await db.CodeReviews.AsNoTracking().Include(r => r.Findings).SingleOrDefaultAsync(r => r.Id == id, cancellationToken) is not { } review)
        {
            return null;
        }

        return new CodeReviewDetails(
            row,
            review.BaseCommit,
            review.HeadBranch,
            review.Explanation,
            review.Confidence,
            review.Floor,
            review.PostedUrl,
            review.EndedAt,
            [.. review.Findings.OrderBy(static f => f.Priority).ThenBy(static f => f.Path, StringComparer.Ordinal).ThenBy(static f => f.StartLine).Select(f => View(review, f))]);
    }

    /// <summary>The reviews whose agents' parts some tasks are.</summary>
    public async Task<IReadOnlyList<CodeReviewId>> OfTasksAsync(IReadOnlyList<TaskId> tasks, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.CodeReviews.AsNoTracking().Where(r => tasks.Contains(r.TaskId)).Select(r => r.Id).ToListAsync(cancellationToken);
    }

    /// <summary>The newest finding a comment at the host tells; null when it is none's.</summary>
    /// <param name="comment">The host's number of the comment that begins the thread.</param>
    public async Task<FindingId?> OfCommentAsync(RepositoryId repository, int number, long comment, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await (
            from finding in db.ReviewFindings.AsNoTracking()
            join review in db.CodeReviews on finding.ReviewId equals review.Id
            where finding.CommentId == comment && review.RepositoryId == repository && review.Number == number
            orderby review.Id descending
            select (FindingId?)finding.Id).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>The code of the findings as it was reviewed. A finding whose file cannot be read has none.</summary>
    public async Task<IReadOnlyDictionary<FindingId, Excerpt>> ExcerptsAsync(CodeReviewDetails review, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(review);
        var excerpts = new Dictionary<FindingId, Excerpt>();
        foreach (var findings in review.Findings.GroupBy(static finding => finding.Path, StringComparer.Ordinal))
        {
            if (await LinesAsync(review.Row, findings.Key, cancellationToken) is not { } lines)
            {
                continue;
            }

            foreach (var finding in findings.Where(finding => finding.StartLine <= lines.Length))
            {
                var first = Math.Max(1, finding.StartLine - LinesAround);
                var last = Math.Min(Math.Min(lines.Length, finding.EndLine + LinesAround), first + MostLines - 1);
                excerpts[finding.Id] = new Excerpt(first, [.. lines[(first - 1)..last].Select(Shorten)]);
            }
        }

        return excerpts;
    }

    private async Task<string[]?> LinesAsync(CodeReviewRow review, string path, CancellationToken cancellationToken)
    {
        try
        {
            var file = await mirrors.ReadFileAsync(review.RepositoryId.ToString(), review.HeadCommit, path, LargestFile, cancellationToken);
            return file is { Kind: FileAtCommitKind.Regular, IsBinary: false } ? DiffReading.Lines(file.Content) : null;
        }
        catch (Exception exception) when (exception is RepositoryException or GitException)
        {
            return null;
        }
    }

    private static string Shorten(string line)
    {
        line = line.TrimEnd('\r');
        return line.Length <= LongestLine ? line : $"{line[..LongestLine]}…";
    }

    private static async Task<List<CodeReviewRow>> RowsAsync(CodexDb db, IQueryable<CodeReview> reviews, CancellationToken cancellationToken)
    {
        var found = await (
            from r in reviews
            join repository in db.Repositories on r.RepositoryId equals repository.Id
            select new { Review = r, repository.Name, Findings = r.Findings.Select(f => new { f.Priority, f.State }).ToList() }).ToListAsync(cancellationToken);
        return [.. found.Select(static each => new CodeReviewRow(
            each.Review.Id,
            each.Review.RepositoryId,
            each.Name,
            each.Review.Number,
            each.Review.Title,
            each.Review.Url,
            each.Review.HeadCommit,
            each.Review.Status,
            each.Review.Problem,
            each.Review.Correct,
            [.. Enumerable.Range(0, 4).Select(priority => each.Findings.Count(finding => finding.Priority == priority))],
            each.Findings.Count(static finding => finding.State is FindingState.Open),
            each.Review.Trigger,
            each.Review.Requester,
            each.Review.TaskId,
            each.Review.CreatedAt)).OrderByDescending(static row => row.Id.Value)];
    }

    private static FindingView View(CodeReview review, ReviewFinding finding) => new(
        finding.Id,
        finding.Title,
        finding.Body,
        finding.Priority,
        finding.Confidence,
        finding.Path,
        finding.StartLine,
        finding.EndLine,
        finding.State,
        finding.CommentId is null ? null : FindingFixes.CommentUrl(review, finding),
        finding.FixTaskId);
}

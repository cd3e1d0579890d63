namespace CodexWeb.GitHosts.GitHub;

/// <summary>A review of a pull request.</summary>
/// <param name="HtmlUrl">Its page; null when not told.</param>
/// <param name="State">GitHub's word: <c>APPROVED</c>, <c>CHANGES_REQUESTED</c>, <c>COMMENTED</c>, <c>DISMISSED</c>, <c>PENDING</c>.</param>
/// <param name="Body">Markdown of anybody.</param>
/// <param name="Commit">The commit it is about; null when not told.</param>
/// <param name="AuthorLogin">Empty when the account is gone.</param>
/// <param name="SubmittedAt">Null before it is.</param>
public sealed record GitHubReview(long Id, string? HtmlUrl, string State, string Body, string? Commit, string AuthorLogin, DateTimeOffset? SubmittedAt)
{
    internal static GitHubReview? TryFrom(GitHubJson review) => review["id"].Number is { } id
        ? new GitHubReview(id, review["html_url"].Text, review["state"].Text ?? "", review["body"].Text ?? "", review["commit_id"].Text, review["user"]["login"].Text ?? "", review["submitted_at"].Time)
        : null;
}

/// <summary>What a review says.</summary>
public enum GitHubReviewEvent
{
    /// <summary>Comments alone.</summary>
    Comment,

    /// <summary>It may be merged.</summary>
    Approve,

    /// <summary>Not before something is changed.</summary>
    RequestChanges,
}

/// <summary>A comment of a review to be made, on lines of the diff.</summary>
/// <param name="Line">The last line, from 1, in the file of <paramref name="Side"/>; it must be in the diff.</param>
/// <param name="Side"><c>RIGHT</c> for the new file, <c>LEFT</c> for the old one.</param>
/// <param name="StartLine">The first line when there are several; null for one.</param>
/// <param name="StartSide">The side of <paramref name="StartLine"/>; null for one line.</param>
public sealed record NewReviewComment(string Path, int Line, string Side, string Body, int? StartLine = null, string? StartSide = null);

/// <summary>A comment on lines of a pull request.</summary>
/// <param name="ReviewId">The review it came with; null when not told.</param>
/// <param name="InReplyTo">The first comment of its thread; null when it is that one.</param>
/// <param name="Line">The last line it is on, in today's diff; null when outdated.</param>
/// <param name="StartLine">The first line; null for one line.</param>
/// <param name="Side"><c>RIGHT</c> or <c>LEFT</c>; null when not told.</param>
/// <param name="DiffHunk">The lines it was made on.</param>
public sealed record GitHubReviewComment(
    long Id, long? ReviewId, long? InReplyTo, string Path, int? Line, int? StartLine, string? Side, string Body, string DiffHunk, string? Commit, string AuthorLogin, string? HtmlUrl, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    internal static GitHubReviewComment From(GitHubJson comment) =>
        TryFrom(comment) ?? throw new GitHubException(GitHubFailure.Unexpected, "GitHub's answer is of no use: its review comment has no id.");

    internal static GitHubReviewComment? TryFrom(GitHubJson comment) => comment["id"].Number is { } id
        ? new GitHubReviewComment(
            id,
            comment["pull_request_review_id"].Number,
            comment["in_reply_to_id"].Number,
            comment["path"].Text ?? "",
            GitHubFields.Small(comment["line"].Number),
            GitHubFields.Small(comment["start_line"].Number),
            comment["side"].Text,
            comment["body"].Text ?? "",
            comment["diff_hunk"].Text ?? "",
            comment["commit_id"].Text,
            comment["user"]["login"].Text ?? "",
            comment["html_url"].Text,
            comment["created_at"].Time ?? DateTimeOffset.UnixEpoch,
            comment["updated_at"].Time ?? DateTimeOffset.UnixEpoch)
        : null;
}

/// <summary>A thread of review comments.</summary>
/// <param name="Id">Its name in GraphQL.</param>
/// <param name="IsOutdated">True when its lines are no longer in the diff.</param>
/// <param name="FirstCommentId">The number the REST interface gives its first comment; null when not told.</param>
public sealed record GitHubReviewThread(string Id, bool IsResolved, bool IsOutdated, long? FirstCommentId)
{
    internal static GitHubReviewThread? From(GitHubJson thread) => thread["id"].Text is { Length: > 0 } id
        ? new GitHubReviewThread(id, thread["isResolved"].Flag ?? false, thread["isOutdated"].Flag ?? false, thread["comments"]["nodes"].Items.Select(static comment => comment["fullDatabaseId"].Number).FirstOrDefault())
        : null;
}

using CodexWeb.Data;

namespace CodexWeb.CodeReviews;

/// <summary>A review as it is listed.</summary>
/// <param name="Number">0 for a task's own change.</param>
/// <param name="Counts">Findings by priority, 0 first: four numbers.</param>
/// <param name="Open">Findings nothing was done about yet.</param>
/// <param name="TaskId">The agent's part.</param>
public sealed record CodeReviewRow(
    CodeReviewId Id,
    RepositoryId RepositoryId,
    string RepositoryName,
    int Number,
    string Title,
    string Url,
    string HeadCommit,
    CodeReviewStatus Status,
    string? Problem,
    bool? Correct,
    IReadOnlyList<int> Counts,
    int Open,
    ReviewTrigger Trigger,
    string Requester,
    TaskId TaskId,
    DateTimeOffset CreatedAt)
{
    /// <summary>The pull request in words: <c>acme/shop#12</c>; for a task's own change the repository.</summary>
    public string Label => Number > 0 ? FormattableString.Invariant($"{RepositoryName}#{Number}") : RepositoryName;
}

/// <summary>A review with its findings.</summary>
/// <param name="Confidence">0 to 1; null before the agent's end.</param>
/// <param name="Floor">Findings of this priority or a more urgent one are posted.</param>
public sealed record CodeReviewDetails(
    CodeReviewRow Row,
    string BaseCommit,
    string? HeadBranch,
    string? Explanation,
    double? Confidence,
    int Floor,
    string? PostedUrl,
    DateTimeOffset? EndedAt,
    IReadOnlyList<FindingView> Findings);

/// <summary>A finding.</summary>
/// <param name="CommentUrl">Its comment at the host; null when it was not posted.</param>
public sealed record FindingView(
    FindingId Id,
    string Title,
    string Body,
    int Priority,
    double Confidence,
    string Path,
    int StartLine,
    int EndLine,
    FindingState State,
    string? CommentUrl,
    TaskId? FixTaskId);

/// <summary>The words for reviews, the same everywhere in the product.</summary>
public static class ReviewWords
{
    /// <summary>Where a review stands.</summary>
    public static string Of(CodeReviewRow review)
    {
        ArgumentNullException.ThrowIfNull(review);
        return review.Status switch
        {
            CodeReviewStatus.Running => "Reviewing",
            CodeReviewStatus.Posting => "Being posted",
            CodeReviewStatus.Posted => review.Correct == true ? "Looks correct" : "Needs work",
            CodeReviewStatus.Failed => "Failed",
            CodeReviewStatus.Superseded => "Superseded",
            _ => throw new ArgumentOutOfRangeException(nameof(review), review.Status, "No such state."),
        };
    }

    /// <summary>What a priority means.</summary>
    public static string Priority(int priority) => priority switch
    {
        0 => "Drop everything",
        1 => "Urgent",
        2 => "Normal",
        _ => "Nice to have",
    };

    /// <summary>Where a finding stands.</summary>
    public static string Of(FindingState state) => state switch
    {
        FindingState.Open => "Open",
        FindingState.Resolved => "Resolved",
        FindingState.Outdated => "Outdated",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "No such state."),
    };
}

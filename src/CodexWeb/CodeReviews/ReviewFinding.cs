using CodexWeb.Agent.Models;
using CodexWeb.Data;

namespace CodexWeb.CodeReviews;

/// <summary>Where a finding stands.</summary>
public enum FindingState
{
    /// <summary>Nothing was done about it yet.</summary>
    Open,

    /// <summary>A later commit mended it, or its thread was resolved.</summary>
    Resolved,

    /// <summary>A later commit changed its lines, or a later review took it over.</summary>
    Outdated,
}

/// <summary>A defect a review found.</summary>
public sealed class ReviewFinding
{
    private ReviewFinding()
    {
    }

    /// <summary>Its id.</summary>
    public FindingId Id { get; private init; }

    /// <summary>The review.</summary>
    public CodeReviewId ReviewId { get; private init; }

    /// <summary>One line, at most 80 characters.</summary>
    public string Title { get; private init; } = "";

    /// <summary>One paragraph of Markdown.</summary>
    public string Body { get; private init; } = "";

    /// <summary>0 drop everything, 1 urgent, 2 normal, 3 nice to have.</summary>
    public int Priority { get; private init; }

    /// <summary>0 to 1.</summary>
    public double Confidence { get; private init; }

    /// <summary>The file, from the repository's root.</summary>
    public string Path { get; private init; } = "";

    /// <summary>First line in the file as it is at the reviewed commit.</summary>
    public int StartLine { get; private init; }

    /// <summary>Last line.</summary>
    public int EndLine { get; private init; }

    /// <summary>Where it stands.</summary>
    public FindingState State { get; private set; }

    /// <summary>The host's number of the comment; null when it was not posted.</summary>
    public long? CommentId { get; private set; }

    /// <summary>The task that mends it; null when none was started.</summary>
    public TaskId? FixTaskId { get; private set; }

    /// <summary>A finding of a review.</summary>
    /// <param name="place">Its lines, held against the change.</param>
    public static ReviewFinding Of(CodeReviewId review, ReportedFinding reported, LinesOfFile place, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(reported);
        ArgumentNullException.ThrowIfNull(place);
        return new ReviewFinding
        {
            Id = Data.Id.New<FindingId>(time),
            ReviewId = review,
            Title = reported.Title,
            Body = reported.Body,
            Priority = reported.Priority,
            Confidence = reported.Confidence,
            Path = place.Path,
            StartLine = place.First,
            EndLine = place.Last,
        };
    }

    /// <summary>Its lines at the reviewed commit.</summary>
    public LinesOfFile Place => new(Path, StartLine, EndLine);

    /// <summary>Notes the comment that tells it.</summary>
    public void NoteComment(long comment) => CommentId = comment;

    /// <summary>It is mended, or somebody settled it.</summary>
    public void Resolve() => State = FindingState.Resolved;

    /// <summary>Its lines are not what they were. A resolved one stays resolved.</summary>
    public void Outdate() => State = State is FindingState.Open ? FindingState.Outdated : State;

    /// <summary>Notes the task that mends it.</summary>
    public void MendBy(TaskId task) => FixTaskId = task;
}

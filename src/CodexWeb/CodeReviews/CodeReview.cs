using CodexWeb.Data;

namespace CodexWeb.CodeReviews;

/// <summary>What caused a review.</summary>
public enum ReviewTrigger
{
    /// <summary>A person in the page or by the API.</summary>
    Requested,

    /// <summary>A comment that names the server's bot.</summary>
    Mention,

    /// <summary>The environment reviews every pull request.</summary>
    Automatic,
}

/// <summary>Where a review stands.</summary>
public enum CodeReviewStatus
{
    /// <summary>The agent has not ended.</summary>
    Running,

    /// <summary>The findings are there and wait to be posted, perhaps again.</summary>
    Posting,

    /// <summary>Posted on the pull request.</summary>
    Posted,

    /// <summary>It ended without a result; the problem says why.</summary>
    Failed,

    /// <summary>A newer commit was reviewed instead.</summary>
    Superseded,
}

/// <summary>A review of a pull request at one commit. The agent's part is a task of its own, which reads only.</summary>
public sealed class CodeReview
{
    private CodeReview()
    {
    }

    /// <summary>Its id.</summary>
    public CodeReviewId Id { get; private init; }

    /// <summary>The repository.</summary>
    public RepositoryId RepositoryId { get; private init; }

    /// <summary>The pull request's number.</summary>
    public int Number { get; private init; }

    /// <summary>The pull request's title when the review began.</summary>
    public string Title { get; private init; } = "";

    /// <summary>The pull request's page.</summary>
    public string Url { get; private init; } = "";

    /// <summary>The task that carries the agent's part.</summary>
    public TaskId TaskId { get; private init; }

    /// <summary>Where the change begins: the merge base of head and base branch.</summary>
    public string BaseCommit { get; private init; } = "";

    /// <summary>The commit that is reviewed.</summary>
    public string HeadCommit { get; private init; } = "";

    /// <summary>The branch the change is on, in the repository itself; null when it is a fork's.</summary>
    public string? HeadBranch { get; private init; }

    /// <summary>What caused it.</summary>
    public ReviewTrigger Trigger { get; private init; }

    /// <summary>Who asked, as shown.</summary>
    public string Requester { get; private init; } = "";

    /// <summary>Findings of this priority or a more urgent one are posted: 0 to 3, 0 the most urgent.</summary>
    public int Floor { get; private init; }

    /// <summary>When it was asked for.</summary>
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>Where it stands.</summary>
    public CodeReviewStatus Status { get; private set; }

    /// <summary>Why it failed or waits, with what to do; null when neither.</summary>
    public string? Problem { get; private set; }

    /// <summary>True for "patch is correct"; null before the agent's end.</summary>
    public bool? Correct { get; private set; }

    /// <summary>Why, one paragraph; null before the agent's end.</summary>
    public string? Explanation { get; private set; }

    /// <summary>0 to 1; null before the agent's end.</summary>
    public double? Confidence { get; private set; }

    /// <summary>The host's number of the posted review; null before.</summary>
    public long? PostedId { get; private set; }

    /// <summary>The posted review's page; null before.</summary>
    public string? PostedUrl { get; private set; }

    /// <summary>When it came to rest; null before.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>What was found, the most urgent first.</summary>
    public List<ReviewFinding> Findings { get; } = [];
}

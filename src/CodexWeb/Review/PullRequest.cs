using CodexWeb.Data;

namespace CodexWeb.Review;

/// <summary>Where a pull request stands.</summary>
public enum PullRequestState
{
    /// <summary>Open for review.</summary>
    Open,

    /// <summary>Open, not ready for review.</summary>
    Draft,

    /// <summary>Merged.</summary>
    Merged,

    /// <summary>Closed without a merge.</summary>
    Closed,
}

/// <summary>Whether it can be merged into its base.</summary>
public enum MergeState
{
    /// <summary>The host has not said yet.</summary>
    Unknown,

    /// <summary>Without conflicts.</summary>
    Clean,

    /// <summary>It has conflicts with its base.</summary>
    Conflicting,
}

/// <summary>What all checks of the head commit come to.</summary>
public enum ChecksState
{
    /// <summary>There are none.</summary>
    None,

    /// <summary>At least one has not ended and none failed.</summary>
    Pending,

    /// <summary>All passed, were neutral or were skipped.</summary>
    Passed,

    /// <summary>At least one failed that did not fail on the base as well.</summary>
    Failed,
}

/// <summary>What the reviewers decided.</summary>
public enum ReviewDecision
{
    /// <summary>Nobody has yet.</summary>
    None,

    /// <summary>At least one approved, and nobody's request for changes stands.</summary>
    Approved,

    /// <summary>Somebody's request for changes stands.</summary>
    ChangesRequested,
}

/// <summary>The pull request of a task: one task has one branch and at most one pull request.</summary>
public sealed class PullRequest
{
    private PullRequest()
    {
    }

    /// <summary>The task.</summary>
    public TaskId TaskId { get; private init; }

    /// <summary>The repository it was opened in.</summary>
    public RepositoryId RepositoryId { get; private init; }

    /// <summary>The host's number.</summary>
    public int Number { get; private init; }

    /// <summary>Its page.</summary>
    public string Url { get; private init; } = "";

    /// <summary>Its title as last seen.</summary>
    public string Title { get; private set; } = "";

    /// <summary>The branch it is to be merged into.</summary>
    public string BaseBranch { get; private set; } = "";

    /// <summary>The task's branch.</summary>
    public string HeadBranch { get; private init; } = "";

    /// <summary>The newest commit of the branch, as last seen.</summary>
    public string HeadCommit { get; private set; } = "";

    /// <summary>Where it stands.</summary>
    public PullRequestState State { get; private set; }

    /// <summary>Whether it can be merged.</summary>
    public MergeState Mergeable { get; private set; }

    /// <summary>What the checks come to.</summary>
    public ChecksState Checks { get; private set; }

    /// <summary>The checks by name with their results, for people: JSON of <c>[{ name, state, url }]</c>, at most 100.</summary>
    public string CheckList { get; private set; } = "[]";

    /// <summary>What the reviewers decided.</summary>
    public ReviewDecision Review { get; private set; }

    /// <summary>When it was opened.</summary>
    public DateTimeOffset OpenedAt { get; private init; }

    /// <summary>When it was merged; null before.</summary>
    public DateTimeOffset? MergedAt { get; private set; }

    /// <summary>The commit that merged it; null before.</summary>
    public string? MergeCommit { get; private set; }

    /// <summary>When it was closed without a merge; null before.</summary>
    public DateTimeOffset? ClosedAt { get; private set; }

    /// <summary>When its merge was seen to be undone; null while it was not.</summary>
    public DateTimeOffset? RevertedAt { get; private set; }

    /// <summary>The commit or pull request that undid it, as a short text; null while nothing did.</summary>
    public string? RevertedBy { get; private set; }

    /// <summary>True while failing checks and review comments become turns by themselves.</summary>
    public bool KeepGreen { get; private set; }

    /// <summary>Turns that were started so.</summary>
    public int KeepGreenRounds { get; private set; }

    /// <summary>At most so many, 1 to 20.</summary>
    public int KeepGreenMostRounds { get; private set; } = 3;

    /// <summary>The task's cost at which it ends, in the provider entry's currency; null for none.</summary>
    public decimal? KeepGreenBudget { get; private set; }

    /// <summary>What it last did or why it stopped, a sentence; null before.</summary>
    public string? KeepGreenNote { get; private set; }

    /// <summary>The head commit whose failing checks became a turn last; null before. One commit is acted on once.</summary>
    public string? HandledCommit { get; private set; }

    /// <summary>Reviews and comments up to this time became turns, or were there before it was switched on.</summary>
    public DateTimeOffset HandledCommentsUntil { get; private set; }

    /// <summary>When it was last read from the host.</summary>
    public DateTimeOffset SyncedAt { get; private set; }

    /// <summary>When it is to be read next without a webhook; null when no more.</summary>
    public DateTimeOffset? NextSyncAt { get; private set; }

    /// <summary>Why it could not be read, with what to do; null when it could.</summary>
    public string? SyncProblem { get; private set; }
}

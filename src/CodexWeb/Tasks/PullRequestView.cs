using System.Globalization;

namespace CodexWeb.Tasks;

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

/// <summary>A task's pull request, for page and HTTP interface.</summary>
/// <param name="Number">The host's number.</param>
/// <param name="Url">Its page at the host.</param>
/// <param name="Reverted">True when its merge was undone.</param>
/// <param name="CheckList">JSON of the checks: see <see cref="PullRequestCheck"/>.</param>
/// <param name="KeepGreen">True while failing checks and review comments become turns by themselves.</param>
/// <param name="KeepGreenBudget">The task's cost at which it ends; null for none.</param>
/// <param name="KeepGreenNote">What it last did or why it stopped; null before.</param>
/// <param name="Remark">What could not be done when it was opened or updated, a sentence; null for nothing.</param>
/// <param name="SyncProblem">Why it could not be read, with what to do; null when it could.</param>
public sealed record PullRequestView(
    int Number,
    string Url,
    string Title,
    PullRequestState State,
    string BaseBranch,
    string HeadBranch,
    string HeadCommit,
    MergeState Mergeable,
    ChecksState Checks,
    string CheckList,
    ReviewDecision Review,
    DateTimeOffset OpenedAt,
    DateTimeOffset? MergedAt,
    DateTimeOffset? ClosedAt,
    bool Reverted,
    string? RevertedBy,
    bool KeepGreen,
    int KeepGreenRounds,
    int KeepGreenMostRounds,
    decimal? KeepGreenBudget,
    string? KeepGreenNote,
    string? Remark,
    DateTimeOffset SyncedAt,
    string? SyncProblem)
{
    /// <summary>The checks.</summary>
    public IReadOnlyList<PullRequestCheck> CheckRuns => PullRequestChecklist.Read(CheckList);

    /// <summary>True while it can still be changed and merged.</summary>
    public bool IsOpen => State is PullRequestState.Open or PullRequestState.Draft;

    /// <summary>What a person should look at, in a few words; null for nothing. While it is kept green, that looks after checks and reviews.</summary>
    public string? Want => !IsOpen ? null
        : Mergeable is MergeState.Conflicting ? $"conflicts with {BaseBranch}"
        : KeepGreen ? null
        : Checks is ChecksState.Failed ? "checks failed"
        : Review is ReviewDecision.ChangesRequested ? "changes requested"
        : null;

    /// <summary>Number and state in words: <c>#12 open, checks passed</c>.</summary>
    public string Words => string.Create(CultureInfo.InvariantCulture, $"#{Number} {StateWords}{(IsOpen && ChecksWords is { } checks ? $", {checks}" : "")}");

    /// <summary>The state in a word.</summary>
    public string StateWords => State switch
    {
        PullRequestState.Merged => Reverted ? "reverted" : "merged",
        PullRequestState.Closed => "closed",
        PullRequestState.Draft => "draft",
        _ => "open",
    };

    /// <summary>What the checks come to, in words; null when there are none.</summary>
    public string? ChecksWords => Checks switch
    {
        ChecksState.Pending => "checks running",
        ChecksState.Passed => "checks passed",
        ChecksState.Failed => "checks failed",
        _ => null,
    };
}

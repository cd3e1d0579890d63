using CodexWeb.Data;
using CodexWeb.Tasks;

namespace CodexWeb.Review;

/// <summary>A pull request as the host shows it now.</summary>
/// <param name="CheckList">JSON of the checks; see <see cref="PullRequest.CheckList"/>.</param>
public sealed record PullRequestReading(
    string Title,
    string BaseBranch,
    string HeadCommit,
    PullRequestState State,
    MergeState Mergeable,
    ChecksState Checks,
    string CheckList,
    ReviewDecision Review,
    DateTimeOffset? MergedAt,
    string? MergeCommit);

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

    /// <summary>What could not be done when it was opened or updated last, a sentence; null for nothing.</summary>
    public string? Remark { get; private set; }

    /// <summary>When it was last read from the host.</summary>
    public DateTimeOffset SyncedAt { get; private set; }

    /// <summary>When it is to be read next without a webhook; null when no more.</summary>
    public DateTimeOffset? NextSyncAt { get; private set; }

    /// <summary>Why it could not be read, with what to do; null when it could.</summary>
    public string? SyncProblem { get; private set; }

    /// <summary>True while it can still be changed and merged.</summary>
    public bool IsOpen => State is PullRequestState.Open or PullRequestState.Draft;

    /// <summary>One that is at the host now.</summary>
    public static PullRequest Opened(TaskId task, RepositoryId repository, int number, string url, string headBranch, PullRequestReading reading, DateTimeOffset now)
    {
        var pull = new PullRequest { TaskId = task, RepositoryId = repository, Number = number, Url = url, HeadBranch = headBranch, OpenedAt = now, HandledCommentsUntil = now };
        pull.Read(reading, now, now);
        return pull;
    }

    /// <summary>Takes over what was read from the host.</summary>
    /// <param name="next">When it is to be read again; null when no more.</param>
    /// <returns>True when something a person sees is different.</returns>
    public bool Read(PullRequestReading reading, DateTimeOffset now, DateTimeOffset? next)
    {
        ArgumentNullException.ThrowIfNull(reading);
        var before = (Title, BaseBranch, HeadCommit, State, Mergeable, Checks, CheckList, Review, MergedAt, MergeCommit, SyncProblem);
        (Title, BaseBranch, HeadCommit, State, Checks, CheckList, Review) = (reading.Title, reading.BaseBranch, reading.HeadCommit, reading.State, reading.Checks, reading.CheckList, reading.Review);
        // While the host works it out anew, what it said before stands.
        Mergeable = reading.Mergeable is MergeState.Unknown && before.HeadCommit == reading.HeadCommit && IsOpen ? Mergeable : reading.Mergeable;
        (MergedAt, MergeCommit) = (reading.MergedAt, reading.MergeCommit);
        ClosedAt = State is PullRequestState.Closed ? ClosedAt ?? now : null;
        (SyncedAt, NextSyncAt, SyncProblem) = (now, next, null);
        return before != (Title, BaseBranch, HeadCommit, State, Mergeable, Checks, CheckList, Review, MergedAt, MergeCommit, SyncProblem);
    }

    /// <summary>Notes that it could not be read.</summary>
    /// <returns>True when that was not known.</returns>
    public bool NotRead(string problem, DateTimeOffset? next)
    {
        var isNew = !string.Equals(SyncProblem, problem, StringComparison.Ordinal);
        (SyncProblem, NextSyncAt) = (problem, next);
        return isNew;
    }

    /// <summary>Notes that its merge was undone. The first that did counts.</summary>
    /// <returns>True when that was not known.</returns>
    public bool Revert(string by, DateTimeOffset now)
    {
        if (RevertedAt is not null)
        {
            return false;
        }

        (RevertedAt, RevertedBy) = (now, by);
        return true;
    }

    /// <summary>Notes what could not be done beside; null for nothing.</summary>
    public void SetRemark(string? remark) => Remark = remark;

    /// <summary>Lets failing checks and review comments become turns from now on. What was there before is left alone, but for checks that fail now.</summary>
    /// <param name="mostRounds">1 to 20, counted from here.</param>
    /// <param name="budget">The task's cost at which it ends; null for none.</param>
    public void StartKeepGreen(int mostRounds, decimal? budget, DateTimeOffset now)
    {
        if (!KeepGreen)
        {
            (KeepGreenRounds, HandledCommentsUntil, HandledCommit) = (0, now, null);
        }

        (KeepGreen, KeepGreenMostRounds, KeepGreenBudget, KeepGreenNote) = (true, mostRounds, budget, null);
    }

    /// <summary>Ends that.</summary>
    /// <param name="why">A sentence; null when a person switched it off.</param>
    public void StopKeepGreen(string? why) => (KeepGreen, KeepGreenNote) = (false, why);

    /// <summary>Notes what it did.</summary>
    public void NoteKeepGreen(string note) => KeepGreenNote = note;

    /// <summary>Notes that a turn was started for the checks of a commit and the comments until a moment.</summary>
    /// <param name="commit">Null when it is for comments alone and no checks were acted upon before.</param>
    public void BeginRound(string? commit, DateTimeOffset commentsUntil, string note)
    {
        KeepGreenRounds++;
        (HandledCommit, HandledCommentsUntil, KeepGreenNote) = (commit, commentsUntil, note);
    }
}

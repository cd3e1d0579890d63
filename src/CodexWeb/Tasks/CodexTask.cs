using CodexWeb.Agent;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Repositories;

namespace CodexWeb.Tasks;

/// <summary>What kind of work is asked for.</summary>
public enum TaskMode
{
    /// <summary>Change the code on a branch and prove the change.</summary>
    Code,

    /// <summary>Answer a question about the code; nothing can be changed.</summary>
    Ask,
}

/// <summary>A piece of delegated work on one repository: turns, attempts, one branch.</summary>
public sealed class CodexTask
{
    private CodexTask()
    {
    }

    /// <summary>Its id.</summary>
    public TaskId Id { get; private init; }

    /// <summary>The repository it works on.</summary>
    public RepositoryId RepositoryId { get; private init; }

    /// <summary>The repository it works on.</summary>
    public Repository Repository { get; private init; } = null!;

    /// <summary>The environment its attempts work by, as it is when a turn begins.</summary>
    public EnvironmentId EnvironmentId { get; private init; }

    /// <summary>One line, at most 120 characters; from the prompt until somebody renames it.</summary>
    public string Title { get; private set; } = "";

    /// <summary>Ask or Code.</summary>
    public TaskMode Mode { get; private init; }

    /// <summary>The branch it starts from.</summary>
    public string Branch { get; private init; } = "";

    /// <summary>Its own branch, <c>codexweb/…</c>; used from the first push on.</summary>
    public string WorkBranch { get; private init; } = "";

    /// <summary>The commit of <see cref="Branch"/> all attempts start from; null until the first is prepared.</summary>
    public string? BaseCommit { get; private set; }

    /// <summary>As the provider names it; null for the provider's default.</summary>
    public string? ReasoningEffort { get; private init; }

    /// <summary>What a person is asked before it happens.</summary>
    public ApprovalMode Approval { get; private init; }

    /// <summary>Minutes of work all its attempts may take together before the owner is asked; null for no such limit.</summary>
    public int? BudgetMinutes { get; private set; }

    /// <summary>US dollars all its attempts may cost together before the owner is asked; null for no such limit.</summary>
    public decimal? BudgetCost { get; private set; }

    /// <summary>The attempt of another task it was forked from; null for none.</summary>
    public AttemptId? ForkedFromAttemptId { get; private init; }

    /// <summary>The last event of that attempt's log it took over; null when it was not forked.</summary>
    public long? ForkedFromSeq { get; private init; }

    /// <summary>Who asked, as shown.</summary>
    public string Author { get; private init; } = "";

    /// <summary>When it was asked for.</summary>
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>When anything of it last changed; the list's order.</summary>
    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>True when put away.</summary>
    public bool Archived { get; private set; }

    /// <summary>The branch that was pushed last; null before.</summary>
    public string? PushedBranch { get; private set; }

    /// <summary>The commit that was pushed last; null before.</summary>
    public string? PushedCommit { get; private set; }

    /// <summary>The attempt that was pushed last; null before.</summary>
    public AttemptId? PushedAttemptId { get; private set; }

    /// <summary>The attempt a person picked out of several; null while nobody did.</summary>
    public AttemptId? ChosenAttemptId { get; private set; }

    /// <summary>The attempt the task goes on with when nobody says another: the chosen one, else the one pushed last; null for neither.</summary>
    public AttemptId? LeadingAttemptId => ChosenAttemptId ?? PushedAttemptId;

    /// <summary>The checkpoint the pushed commit was made of: a later one means there is something to push again.</summary>
    public string? PushedCheckpoint { get; private set; }

    /// <summary>The page outside that it was started from (an issue, a comment); null for a task started here.</summary>
    public string? SourceUrl { get; private init; }

    /// <summary>That page in words, for example <c>acme/shop#12</c>; null for a task started here.</summary>
    public string? SourceLabel { get; private init; }

    /// <summary>The review whose agent's part this is; null for all other tasks.</summary>
    public CodeReviewId? ReviewId { get; private init; }

    /// <summary>The newer commit of <see cref="Branch"/> that was merged into the task's work; null while none was. The change is what lies between it and the work.</summary>
    public string? MergedCommit { get; private set; }

    /// <summary>The attempt that merged it or is asked to; null for none.</summary>
    public AttemptId? MergeAttemptId { get; private set; }

    /// <summary>The commit that a turn was asked to merge and whose end has not been looked at; null when none was.</summary>
    public string? MergingCommit { get; private set; }

    /// <summary>What is missing of the merge that was asked for last, a sentence; null when nothing is.</summary>
    public string? MergeProblem { get; private set; }

    /// <summary>All attempts.</summary>
    public List<Attempt> Attempts { get; } = [];

    /// <summary>All messages from the person that started a turn.</summary>
    public List<Turn> Turns { get; } = [];

    /// <summary>A new task; its first turn and attempts are added by the caller.</summary>
    /// <param name="source">The page outside it is started from; null for a task started here.</param>
    /// <param name="review">The review whose agent's part it is; null for none.</param>
    /// <param name="terms">What it may do and spend; null for all of it.</param>
    public static CodexTask Start(
        RepositoryId repository,
        EnvironmentId environment,
        string title,
        TaskMode mode,
        string branch,
        string workBranch,
        string? reasoningEffort,
        string author,
        TimeProvider time,
        TaskSource? source = null,
        CodeReviewId? review = null,
        TaskTerms? terms = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        var now = time.GetUtcNow();
        return new CodexTask
        {
            Id = Data.Id.New<TaskId>(time),
            RepositoryId = repository,
            EnvironmentId = environment,
            Title = title,
            Mode = mode,
            Branch = branch,
            WorkBranch = workBranch,
            ReasoningEffort = reasoningEffort,
            Author = author,
            CreatedAt = now,
            UpdatedAt = now,
            SourceUrl = source?.Url,
            SourceLabel = source?.Label,
            ReviewId = review,
            Approval = terms?.Approval ?? ApprovalMode.FullAuto,
            BudgetMinutes = terms?.BudgetMinutes,
            BudgetCost = terms?.BudgetCost,
            ForkedFromAttemptId = terms?.ForkedFromAttemptId,
            ForkedFromSeq = terms?.ForkedFromSeq,
        };
    }

    /// <summary>Gives it another title.</summary>
    public void Rename(string title, DateTimeOffset now)
    {
        Title = title;
        UpdatedAt = now;
    }

    /// <summary>Gives it another budget.</summary>
    public void SetBudget(int? minutes, decimal? cost, DateTimeOffset now) => (BudgetMinutes, BudgetCost, UpdatedAt) = (minutes, cost, now);

    /// <summary>Puts it away or takes it out again.</summary>
    public void SetArchived(bool archived) => Archived = archived;

    /// <summary>Fixes the commit all attempts start from. The first caller wins.</summary>
    /// <returns>The commit in force.</returns>
    public string StartFrom(string commit) => BaseCommit ??= commit;

    /// <summary>Notes a push.</summary>
    public void Pushed(AttemptId attempt, string branch, string commit, string checkpoint, DateTimeOffset now)
    {
        PushedAttemptId = attempt;
        PushedBranch = branch;
        PushedCommit = commit;
        PushedCheckpoint = checkpoint;
        ChosenAttemptId = ChosenAttemptId is null ? null : attempt;
        UpdatedAt = now;
    }

    /// <summary>Picks one of its attempts; null takes the choice back.</summary>
    public void Choose(AttemptId? attempt, DateTimeOffset now)
    {
        ChosenAttemptId = attempt;
        UpdatedAt = now;
    }

    /// <summary>Notes that a turn of an attempt was asked to merge a newer commit.</summary>
    public void Merge(AttemptId attempt, string commit)
    {
        MergedCommit = MergedInto(attempt);
        (MergeAttemptId, MergingCommit, MergeProblem) = (attempt, commit, null);
    }

    /// <summary>The commit that was merged into an attempt's work; null for none.</summary>
    public string? MergedInto(AttemptId attempt) => attempt == MergeAttemptId ? MergedCommit : null;

    /// <summary>Notes that the merge is whole: from now on the change is what lies between that commit and the work.</summary>
    public void Merged()
    {
        MergedCommit = MergingCommit ?? throw new InvalidOperationException("No merge was asked for.");
        (MergingCommit, MergeProblem) = (null, null);
    }

    /// <summary>Notes what the merge lacks.</summary>
    public void NotMerged(string problem) => (MergingCommit, MergeProblem) = (null, problem);

    /// <summary>Notes that something of it changed.</summary>
    public void Touch(DateTimeOffset now) => UpdatedAt = now;
}

/// <summary>What a task may do and spend, and where it came from.</summary>
/// <param name="BudgetMinutes">Minutes of work of all attempts together, at least 1; null for no limit.</param>
/// <param name="BudgetCost">US dollars of all attempts together, more than 0; null for no limit.</param>
/// <param name="ForkedFromAttemptId">The attempt it was forked from; null for none.</param>
/// <param name="ForkedFromSeq">The last event it took over; null when it was not forked.</param>
public sealed record TaskTerms(
    ApprovalMode Approval = ApprovalMode.FullAuto,
    int? BudgetMinutes = null,
    decimal? BudgetCost = null,
    AttemptId? ForkedFromAttemptId = null,
    long? ForkedFromSeq = null);

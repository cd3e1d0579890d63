using CodexWeb.Agent;
using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Data;

namespace CodexWeb.Tasks;

/// <summary>Where a task stands for the person, over all its attempts. The words are the same everywhere in the product.</summary>
public enum TaskState
{
    /// <summary>Waits for a place.</summary>
    Queued,

    /// <summary>Is being prepared.</summary>
    Starting,

    /// <summary>An agent works.</summary>
    Working,

    /// <summary>A person is asked, or something failed that a person can mend.</summary>
    NeedsYou,

    /// <summary>There is an answer to read or a diff to review.</summary>
    ReadyForReview,

    /// <summary>Pushed, or put away.</summary>
    Done,

    /// <summary>It could not go on.</summary>
    Failed,

    /// <summary>A person stopped it.</summary>
    Stopped,
}

/// <summary>A row of the task list.</summary>
/// <param name="NextStep">The second line: the next human action, or what it is doing now.</param>
/// <param name="QueuePlace">1 for the next to start; null when it does not wait.</param>
/// <param name="Source">The page outside it was started from; null for a task started here.</param>
public sealed record TaskRow(
    TaskId Id,
    string Title,
    TaskMode Mode,
    TaskState State,
    string NextStep,
    int? QueuePlace,
    RepositoryId RepositoryId,
    string RepositoryName,
    string Branch,
    string Author,
    int Attempts,
    int Files,
    int Added,
    int Removed,
    decimal? Cost,
    string? PushedBranch,
    PullRequestView? PullRequest,
    bool Archived,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    TaskSource? Source);

/// <summary>What the list is narrowed to. All parts must hold; null or empty leaves one out.</summary>
/// <param name="Text">Words to find in title and prompts.</param>
/// <param name="Author">Author, exactly.</param>
/// <param name="Repository">Part of the repository's name, or its id.</param>
public sealed record TaskFilter(string? Text = null, TaskState? State = null, string? Author = null, string? Repository = null, TaskMode? Mode = null, bool Archived = false);

/// <summary>One page of a list.</summary>
/// <param name="NextCursor">Give it to get the next page; null at the end.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>All a task's page shows beside the logs.</summary>
/// <param name="Source">The page outside it was started from; null for a task started here.</param>
/// <param name="MergedCommit">The newer commit of the base that was merged into the work; null for none.</param>
/// <param name="MergingCommit">The commit a turn is merging; null when none is.</param>
/// <param name="MergeProblem">What the last merge lacks; null for nothing.</param>
/// <param name="PullRequest">Null before it is opened.</param>
public sealed record TaskDetails(
    TaskId Id,
    string Title,
    TaskMode Mode,
    TaskState State,
    string NextStep,
    RepositoryId RepositoryId,
    string RepositoryName,
    string RepositoryUrl,
    string Branch,
    string WorkBranch,
    string? BaseCommit,
    string? ReasoningEffort,
    string Author,
    DateTimeOffset CreatedAt,
    bool Archived,
    string? PushedBranch,
    string? PushedCommit,
    AttemptId? PushedAttemptId,
    string? PushedCheckpoint,
    TaskSource? Source,
    string? MergedCommit,
    string? MergingCommit,
    string? MergeProblem,
    PullRequestView? PullRequest,
    IReadOnlyList<TurnDetails> Turns,
    IReadOnlyList<AttemptDetails> Attempts)
{
    /// <summary>What a person is asked before it happens.</summary>
    public ApprovalMode Approval { get; init; }

    /// <summary>What it may take, and what it has taken.</summary>
    public BudgetUse Budget { get; init; } = new(Minutes: null, Cost: null, TimeSpan.Zero, 0);

    /// <summary>The attempt a person picked out of several; null while nobody did.</summary>
    public AttemptId? ChosenAttemptId { get; init; }

    /// <summary>Where it was forked from; null when it was not.</summary>
    public ForkOrigin? ForkedFrom { get; init; }

    /// <summary>As <see cref="CodexTask.LeadingAttemptId"/>.</summary>
    public AttemptId? LeadingAttemptId => ChosenAttemptId ?? PushedAttemptId;
}

/// <summary>Where a task was forked from.</summary>
/// <param name="Seq">The last event of that attempt's log it took over.</param>
/// <param name="Task">That attempt's task; null when it was deleted.</param>
/// <param name="Title">That task's title; null when it was deleted.</param>
/// <param name="Number">The attempt's number in it; null when it was deleted.</param>
public sealed record ForkOrigin(AttemptId Attempt, long Seq, TaskId? Task, string? Title, int? Number);

/// <summary>A turn of a task.</summary>
/// <param name="Source">What sent it: see <see cref="Attempts.Turn.Source"/>; null for a person.</param>
public sealed record TurnDetails(int Number, AttemptId? AttemptId, string Prompt, string? Source, DateTimeOffset CreatedAt);

/// <summary>An attempt of a task.</summary>
/// <param name="ModelLabel">The model as people know it.</param>
/// <param name="Demo">True for the scripted demo model: it is labelled wherever it appears.</param>
public sealed record AttemptDetails(
    AttemptId Id,
    int Number,
    AttemptStatus Status,
    string Reason,
    AttemptPhase Phase,
    string Activity,
    int? QueuePlace,
    int TurnNumber,
    string Model,
    string ModelLabel,
    bool Demo,
    int Files,
    int Added,
    int Removed,
    TokenUsage Usage,
    decimal? Cost,
    string? Checkpoint,
    string? EvidenceLine,
    bool StopRequested,
    DateTimeOffset QueuedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt)
{
    /// <summary>How much of the model's window the conversation fills, 0 to 100; null when the window is not known or nothing was asked yet.</summary>
    public int? ContextPercent { get; init; }

    /// <summary>True when a person asked for the conversation to be compacted, and it has not been yet.</summary>
    public bool CompactRequested { get; init; }

    /// <summary>The time it was at work over all turns that ended, without the queue and waiting for a person.</summary>
    public TimeSpan Worked { get; init; }

    /// <summary>True while nobody can say its end yet.</summary>
    public bool IsActive => Status is AttemptStatus.Queued or AttemptStatus.Preparing or AttemptStatus.Running or AttemptStatus.WaitingForApproval;
}

/// <summary>A message that waits for the attempt's next step.</summary>
/// <param name="Files">Images and files it brings.</param>
public sealed record QueuedMessageView(Guid Id, string Text, int Files = 0);

/// <summary>Where the state words are decided, once for page, hub and HTTP interface.</summary>
public static class TaskStates
{
    /// <summary>A task's state from its attempts'.</summary>
    public static TaskState Of(IReadOnlyCollection<AttemptStatus> attempts, bool pushedLast, bool archived, PullRequestView? pullRequest)
    {
        ArgumentNullException.ThrowIfNull(attempts);
        return archived ? TaskState.Done
            : attempts.Contains(AttemptStatus.WaitingForApproval) ? TaskState.NeedsYou
            : attempts.Contains(AttemptStatus.Running) ? TaskState.Working
            : attempts.Contains(AttemptStatus.Preparing) ? TaskState.Starting
            : attempts.Contains(AttemptStatus.Queued) ? TaskState.Queued
            : attempts.Contains(AttemptStatus.Completed) ? (!pushedLast ? TaskState.ReadyForReview : pullRequest?.Want is null ? TaskState.Done : TaskState.NeedsYou)
            : attempts.Contains(AttemptStatus.Interrupted) ? TaskState.NeedsYou
            : attempts.Contains(AttemptStatus.Failed) ? TaskState.Failed
            : TaskState.Stopped;
    }

    /// <summary>One attempt's state.</summary>
    public static TaskState Of(AttemptStatus attempt) => Of([attempt], pushedLast: false, archived: false, pullRequest: null);

    /// <summary>The state in words.</summary>
    public static string Words(TaskState state) => state switch
    {
        TaskState.Queued => "Queued",
        TaskState.Starting => "Starting",
        TaskState.Working => "Working",
        TaskState.NeedsYou => "Needs you",
        TaskState.ReadyForReview => "Ready for review",
        TaskState.Done => "Done",
        TaskState.Failed => "Failed",
        TaskState.Stopped => "Stopped",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "No such state."),
    };
}

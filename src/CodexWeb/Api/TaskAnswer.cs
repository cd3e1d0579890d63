using CodexWeb.Agent;
using CodexWeb.Agent.Protocol;
using CodexWeb.Data;
using CodexWeb.Tasks;

namespace CodexWeb.Api;

/// <summary>A task.</summary>
/// <param name="NextStep">The next human action, or what it is doing now, in words.</param>
/// <param name="Repository">The repository's name.</param>
/// <param name="Branch">The branch it started from.</param>
/// <param name="WorkBranch">Its own branch.</param>
/// <param name="BaseCommit">The commit it started from; null until the first attempt is prepared.</param>
/// <param name="Approval"><c>full-auto</c>, <c>auto-edit</c> or <c>suggest</c>.</param>
/// <param name="Source">The page outside it was started from; null for a task started here.</param>
/// <param name="ChosenAttemptId">The attempt a person picked out of several; null while nobody did.</param>
/// <param name="ForkedFrom">Where it was forked from; null when it was not.</param>
/// <param name="Pushed">What was pushed last; null before.</param>
/// <param name="PullRequest">Null before it is opened.</param>
internal sealed record TaskAnswer(
    TaskId Id,
    string Title,
    TaskMode Mode,
    TaskState State,
    string NextStep,
    RepositoryId RepositoryId,
    string Repository,
    string Branch,
    string WorkBranch,
    string? BaseCommit,
    string? ReasoningEffort,
    DateTime CreatedAt,
    string Author,
    bool Archived,
    string Approval,
    BudgetAnswer Budget,
    TaskSource? Source,
    IReadOnlyList<TurnAnswer> Turns,
    IReadOnlyList<AttemptAnswer> Attempts,
    AttemptId? ChosenAttemptId,
    ForkOriginAnswer? ForkedFrom,
    PushAnswer? Pushed,
    PullRequestAnswer? PullRequest)
{
    public static TaskAnswer Of(TaskDetails task) => new(
        task.Id,
        task.Title,
        task.Mode,
        task.State,
        task.NextStep,
        task.RepositoryId,
        task.RepositoryName,
        task.Branch,
        task.WorkBranch,
        task.BaseCommit,
        task.ReasoningEffort,
        task.CreatedAt.UtcDateTime,
        task.Author,
        task.Archived,
        task.Approval switch
        {
            ApprovalMode.AutoEdit => "auto-edit",
            ApprovalMode.Suggest => "suggest",
            _ => "full-auto",
        },
        new BudgetAnswer(task.Budget.Minutes, task.Budget.Cost, Math.Round(task.Budget.Worked.TotalMinutes, 2), task.Budget.Spent),
        task.Source,
        [.. task.Turns.Select(TurnAnswer.Of)],
        [.. task.Attempts.Select(AttemptAnswer.Of)],
        task.ChosenAttemptId,
        task.ForkedFrom is { } origin ? new ForkOriginAnswer(origin.Task, origin.Attempt, origin.Seq) : null,
        task is { PushedBranch: { } branch, PushedCommit: { } commit } ? new PushAnswer(branch, commit) : null,
        task.PullRequest is { } pull ? PullRequestAnswer.Of(pull) : null);
}

/// <summary>Where a task was forked from.</summary>
/// <param name="TaskId">Null when that task was deleted.</param>
/// <param name="Seq">The last event of that attempt's log it took over.</param>
internal sealed record ForkOriginAnswer(TaskId? TaskId, AttemptId AttemptId, long Seq);

/// <summary>What a task may take, all attempts together, and what it has taken.</summary>
/// <param name="Minutes">Null for no such limit.</param>
/// <param name="Cost">US dollars; null for no such limit.</param>
internal sealed record BudgetAnswer(int? Minutes, decimal? Cost, double UsedMinutes, decimal UsedCost);

/// <summary>A message that started work.</summary>
/// <param name="AttemptId">The attempt that runs it; null for the first turn, which all run.</param>
/// <param name="Source">What sent it: null for a person in the page or by this interface, else <c>mention</c>, <c>keep-green</c>, <c>conflicts</c>, <c>hunks</c>, <c>drop</c> or <c>review</c>.</param>
internal sealed record TurnAnswer(int Number, AttemptId? AttemptId, string Prompt, string? Source, DateTime CreatedAt)
{
    public static TurnAnswer Of(TurnDetails turn) => new(turn.Number, turn.AttemptId, turn.Prompt, turn.Source, turn.CreatedAt.UtcDateTime);
}

/// <summary>An attempt.</summary>
/// <param name="Reason">Why it stands where it stands, in a sentence to act on.</param>
/// <param name="Activity">What it is doing now; empty when it does nothing.</param>
/// <param name="QueuePlace">1 for the next to start; null when it does not wait.</param>
/// <param name="Turn">The turn it runs, ran last or waits to run.</param>
/// <param name="Demo">True for the scripted demo model, which is not an AI.</param>
/// <param name="Checkpoint">Commit of its last change in the server's mirror; null before.</param>
/// <param name="Evidence">One line on the checks; null when none is known.</param>
/// <param name="ContextPercent">How much of the model's window the conversation fills, 0 to 100; null when that is not known.</param>
/// <param name="CompactRequested">True when the conversation is compacted before the next model request.</param>
internal sealed record AttemptAnswer(
    AttemptId Id,
    int Number,
    AttemptStatus Status,
    string Reason,
    AttemptPhase Phase,
    string Activity,
    int? QueuePlace,
    int Turn,
    string Model,
    bool Demo,
    DiffAnswer Diff,
    UsageAnswer Usage,
    string? Checkpoint,
    string? Evidence,
    int? ContextPercent,
    bool CompactRequested,
    DateTime? StartedAt,
    DateTime? EndedAt)
{
    public static AttemptAnswer Of(AttemptDetails attempt) => new(
        attempt.Id,
        attempt.Number,
        attempt.Status,
        attempt.Reason,
        attempt.Phase,
        attempt.Activity,
        attempt.QueuePlace,
        attempt.TurnNumber,
        attempt.Model,
        attempt.Demo,
        new DiffAnswer(attempt.Files, attempt.Added, attempt.Removed),
        new UsageAnswer(attempt.Usage.InputTokens, attempt.Usage.CachedInputTokens, attempt.Usage.OutputTokens, attempt.Cost),
        attempt.Checkpoint,
        attempt.EvidenceLine,
        attempt.ContextPercent,
        attempt.CompactRequested,
        attempt.StartedAt?.UtcDateTime,
        attempt.EndedAt?.UtcDateTime);
}

/// <summary>How much an attempt changed against the base of its branch: files, and lines.</summary>
internal sealed record DiffAnswer(int Files, int Added, int Removed);

/// <summary>What an attempt used.</summary>
/// <param name="Cost">US dollars; null when the model's price is not known.</param>
internal sealed record UsageAnswer(long InputTokens, long CachedInputTokens, long OutputTokens, decimal? Cost);

/// <summary>A pushed branch and its commit at the origin.</summary>
internal sealed record PushAnswer(string Branch, string Commit);

using System.Globalization;
using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Data;

namespace CodexWeb.Tasks;

/// <summary>What a row of the list is made of.</summary>
internal sealed record TaskFacts(
    TaskId Id,
    string Title,
    TaskMode Mode,
    RepositoryId RepositoryId,
    string RepositoryName,
    string Branch,
    string Author,
    string? PushedBranch,
    AttemptId? PushedAttemptId,
    AttemptId? ChosenAttemptId,
    string? PushedCheckpoint,
    bool Archived,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    string? SourceUrl,
    string? SourceLabel,
    IReadOnlyList<Attempt> Attempts)
{
    public static TaskFacts Of(CodexTask task) => new(
        task.Id,
        task.Title,
        task.Mode,
        task.RepositoryId,
        task.Repository.Name,
        task.Branch,
        task.Author,
        task.PushedBranch,
        task.PushedAttemptId,
        task.ChosenAttemptId,
        task.PushedCheckpoint,
        task.Archived,
        task.CreatedAt,
        task.UpdatedAt,
        task.SourceUrl,
        task.SourceLabel,
        [.. task.Attempts.OrderBy(a => a.Number)]);

    public static TaskRow ToRow(TaskFacts task, IReadOnlyDictionary<AttemptId, int> queue, PullRequestView? pull)
    {
        var pushedLast = task.PushedCheckpoint is not null && task.Attempts.Any(a => a.Id == task.PushedAttemptId && string.Equals(a.Checkpoint, task.PushedCheckpoint, StringComparison.Ordinal));
        var state = TaskStates.Of([.. task.Attempts.Select(a => a.Status)], pushedLast, task.Archived, pull);
        var places = task.Attempts.Where(a => queue.ContainsKey(a.Id)).Select(a => queue[a.Id]).ToList();
        var shown = task.Attempts.FirstOrDefault(a => a.Id == (task.ChosenAttemptId ?? task.PushedAttemptId))
            ?? task.Attempts.FirstOrDefault(a => a.Status is AttemptStatus.Completed)
            ?? task.Attempts.First(a => Decides(a, state, task.Attempts));
        return new TaskRow(
            task.Id,
            task.Title,
            task.Mode,
            state,
            NextStep(task, state, shown, pull, places.Count > 0 ? places.Min() : null),
            places.Count > 0 ? places.Min() : null,
            task.RepositoryId,
            task.RepositoryName,
            task.Branch,
            task.Author,
            task.Attempts.Count,
            shown.Files,
            shown.Added,
            shown.Removed,
            task.Attempts.Any(a => a.Cost is not null) ? task.Attempts.Sum(a => a.Cost ?? 0) : null,
            task.PushedBranch,
            pull,
            task.Archived,
            task.CreatedAt,
            task.UpdatedAt,
            task.SourceUrl is { } source ? new TaskSource(source, task.SourceLabel ?? source) : null);
    }

    private static bool Decides(Attempt attempt, TaskState state, IReadOnlyList<Attempt> all) => TaskStates.Of(attempt.Status) == state || all.Count == 1 || attempt == all[^1];

    private static string NextStep(TaskFacts task, TaskState state, Attempt shown, PullRequestView? pull, int? place)
    {
        var deciding = task.Attempts.FirstOrDefault(a => TaskStates.Of(a.Status) == state) ?? shown;
        return state switch
        {
            TaskState.Queued => place is { } n ? $"Queued · {Ordinal(n)} in line" : "Queued",
            TaskState.Starting => deciding.Activity is { Length: > 0 } starting ? starting : deciding.Reason,
            TaskState.Working => deciding.Activity is { Length: > 0 } working ? working : "Working",
            TaskState.ReadyForReview when task.Mode is TaskMode.Ask => "Read the answer",
            TaskState.ReadyForReview when shown.Files == 0 => "Read the report · nothing changed",
            TaskState.ReadyForReview => string.Create(CultureInfo.InvariantCulture, $"Review +{shown.Added} −{shown.Removed} in {shown.Files} {(shown.Files == 1 ? "file" : "files")}{(shown.EvidenceLine is { } line ? $" · {line}" : "")}"),
            TaskState.NeedsYou when pull?.Want is { } want && !task.Attempts.Any(a => a.Status is AttemptStatus.WaitingForApproval) => string.Create(CultureInfo.InvariantCulture, $"#{pull.Number}: {want}"),
            TaskState.Done when pull is not null && !task.Archived => pull.Words,
            TaskState.Done when task.PushedBranch is { } branch => $"Pushed {branch}",
            TaskState.Done => "Archived",
            _ => deciding.Reason,
        };
    }

    private static string Ordinal(int n) => (n % 100 is >= 11 and <= 13 ? 0 : n % 10) switch
    {
        1 => string.Create(CultureInfo.InvariantCulture, $"{n}st"),
        2 => string.Create(CultureInfo.InvariantCulture, $"{n}nd"),
        3 => string.Create(CultureInfo.InvariantCulture, $"{n}rd"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{n}th"),
    };
}

namespace CodexWeb.Tasks;

/// <summary>A heading of the task list with its rows.</summary>
public sealed record TaskGroup(string Title, bool Folded, bool WantsPerson, IReadOnlyList<TaskRow> Rows);

/// <summary>The order of the task list: what wants the person first.</summary>
public static class TaskGroups
{
    /// <summary>The groups that have rows. What needs the person stands longest wait first, the rest last changed first.</summary>
    public static IReadOnlyList<TaskGroup> Of(IEnumerable<TaskRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var all = rows.Where(r => !r.Archived).OrderByDescending(r => r.UpdatedAt).ThenByDescending(r => r.Id.Value).ToList();
        TaskGroup[] groups =
        [
            new("Needs you", Folded: false, WantsPerson: true, [.. all.Where(r => r.State is TaskState.NeedsYou or TaskState.Failed).Reverse()]),
            new("Ready for review", Folded: false, WantsPerson: true, [.. all.Where(r => r.State is TaskState.ReadyForReview)]),
            new("Working", Folded: false, WantsPerson: false, [.. all.Where(IsAtWork).OrderBy(r => r.QueuePlace ?? 0)]),
            new("Done", Folded: true, WantsPerson: false, [.. all.Where(r => r.State is TaskState.Done or TaskState.Stopped)]),
        ];
        return [.. groups.Where(g => g.Rows.Count > 0)];
    }

    private static bool IsAtWork(TaskRow row) => row.State is TaskState.Queued or TaskState.Starting or TaskState.Working;
}

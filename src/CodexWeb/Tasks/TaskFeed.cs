using System.Runtime.CompilerServices;
using CodexWeb.Attempts;
using CodexWeb.Data;

namespace CodexWeb.Tasks;

/// <summary>The rows of the task list, and those that change.</summary>
public sealed class TaskFeed(TaskQueries queries, IAttemptSignals signals, TimeProvider time)
{
    private const int Recent = 100;
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(250);

    /// <summary>The tasks that changed last, and all that wait for the person.</summary>
    /// <returns>The rows, and whether there are more tasks than these.</returns>
    public async Task<(IReadOnlyList<TaskRow> Rows, bool More)> LoadAsync(CancellationToken cancellationToken)
    {
        var recent = await queries.ListAsync(new TaskFilter(), Recent, null, cancellationToken);
        if (recent.NextCursor is null)
        {
            return (recent.Items, false);
        }

        // What waits for the person may be older than all that is recent.
        var waiting = await queries.ListAsync(new TaskFilter(State: TaskState.NeedsYou), Recent, null, cancellationToken);
        return ([.. recent.Items.UnionBy(waiting.Items, r => r.Id)], true);
    }

    /// <summary>What <see cref="LoadAsync"/> gives, again, then every task that changed, at most four times a second. Ends only by cancellation.</summary>
    /// <returns>The ids with their rows; a null row for a task that is gone.</returns>
    public async IAsyncEnumerable<IReadOnlyList<(TaskId Id, TaskRow? Row)>> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Subscribed before it is read: what changes in between is told again.
        using var subscription = signals.FollowTasks();
        var (rows, _) = await LoadAsync(cancellationToken);
        yield return [.. rows.Select(r => (r.Id, (TaskRow?)r))];
        while (true)
        {
            var changed = new List<(TaskId Id, TaskRow? Row)>();
            foreach (var id in await subscription.WaitAsync(cancellationToken))
            {
                changed.Add((id, await queries.RowAsync(id, cancellationToken)));
            }

            yield return changed;
            await Task.Delay(Between, time, cancellationToken);
        }
    }

    /// <summary>One task as it now stands, then whenever it changed; while it waits, whenever the queue may have moved. Ends only by cancellation, or with null when the task is gone.</summary>
    public async IAsyncEnumerable<TaskDetails?> WatchAsync(TaskId id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var subscription = signals.FollowTasks();
        var details = await queries.DetailsAsync(id, cancellationToken);
        yield return details;
        while (details is not null)
        {
            var changed = await subscription.WaitAsync(cancellationToken);
            if (changed.Contains(id) || details.Attempts.Any(a => a.QueuePlace is not null))
            {
                details = await queries.DetailsAsync(id, cancellationToken);
                yield return details;
                await Task.Delay(Between, time, cancellationToken);
            }
        }
    }
}

using System.Runtime.CompilerServices;
using System.Text.Json;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Tasks;
using Microsoft.AspNetCore.SignalR;

namespace CodexWeb.Api;

/// <summary>The SignalR hub <c>/hubs/tasks</c>: the same events and rows as the HTTP interface, as streams.</summary>
public sealed class TaskHub(AttemptLog log, TaskQueries tasks, IAttemptSignals signals) : Hub
{
    /// <summary>An attempt's events after a number, stored and then live: <c>{ seq, at, type, … }</c>. Ends only when the reader goes.</summary>
    /// <param name="attemptId">The attempt's id.</param>
    /// <param name="afterSeq">The number of the last event the reader has; 0 for none.</param>
    /// <exception cref="HubException">There is no such attempt.</exception>
    public async IAsyncEnumerable<JsonElement> Follow(string attemptId, long afterSeq, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!AttemptId.TryParse(attemptId, null, out var attempt) || await tasks.TaskOfAsync(attempt, cancellationToken) is null)
        {
            throw new HubException("There is no such attempt.");
        }

        await foreach (var batch in log.FollowAsync(attempt, Math.Max(0, afterSeq), cancellationToken))
        {
            foreach (var logged in batch)
            {
                using var json = JsonDocument.Parse(logged.ToWire());
                yield return json.RootElement.Clone();
            }
        }
    }

    /// <summary>The rows of tasks as they change from now on: a <see cref="TaskRow"/>, or a <see cref="DeletedRow"/>. Ends only when the reader goes.</summary>
    public async IAsyncEnumerable<object> FollowTasks([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var changes = signals.FollowTasks();
        while (true)
        {
            foreach (var id in await changes.WaitAsync(cancellationToken))
            {
                if (await tasks.RowAsync(id, cancellationToken) is { } row)
                {
                    yield return row;
                }
                else
                {
                    yield return new DeletedRow(id, Deleted: true);
                }
            }
        }
    }
}

/// <summary>A task that is gone.</summary>
public sealed record DeletedRow(TaskId Id, bool Deleted);

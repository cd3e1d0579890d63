using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent;

/// <summary>The way of a turn's events to the log. What is appended is stored even when the turn was stopped, so that every item gets its end; after a stop there is little time for it.</summary>
internal sealed class TurnLog : IDisposable
{
    /// <summary>How long after a stop events can still be stored. A tool's end takes up to 400 ms of it.</summary>
    private static readonly TimeSpan TimeAfterStop = TimeSpan.FromMilliseconds(900);

    private readonly AppendEvents _append;
    private readonly WorkFacts? _facts;
    private readonly CancellationTokenSource _tooLate;
    private readonly CancellationTokenRegistration _stop;

    /// <summary>Starts the way.</summary>
    /// <param name="facts">Learn from what is stored; null when nobody asks them.</param>
    /// <param name="stop">The turn's token.</param>
    public TurnLog(AppendEvents append, ItemIds ids, WorkFacts? facts, TimeProvider time, CancellationToken stop)
    {
        (_append, _facts) = (append, facts);
        Ids = ids;
        _tooLate = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _stop = stop.Register(() => _tooLate.CancelAfter(TimeAfterStop));
    }

    /// <summary>A way that ends nowhere, for an answer of the model that is no part of what people see.</summary>
    public static TurnLog Unseen(TimeProvider time, CancellationToken stop) => new(static (_, _) => ValueTask.CompletedTask, new ItemIds(), facts: null, time, stop);

    /// <summary>Numbers the items.</summary>
    public ItemIds Ids { get; }

    /// <summary>Stores events as one atomic batch.</summary>
    public async ValueTask AppendAsync(params IReadOnlyList<AgentEvent> events)
    {
        if (events.Count > 0)
        {
            await _append(events, _tooLate.Token);
            _facts?.Add(events);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Dispose();
        _tooLate.Dispose();
    }
}

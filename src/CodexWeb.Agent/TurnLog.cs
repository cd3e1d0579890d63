using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent;

/// <summary>The way of a turn's events to the log. What is appended is stored even when the turn was stopped, so that every item gets its end; after a stop there is little time for it.</summary>
internal sealed class TurnLog : IDisposable
{
    /// <summary>How long after a stop events can still be stored. A tool's end takes up to 400 ms of it.</summary>
    private static readonly TimeSpan TimeAfterStop = TimeSpan.FromMilliseconds(900);

    private readonly AppendEvents _append;
    private readonly CancellationTokenSource _tooLate;
    private readonly CancellationTokenRegistration _stop;

    /// <summary>Starts the way.</summary>
    /// <param name="stop">The turn's token.</param>
    public TurnLog(AppendEvents append, ItemIds ids, TimeProvider time, CancellationToken stop)
    {
        _append = append;
        Ids = ids;
        _tooLate = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _stop = stop.Register(() => _tooLate.CancelAfter(TimeAfterStop));
    }

    /// <summary>Numbers the items.</summary>
    public ItemIds Ids { get; }

    /// <summary>Stores events as one atomic batch.</summary>
    public ValueTask AppendAsync(params IReadOnlyList<AgentEvent> events) => events.Count == 0 ? ValueTask.CompletedTask : _append(events, _tooLate.Token);

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Dispose();
        _tooLate.Dispose();
    }
}

using CodexWeb.Data;

namespace CodexWeb.Attempts;

/// <summary>One row of a log.</summary>
public sealed class StoredEvent
{
    /// <summary>The attempt.</summary>
    public AttemptId AttemptId { get; init; }

    /// <summary>1 for the first, without gaps.</summary>
    public long Seq { get; init; }

    /// <summary>When it was stored, UTC.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The event as <see cref="Agent.Protocol.ProtocolJson"/> writes it.</summary>
    public string Json { get; init; } = "";
}

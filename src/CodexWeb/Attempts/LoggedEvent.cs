using System.Globalization;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Attempts;

/// <summary>An event as it stands in an attempt's log.</summary>
/// <param name="Seq">1 for the first, without gaps.</param>
/// <param name="At">When it was stored, UTC.</param>
/// <param name="Json">The event as <see cref="ProtocolJson"/> writes it.</param>
public sealed record LoggedEvent(long Seq, DateTimeOffset At, string Json)
{
    private AgentEvent? _event;

    /// <summary>The event, read when first asked for.</summary>
    public AgentEvent Event => _event ??= ProtocolJson.ReadEvent(Json);

    /// <summary>True for the model's own conversation, which is half of a log and no page shows. Known without reading the event.</summary>
    public bool IsForTheModelOnly => Json.StartsWith("{\"type\":\"history.", StringComparison.Ordinal);

    /// <summary>The event with its number and time, as the HTTP interface and the hub give it: <c>{ seq, at, type, … }</c>.</summary>
    public string ToWire() =>
        string.Create(CultureInfo.InvariantCulture, $"{{\"seq\":{Seq},\"at\":\"{At.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ}\",{Json.AsSpan(1)}");
}

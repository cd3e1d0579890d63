using System.Globalization;

namespace CodexWeb.Agent.Protocol;

/// <summary>Numbers an attempt's items: <c>item_1</c>, <c>item_2</c>… One for all who write to its log.</summary>
/// <param name="last">The number given last; 0 for an empty log.</param>
public sealed class ItemIds(int last = 0)
{
    private const string Prefix = "item_";
    private int _last = last;

    /// <summary>Goes on after the highest number of a log.</summary>
    public static ItemIds After(IEnumerable<AgentEvent> log)
    {
        ArgumentNullException.ThrowIfNull(log);
        return new ItemIds(log.Select(static @event => NumberOf(IdOf(@event))).DefaultIfEmpty(0).Max());
    }

    /// <summary>The number of an id made here; 0 for any other.</summary>
    public static int NumberOf(string? id) =>
        id is not null && id.StartsWith(Prefix, StringComparison.Ordinal) && int.TryParse(id.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : 0;

    /// <summary>The next id.</summary>
    public string Next() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Interlocked.Increment(ref _last)}");

    private static string? IdOf(AgentEvent @event) => @event switch
    {
        AgentEvent.ItemStarted started => started.Item.Id,
        AgentEvent.ItemUpdated updated => updated.ItemId,
        AgentEvent.ItemCompleted completed => completed.Item.Id,
        _ => null,
    };
}

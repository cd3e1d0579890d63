using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CodexWeb.Attempts;

namespace CodexWeb.Api;

/// <summary>A page of an attempt's log. The events go out as they were stored, without being read and written anew.</summary>
internal sealed class EventPage(IReadOnlyList<LoggedEvent> events, long? next) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var json = new StringBuilder("{\"items\":[");
        json.AppendJoin(',', events.Select(logged => logged.ToWire()));
        json.Append(CultureInfo.InvariantCulture, $"],\"nextCursor\":{(next is { } after ? $"\"{after}\"" : "null")}}}");
        httpContext.Response.ContentType = "application/json; charset=utf-8";
        await httpContext.Response.WriteAsync(json.ToString(), httpContext.RequestAborted);
    }
}

/// <summary>An event of an attempt's log.</summary>
/// <param name="Seq">1 for the first, without gaps.</param>
/// <param name="At">When it was stored.</param>
/// <param name="Type"><c>status.changed</c>, <c>phase.changed</c>, <c>turn.started</c>, <c>turn.completed</c>, <c>turn.failed</c>, <c>item.started</c>, <c>item.updated</c>, <c>item.completed</c>, <c>usage</c>, <c>checkpoint</c>, <c>history.appended</c>, <c>history.replaced</c>, <c>host.contacted</c>; more may come.</param>
/// <param name="Item">Of an <c>item.…</c> event: the item with its own <c>type</c> and <c>id</c>.</param>
internal sealed record EventAnswer(long Seq, DateTime At, string Type, JsonElement? Item)
{
    /// <summary>What else the type of event has.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? More { get; init; }
}

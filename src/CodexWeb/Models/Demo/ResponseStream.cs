using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CodexWeb.Models.Demo;

/// <summary>Writes an answer as the Responses API streams it: server-sent events with sequence numbers, text word by word.</summary>
/// <param name="pace">Factor on the pauses between words; 0 for none.</param>
internal sealed class ResponseStream(Stream body, TimeProvider time, double pace)
{
    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private int _sequence;

    /// <summary>Writes the whole answer.</summary>
    public async Task WriteAsync(ResponseJson response, IReadOnlyList<OutputItem> items, CancellationToken cancellationToken)
    {
        await SendAsync("response.created", new JsonObject { ["response"] = response.Begun() }, cancellationToken);
        await SendAsync("response.in_progress", new JsonObject { ["response"] = response.Begun() }, cancellationToken);
        await body.FlushAsync(cancellationToken);
        foreach (var (index, item) in items.Index())
        {
            await WriteAsync(item, index, cancellationToken);
        }

        await SendAsync("response.completed", new JsonObject { ["response"] = response.Done() }, cancellationToken);
        await body.FlushAsync(cancellationToken);
    }

    private async Task WriteAsync(OutputItem item, int index, CancellationToken cancellationToken)
    {
        var names = EventNames.Of(item);
        await SendAsync("response.output_item.added", new JsonObject { ["output_index"] = index, ["item"] = item.Begun() }, cancellationToken);
        if (names.Part is { } part)
        {
            await SendAsync($"{part}.added", Place(item, index, names, "part", item.Part("")), cancellationToken);
        }

        foreach (var piece in Pieces(item.Text))
        {
            await SendAsync($"{names.Text}.delta", Place(item, index, names, "delta", piece), cancellationToken);
            await PauseAsync(piece, cancellationToken);
        }

        await SendAsync($"{names.Text}.done", Place(item, index, names, names.Field, item.Text), cancellationToken);
        if (names.Part is not null)
        {
            await SendAsync($"{names.Part}.done", Place(item, index, names, "part", item.Part()), cancellationToken);
        }

        await SendAsync("response.output_item.done", new JsonObject { ["output_index"] = index, ["item"] = item.Done() }, cancellationToken);
        await body.FlushAsync(cancellationToken);
    }

    private static JsonObject Place(OutputItem item, int index, EventNames names, string field, JsonNode? value)
    {
        var json = new JsonObject { ["item_id"] = item.Id, ["output_index"] = index };
        if (names.Index is { } part)
        {
            json[part] = 0;
        }

        json[field] = value;
        if (item is OutputItem.Message && field is not "part")
        {
            json["logprobs"] = new JsonArray();
        }

        return json;
    }

    /// <summary>Words, each with the white space after it.</summary>
    internal static IEnumerable<string> Pieces(string text)
    {
        var start = 0;
        for (var i = 1; i < text.Length; i++)
        {
            if (char.IsWhiteSpace(text[i - 1]) && !char.IsWhiteSpace(text[i]) || i - start >= 64 && !char.IsLowSurrogate(text[i]))
            {
                yield return text[start..i];
                start = i;
            }
        }

        if (start < text.Length)
        {
            yield return text[start..];
        }
    }

    private async Task PauseAsync(string piece, CancellationToken cancellationToken)
    {
        if (pace > 0)
        {
            await body.FlushAsync(cancellationToken);
            await Task.Delay(TimeSpan.FromMilliseconds((15 + Math.Min(piece.Length, 10)) * pace), time, cancellationToken);
        }
    }

    private async Task SendAsync(string type, JsonObject json, CancellationToken cancellationToken)
    {
        json.Insert(0, "type", type);
        json.Insert(1, "sequence_number", _sequence++);
        await body.WriteAsync(Encoding.UTF8.GetBytes($"event: {type}\ndata: {json.ToJsonString(Options)}\n\n"), cancellationToken);
    }

    /// <summary>What the events of an item are called.</summary>
    /// <param name="Part">Begins the events around the part; null when the text has none.</param>
    /// <param name="Text">Begins the events of the text.</param>
    /// <param name="Field">What the whole text is called at its end.</param>
    /// <param name="Index">What the number of the part is called; null when there is none.</param>
    private readonly record struct EventNames(string? Part, string Text, string Field, string? Index)
    {
        public static EventNames Of(OutputItem item) => item switch
        {
            OutputItem.Reasoning => new("response.reasoning_summary_part", "response.reasoning_summary_text", "text", "summary_index"),
            OutputItem.Message => new("response.content_part", "response.output_text", "text", "content_index"),
            OutputItem.FunctionCall => new(null, "response.function_call_arguments", "arguments", null),
            OutputItem.CustomCall => new(null, "response.custom_tool_call_input", "input", null),
            _ => throw new InvalidOperationException($"No events for {item.GetType().Name}."),
        };
    }
}

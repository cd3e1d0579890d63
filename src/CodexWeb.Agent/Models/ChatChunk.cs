using System.Text.Json;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Models;

/// <summary>A piece of a tool call.</summary>
/// <param name="Index">Which call of the answer; null when the server does not say.</param>
/// <param name="Id">Null when not given.</param>
/// <param name="Name">Null when not given.</param>
/// <param name="Arguments">More of the arguments' JSON text; empty for none.</param>
/// <param name="Whole">True when the arguments came as a JSON object, which is never a piece.</param>
internal readonly record struct ChatCallPiece(int? Index, string? Id, string? Name, string Arguments, bool Whole);

/// <summary>
/// One chunk of a streamed answer of Chat Completions, or a whole answer that was not streamed. Read by hand and forgiving, for servers differ in what they leave out and
/// what they add, and the SDK's own reader refuses what it does not expect.
/// </summary>
/// <param name="Text">More of the message; empty for none.</param>
/// <param name="Reasoning">More of the thoughts; empty for none.</param>
/// <param name="ReasoningField">The field they came in; null when there were none.</param>
/// <param name="Calls">Pieces of tool calls.</param>
/// <param name="FinishReason">Null while the answer goes on.</param>
/// <param name="Usage">Null when the chunk counts no tokens.</param>
internal sealed record ChatChunk(string Text, string Reasoning, string? ReasoningField, IReadOnlyList<ChatCallPiece> Calls, string? FinishReason, TokenUsage? Usage)
{
    /// <summary>The mark at the end of a stream. A server that gave no reason to finish has finished with it.</summary>
    public static readonly ChatChunk Done = new("", "", null, [], "stop", null);

    /// <summary>False for an object that is no chunk of this protocol, and so of no other use than to say that.</summary>
    public bool Known { get; init; } = true;

    private static readonly string[] ReasoningFields = ["reasoning_content", "reasoning"];

    /// <summary>Reads one.</summary>
    /// <exception cref="JsonException">It is no JSON object.</exception>
    /// <exception cref="ModelException">It is an error.</exception>
    public static ChatChunk Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        using var document = JsonDocument.ParseValue(ref reader);
        var root = document.RootElement;
        if (root.ValueKind is not JsonValueKind.Object)
        {
            throw new JsonException("A chunk is no JSON object.");
        }

        if (ProviderErrors.In(root) is { } error)
        {
            throw error;
        }

        var choice = FirstChoice(root);
        var message = Member(choice, "delta") ?? Member(choice, "message");
        var (field, reasoning) = ReasoningOf(message);
        var (text, thought) = ContentOf(message);
        return new ChatChunk(
            text + TextOf(message, "refusal"),
            reasoning + thought,
            field ?? (thought.Length > 0 ? ReasoningFields[0] : null),
            CallsOf(message),
            TextOf(choice, "finish_reason") is { Length: > 0 } finish ? finish : null,
            UsageOf(Member(root, "usage") ?? Member(choice, "usage")))
        {
            Known = root.TryGetProperty("choices", out _),
        };
    }

    private static JsonElement? FirstChoice(JsonElement root) =>
        root.TryGetProperty("choices", out var choices) && choices.ValueKind is JsonValueKind.Array && choices.GetArrayLength() > 0 && choices[0].ValueKind is JsonValueKind.Object
            ? choices[0] : null;

    /// <summary>A member that is an object.</summary>
    private static JsonElement? Member(JsonElement? element, string name) =>
        element is { } parent && parent.TryGetProperty(name, out var member) && member.ValueKind is JsonValueKind.Object ? member : null;

    private static string TextOf(JsonElement? element, string name) =>
        element is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out var member) && member.ValueKind is JsonValueKind.String ? member.GetString()! : "";

    private static (string? Field, string Text) ReasoningOf(JsonElement? message)
    {
        foreach (var field in ReasoningFields)
        {
            if (TextOf(message, field) is { Length: > 0 } text)
            {
                return (field, text);
            }
        }

        return (null, "");
    }

    /// <summary>The content: a text, or parts, which may be thoughts.</summary>
    private static (string Text, string Thought) ContentOf(JsonElement? message)
    {
        if (message is not { } parent || !parent.TryGetProperty("content", out var content) || content.ValueKind is not JsonValueKind.Array)
        {
            return (TextOf(message, "content"), "");
        }

        var (text, thought) = ("", "");
        foreach (var part in content.EnumerateArray().Where(static part => part.ValueKind is JsonValueKind.Object))
        {
            text += TextOf(part, "text");
            thought += part.TryGetProperty("thinking", out var inner) && inner.ValueKind is JsonValueKind.Array
                ? string.Concat(inner.EnumerateArray().Select(static piece => TextOf(piece, "text")))
                : TextOf(part, "thinking");
        }

        return (text, thought);
    }

    private static List<ChatCallPiece> CallsOf(JsonElement? message)
    {
        if (message is not { } parent)
        {
            return [];
        }

        if (parent.TryGetProperty("tool_calls", out var calls) && calls.ValueKind is JsonValueKind.Array)
        {
            return [.. calls.EnumerateArray().Where(static call => call.ValueKind is JsonValueKind.Object).Select(static call => PieceOf(call, Member(call, "function")))];
        }

        // The form before tools, which some servers still speak.
        return Member(parent, "function_call") is { } function ? [PieceOf(function, function)] : [];
    }

    private static ChatCallPiece PieceOf(JsonElement call, JsonElement? function)
    {
        int? index = call.TryGetProperty("index", out var place) && place.ValueKind is JsonValueKind.Number && place.TryGetInt32(out var number) ? number : null;
        var whole = Member(function, "arguments");
        return new ChatCallPiece(
            index,
            TextOf(call, "id") is { Length: > 0 } id ? id : null,
            TextOf(function, "name") is { Length: > 0 } name ? name : null,
            whole?.GetRawText() ?? TextOf(function, "arguments"),
            whole is not null);
    }

    private static TokenUsage? UsageOf(JsonElement? usage)
    {
        var input = Number(usage, "prompt_tokens");
        if (input == 0)
        {
            return null;
        }

        // DeepSeek counts the cache beside the details, Kimi without them.
        var cached = Number(Member(usage, "prompt_tokens_details"), "cached_tokens") is > 0 and var details ? details
            : Number(usage, "prompt_cache_hit_tokens") is > 0 and var hits ? hits
            : Number(usage, "cached_tokens");
        var output = Number(usage, "completion_tokens");
        return new TokenUsage(input, Math.Min(cached, input), output, Math.Min(Number(Member(usage, "completion_tokens_details"), "reasoning_tokens"), output));
    }

    private static long Number(JsonElement? element, string name) =>
        element is { } parent && parent.TryGetProperty(name, out var number) && number.ValueKind is JsonValueKind.Number && number.TryGetInt64(out var value) ? Math.Clamp(value, 0, int.MaxValue) : 0;
}

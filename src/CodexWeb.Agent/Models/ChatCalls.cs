using System.Text;
using System.Text.Json;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Models;

/// <summary>Puts the tool calls of one answer together from their pieces, whatever the server leaves out: ids, indices, or all but the first name.</summary>
/// <param name="tools">What was offered: tells custom tools, and names that came in pieces.</param>
internal sealed class ChatCalls(IReadOnlyList<ToolDefinition> tools)
{
    private readonly List<Call> _calls = [];

    /// <summary>About how many tokens they are.</summary>
    public long Tokens => _calls.Sum(static call => TokenEstimate.Of(call.Name) + TokenEstimate.Of(call.Arguments.ToString()));

    /// <summary>Takes a piece in.</summary>
    public void Take(ChatCallPiece piece)
    {
        var call = Find(piece);
        if (call is null || Begins(call, piece))
        {
            call = new Call { Index = piece.Index };
            _calls.Add(call);
        }

        call.Id ??= piece.Id;
        call.Name = piece.Name is { } name && !string.Equals(name, call.Name, StringComparison.Ordinal) ? call.Name + name : call.Name;
        call.Arguments.Append(piece.Arguments);
    }

    /// <summary>The calls, in the order they began.</summary>
    /// <param name="cut">True when the answer was cut: a last call that is not whole is left out, for it would do something else than was meant.</param>
    public IReadOnlyList<ConversationEntry.ToolCall> Finish(bool cut)
    {
        if (cut && _calls is [.., var last] && !IsObject(last.Arguments.ToString()))
        {
            _calls.Remove(last);
        }

        return [.. _calls.Select(EntryOf)];
    }

    private Call? Find(ChatCallPiece piece) =>
        (piece.Id is { } id ? _calls.FindLast(call => string.Equals(call.Id, id, StringComparison.Ordinal) && (piece.Index is null || call.Index == piece.Index)) : null)
        ?? (piece.Index is { } index ? _calls.FindLast(call => call.Index == index) : _calls.LastOrDefault());

    /// <summary>True when a piece is not more of the call in its place, but the next one.</summary>
    private bool Begins(Call call, ChatCallPiece piece)
    {
        if (piece.Id is { } id && call.Id is { } known && !string.Equals(id, known, StringComparison.Ordinal))
        {
            return true;
        }

        return piece.Name is { } name && (call.Arguments.Length > 0
            ? piece.Arguments.Length > 0 && call.Arguments[^1] == '}' && IsObject(call.Arguments.ToString())
            : call.Name.Length > 0 && !string.Equals(name, call.Name, StringComparison.Ordinal) && !tools.Any(tool => tool.Name.StartsWith(call.Name + name, StringComparison.Ordinal)));
    }

    private ConversationEntry.ToolCall EntryOf(Call call, int index)
    {
        var id = call.Id ?? $"call_{index}_{Guid.CreateVersion7():N}";
        var arguments = call.Arguments.ToString();
        return tools.Any(tool => tool is ToolDefinition.Custom && string.Equals(tool.Name, call.Name, StringComparison.Ordinal))
            ? new ConversationEntry.ToolCall(id, call.Name, FreeText(arguments), Custom: true)
            : new ConversationEntry.ToolCall(id, call.Name, arguments);
    }

    /// <summary>The text of a custom tool, which Chat Completions wraps into an object. What is no such object is left to the tool to refuse, or to take as the text it may be.</summary>
    private static string FreeText(string arguments)
    {
        try
        {
            using var json = JsonDocument.Parse(arguments);
            return json.RootElement.ValueKind is JsonValueKind.Object && json.RootElement.TryGetProperty(ChatHistoryMapper.FreeTextField, out var text)
                && text.ValueKind is JsonValueKind.String ? text.GetString()! : arguments;
        }
        catch (JsonException)
        {
            return arguments;
        }
    }

    /// <summary>True when a text is one whole JSON object.</summary>
    public static bool IsObject(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind is JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private sealed class Call
    {
        public int? Index { get; init; }

        public string? Id { get; set; }

        public string Name { get; set; } = "";

        public StringBuilder Arguments { get; } = new();
    }
}

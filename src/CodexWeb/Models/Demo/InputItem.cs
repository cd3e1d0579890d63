using System.Globalization;
using System.Text.Json;

namespace CodexWeb.Models.Demo;

/// <summary>One item of a conversation as the client sends it. A closed union.</summary>
internal abstract record InputItem
{
    /// <summary>A message of the person, or of the client on the person's behalf (also <c>developer</c> and <c>system</c>).</summary>
    public sealed record UserMessage(string Role, string Text) : InputItem;

    /// <summary>A message of ours.</summary>
    public sealed record AssistantMessage(string Text) : InputItem;

    /// <summary>A tool call of ours.</summary>
    public sealed record Call(string CallId, string Name, string Arguments) : InputItem;

    /// <summary>What the tool answered.</summary>
    public sealed record CallOutput(string CallId, string Text) : InputItem;

    /// <summary>Anything else: reasoning above all.</summary>
    public sealed record Other : InputItem;

    /// <summary>Reads a request's <c>input</c>.</summary>
    /// <exception cref="ApiErrorException">It is no conversation, or a call and its output do not belong together.</exception>
    public static IReadOnlyList<InputItem> ReadAll(JsonElement request)
    {
        if (!request.TryGetProperty("input", out var input))
        {
            throw new ApiErrorException("Missing required parameter: 'input'.", "input", "missing_required_parameter");
        }

        IReadOnlyList<InputItem> items = input.ValueKind switch
        {
            JsonValueKind.String => [new UserMessage("user", input.GetString()!)],
            JsonValueKind.Array => [.. input.EnumerateArray().Select(Read)],
            _ => throw new ApiErrorException("Invalid type for 'input': expected a string or an array of items.", "input", "invalid_type"),
        };
        Match(items);
        return items;
    }

    private static InputItem Read(JsonElement item, int index)
    {
        var where = string.Create(CultureInfo.InvariantCulture, $"input[{index}]");
        if (item.ValueKind is not JsonValueKind.Object)
        {
            throw new ApiErrorException($"Invalid type for '{where}': expected an object.", where, "invalid_type");
        }

        return ResponsesRequest.Text(item, "type") switch
        {
            "message" or null => Message(item, where),
            "function_call" => new Call(Required(item, "call_id", where), Required(item, "name", where), Required(item, "arguments", where)),
            "custom_tool_call" => new Call(Required(item, "call_id", where), Required(item, "name", where), Required(item, "input", where)),
            "function_call_output" or "custom_tool_call_output" => new CallOutput(Required(item, "call_id", where), Content(item, "output", where)),
            _ => new Other(),
        };
    }

    private static InputItem Message(JsonElement item, string where) => Required(item, "role", where) switch
    {
        "assistant" => new AssistantMessage(Content(item, "content", where)),
        "user" or "developer" or "system" => new UserMessage(Required(item, "role", where), Content(item, "content", where)),
        var role => throw new ApiErrorException(
            $"Invalid value: '{role}'. Supported values are: 'assistant', 'system', 'developer', and 'user'.", $"{where}.role", "invalid_value"),
    };

    private static string Content(JsonElement item, string name, string where)
    {
        if (!item.TryGetProperty(name, out var content))
        {
            throw new ApiErrorException($"Missing required parameter: '{where}.{name}'.", $"{where}.{name}", "missing_required_parameter");
        }

        return content.ValueKind switch
        {
            JsonValueKind.String => content.GetString()!,
            JsonValueKind.Array => string.Join('\n', content.EnumerateArray().Select(part => ResponsesRequest.Text(part, "text")).OfType<string>()),
            _ => throw new ApiErrorException($"Invalid type for '{where}.{name}': expected a string or an array of parts.", $"{where}.{name}", "invalid_type"),
        };
    }

    private static string Required(JsonElement item, string name, string where) =>
        ResponsesRequest.Text(item, name) ?? throw new ApiErrorException($"Missing required parameter: '{where}.{name}'.", $"{where}.{name}", "missing_required_parameter");

    private static void Match(IReadOnlyList<InputItem> items)
    {
        var open = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            if (item is Call call && !open.Add(call.CallId))
            {
                throw new ApiErrorException($"Duplicate tool call with call_id {call.CallId}.", "input");
            }

            if (item is CallOutput output && !open.Remove(output.CallId))
            {
                throw new ApiErrorException($"No tool call found for function call output with call_id {output.CallId}.", "input");
            }
        }

        if (open.Count > 0)
        {
            throw new ApiErrorException($"No tool output found for function call {open.First()}.", "input");
        }
    }
}

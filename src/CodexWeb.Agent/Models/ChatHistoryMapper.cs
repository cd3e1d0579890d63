using System.Text.Json.Nodes;
using CodexWeb.Agent.Protocol;
using OpenAI.Chat;

namespace CodexWeb.Agent.Models;

/// <summary>Turns a conversation into messages of Chat Completions. The same entries always become the same bytes, and more entries only more of them.</summary>
internal static class ChatHistoryMapper
{
    /// <summary>The one field of a custom tool's arguments, for Chat Completions knows only functions.</summary>
    public const string FreeTextField = "input";

    private const string Unreadable = "unreadable_arguments";

    /// <summary>The messages of a request.</summary>
    /// <param name="dialect">What the server takes.</param>
    public static IReadOnlyList<ChatMessage> Messages(ModelRequest request, ChatDialect dialect)
    {
        var messages = new ChatMessages(dialect, dialect.Images ? request.Images : null);
        messages.Instructions(request.Output is { } output ? $"{request.Instructions}\n\n{Wanted(output)}" : request.Instructions);
        foreach (var entry in request.Input)
        {
            switch (entry)
            {
                case ConversationEntry.User user:
                    messages.User(user.Text, user.Images ?? []);
                    break;
                case ConversationEntry.Assistant assistant:
                    messages.Say(assistant.Text);
                    break;
                case ConversationEntry.Reasoning reasoning:
                    // What another protocol's model thought is sealed for its provider.
                    messages.Think(ChatReasoning.Read(reasoning));
                    break;
                case ConversationEntry.ToolCall call:
                    messages.Call(ChatToolCall.CreateFunctionToolCall(call.CallId, call.Name, BinaryData.FromString(Arguments(call))));
                    break;
                case ConversationEntry.ToolResult result:
                    messages.Result(result.CallId, result.Output, result.Images ?? []);
                    break;
                default:
                    throw new InvalidOperationException($"A conversation entry of type {entry.GetType().Name} has no form in Chat Completions.");
            }
        }

        return messages.Finish();
    }

    /// <summary>A tool as the model is told of it: always a function.</summary>
    public static ChatTool ToolOf(ToolDefinition tool) => tool switch
    {
        ToolDefinition.Function function => ChatTool.CreateFunctionTool(function.Name, function.Description, BinaryData.FromString(function.Schema)),
        ToolDefinition.Custom custom => ChatTool.CreateFunctionTool(custom.Name, custom.Description, BinaryData.FromString(
            $$$"""{"type":"object","properties":{"{{{FreeTextField}}}":{"type":"string","description":"The whole text, as described."}},"required":["{{{FreeTextField}}}"],"additionalProperties":false}""")),
        _ => throw new InvalidOperationException($"A tool of type {tool.GetType().Name} has no form in Chat Completions."),
    };

    private static string Wanted(OutputSchema output) => $"Your final message must be one JSON object of this schema, with nothing around it:\n\n{output.Json}";

    // Servers read the arguments of past calls with their templates, and fail on what is no JSON object.
    private static string Arguments(ConversationEntry.ToolCall call)
    {
        if (call.Custom)
        {
            return new JsonObject { [FreeTextField] = call.Arguments }.ToJsonString();
        }

        return string.IsNullOrWhiteSpace(call.Arguments) ? "{}"
            : ChatCalls.IsObject(call.Arguments) ? call.Arguments
            : new JsonObject { [Unreadable] = call.Arguments }.ToJsonString();
    }
}

using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace CodexWeb.Models.Demo;

/// <summary>One item of an answer, as the Responses API has it. A closed union.</summary>
/// <param name="Id">The item's id.</param>
/// <param name="Text">What is streamed: the summary, the message, the arguments or the free input.</param>
internal abstract record OutputItem(string Id, string Text)
{
    /// <summary>A summary of reasoning.</summary>
    /// <param name="Encrypted">True to send the reasoning itself along, for the client to send back.</param>
    public sealed record Reasoning(string Text, bool Encrypted) : OutputItem(NewId("rs"), Text);

    /// <summary>A message.</summary>
    public sealed record Message(string Text) : OutputItem(NewId("msg"), Text);

    /// <summary>A call of a function.</summary>
    public sealed record FunctionCall(string Name, string Text) : OutputItem(NewId("fc"), Text)
    {
        /// <summary>Joins call and output.</summary>
        public string CallId { get; } = NewId("call");
    }

    /// <summary>A call of a tool that takes free text.</summary>
    public sealed record CustomCall(string Name, string Text) : OutputItem(NewId("ctc"), Text)
    {
        /// <summary>Joins call and output.</summary>
        public string CallId { get; } = NewId("call");
    }

    /// <summary>A new id, such as <c>msg_3f…</c>.</summary>
    public static string NewId(string prefix) => $"{prefix}_{RandomNumberGenerator.GetHexString(32, lowercase: true)}";

    /// <summary>The item before its first delta.</summary>
    public JsonObject Begun() => Json("in_progress", "", []);

    /// <summary>The whole item.</summary>
    public JsonObject Done() => Json("completed", Text, [Part()]);

    /// <summary>The part the text belongs to; null for calls, which have none.</summary>
    /// <param name="text">The part's text; null for all of it.</param>
    public JsonObject? Part(string? text = null) => this switch
    {
        Reasoning => new JsonObject { ["type"] = "summary_text", ["text"] = text ?? Text },
        Message => new JsonObject { ["type"] = "output_text", ["text"] = text ?? Text, ["annotations"] = new JsonArray(), ["logprobs"] = new JsonArray() },
        _ => null,
    };

    private JsonObject Json(string status, string text, JsonArray parts) => this switch
    {
        Reasoning { Encrypted: true } => new JsonObject { ["id"] = Id, ["type"] = "reasoning", ["summary"] = parts, ["encrypted_content"] = "c2NyaXB0ZWQ=" },
        Reasoning => new JsonObject { ["id"] = Id, ["type"] = "reasoning", ["summary"] = parts },
        Message => new JsonObject { ["id"] = Id, ["type"] = "message", ["status"] = status, ["role"] = "assistant", ["content"] = parts },
        FunctionCall call => new JsonObject
        {
            ["id"] = Id,
            ["type"] = "function_call",
            ["status"] = status,
            ["call_id"] = call.CallId,
            ["name"] = call.Name,
            ["arguments"] = text,
        },
        CustomCall call => new JsonObject
        {
            ["id"] = Id,
            ["type"] = "custom_tool_call",
            ["status"] = status,
            ["call_id"] = call.CallId,
            ["name"] = call.Name,
            ["input"] = text,
        },
        _ => throw new InvalidOperationException($"No wire form for {GetType().Name}."),
    };
}

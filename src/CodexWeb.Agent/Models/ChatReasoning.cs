using System.Text.Json;
using System.Text.Json.Nodes;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Models;

/// <summary>What a model behind Chat Completions thought before it called tools. Some providers want it back with those calls, where they sent it.</summary>
/// <param name="Field">The field of the message it came in: <c>reasoning_content</c>, <c>reasoning</c>, or <see cref="InText"/>.</param>
/// <param name="Text">The thoughts.</param>
internal sealed record ChatReasoning(string Field, string Text)
{
    /// <summary>The <see cref="Field"/> of thoughts that stood in the message's own text, between <c>&lt;think&gt;</c> and <c>&lt;/think&gt;</c>.</summary>
    public const string InText = "content";

    private const string Type = "chat_reasoning";

    /// <summary>As an entry of the conversation.</summary>
    public ConversationEntry.Reasoning ToEntry() => new(new JsonObject { ["type"] = Type, ["field"] = Field, ["text"] = Text }.ToJsonString());

    /// <summary>What an entry holds; null when it is another protocol's.</summary>
    public static ChatReasoning? Read(ConversationEntry.Reasoning entry)
    {
        using var json = JsonDocument.Parse(entry.ProviderItem);
        var item = json.RootElement;
        return item.ValueKind is JsonValueKind.Object && item.TryGetProperty("type", out var type) && type.ValueEquals(Type)
            ? new ChatReasoning(item.GetProperty("field").GetString()!, item.GetProperty("text").GetString()!)
            : null;
    }
}

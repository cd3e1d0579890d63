using System.Text.Json.Serialization;

namespace CodexWeb.Agent.Protocol;

/// <summary>
/// One entry of the conversation between the agent and a model, the same for every wire protocol. Only ever added to, so that the provider's prompt cache holds, until it is compacted.
/// Wire <c>type</c>: user, assistant, reasoning, tool_call, tool_result.
/// </summary>
public abstract record ConversationEntry
{
    /// <summary>Text from the person or from the server on the person's behalf (instructions, notes).</summary>
    /// <param name="Images">Shown to the model after the text; null for none.</param>
    /// <param name="FromServer">True for what the server says itself. Compaction keeps the person's own words, not these.</param>
    public sealed record User(
        string Text,
        IReadOnlyList<ImageReference>? Images = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool FromServer = false) : ConversationEntry;

    /// <summary>A message of the model.</summary>
    /// <param name="ProviderItem">The provider's own JSON of it, sent back unchanged to the same kind of provider; null when there is none.</param>
    public sealed record Assistant(string Text, string? ProviderItem = null) : ConversationEntry;

    /// <summary>The model's reasoning, opaque: only its provider can read it.</summary>
    public sealed record Reasoning(string ProviderItem) : ConversationEntry;

    /// <summary>The model asks for a tool.</summary>
    /// <param name="CallId">Joins call and result. Ours when the provider gave none.</param>
    /// <param name="Arguments">JSON text of a function's arguments, or the free text of a custom tool. May be malformed.</param>
    /// <param name="Custom">True for a free-form (custom) tool.</param>
    /// <param name="ProviderItem">As for <see cref="Assistant"/>.</param>
    public sealed record ToolCall(string CallId, string Name, string Arguments, bool Custom = false, string? ProviderItem = null) : ConversationEntry;

    /// <summary>What the tool answered.</summary>
    /// <param name="Custom">True when it answers a custom tool's call.</param>
    /// <param name="Images">Shown to the model with the output; null for none.</param>
    public sealed record ToolResult(string CallId, string Output, bool Custom = false, IReadOnlyList<ImageReference>? Images = null) : ConversationEntry;
}

/// <summary>An image of the conversation. Its bytes are kept beside the log, under <paramref name="Id"/>.</summary>
/// <param name="Id">SHA-256 of the bytes, 64 lower-case hexadecimal digits.</param>
/// <param name="MediaType"><c>image/png</c>, <c>image/jpeg</c>, <c>image/gif</c> or <c>image/webp</c>.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
public sealed record ImageReference(string Id, string MediaType, int Width, int Height);

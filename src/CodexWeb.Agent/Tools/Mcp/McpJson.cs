using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CodexWeb.Agent.Tools.Mcp;

/// <summary>How JSON of MCP servers is written for models and people: letters as they are, not as escapes. Never into a page as it stands.</summary>
internal static class McpJson
{
    /// <summary>On one line.</summary>
    public static JsonSerializerOptions Plain { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A field that is a text; null for any other, and for none.</summary>
    public static string? Text(JsonObject fields, string name) => fields[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>Indented.</summary>
    public static JsonSerializerOptions Indented { get; } = new(Plain) { WriteIndented = true };
}

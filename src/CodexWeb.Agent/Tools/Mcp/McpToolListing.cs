using System.Globalization;
using System.Text.Json.Nodes;
using CodexWeb.Agent.Models;

namespace CodexWeb.Agent.Tools.Mcp;

/// <summary>A tool as its MCP server lists it, made fit to be shown to a model and to people.</summary>
/// <param name="Name">As the server calls it.</param>
/// <param name="Description">With hidden characters written out, and cut.</param>
/// <param name="Schema">JSON Schema of its arguments.</param>
public sealed record McpToolListing(string Name, string Description, string Schema)
{
    private const int LongestName = 128;
    private const int Deepest = 32;

    /// <summary>Reads one entry of <c>tools/list</c>, which may be anything.</summary>
    /// <returns>The tool, or why it cannot be offered: a sentence that begins with its name.</returns>
    internal static (McpToolListing? Tool, string? Problem) Read(JsonNode? entry, SecretMask mask)
    {
        if (entry is not JsonObject fields || McpJson.Text(fields, "name") is not { Length: > 0 } name)
        {
            return (null, "A tool without a name is left out.");
        }

        var shown = $"`{HiddenCharacters.RevealLine(Cut(name, LongestName)).Replace('`', '\'')}`";
        if (name.Length > LongestName || !string.Equals(HiddenCharacters.RevealLine(name), name, StringComparison.Ordinal))
        {
            return (null, $"{shown} is left out: its name is too long or has hidden characters.");
        }

        if (Schemas(fields["inputSchema"], mask) is not { } schema)
        {
            return (null, $"{shown} is left out: the schema of its arguments is none of an object.");
        }

        return schema.Length <= McpLimits.Schema
            ? (new McpToolListing(name, Words(McpJson.Text(fields, "description") ?? McpJson.Text(fields, "title") ?? "", mask), schema), null)
            : (null, string.Create(CultureInfo.InvariantCulture, $"{shown} is left out: the schema of its arguments has {schema.Length:N0} characters, and {McpLimits.Schema:N0} are the most."));
    }

    /// <summary>Text of the server's as it may be shown.</summary>
    internal static string Words(string text, SecretMask mask)
    {
        var clean = HiddenCharacters.Reveal(mask.Hide(text.ReplaceLineEndings("\n"))).Trim();
        return clean.Length <= McpLimits.Description ? clean : Cut(clean, McpLimits.Description) + " […]";
    }

    private static string Cut(string text, int longest) =>
        text.Length <= longest ? text : text[..(char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest)];

    // Providers insist on an object with properties; many do not know $schema.
    private static string? Schemas(JsonNode? node, SecretMask mask)
    {
        if (node is not JsonObject || Clean(node, mask, 0) is not JsonObject schema)
        {
            return null;
        }

        schema.Remove("$schema");
        if (schema["type"] is { } type && !(type is JsonValue value && value.TryGetValue<string>(out var text) && text is "object"))
        {
            return null;
        }

        schema["type"] = "object";
        if (schema["properties"] is not JsonObject)
        {
            schema["properties"] = new JsonObject();
        }

        return schema.ToJsonString(McpJson.Plain);
    }

    /// <summary>A copy with its texts made fit to be shown; null when it is too deep or a name in it has hidden characters.</summary>
    private static JsonNode? Clean(JsonNode? node, SecretMask mask, int depth)
    {
        switch (node)
        {
            case JsonObject fields when depth < Deepest:
                var copy = new JsonObject();
                foreach (var (name, value) in fields)
                {
                    var clean = Clean(value, mask, depth + 1);
                    if ((clean is null && value is not null) || !string.Equals(HiddenCharacters.RevealLine(name), name, StringComparison.Ordinal))
                    {
                        return null;
                    }

                    copy[name] = clean;
                }

                return copy;
            case JsonArray list when depth < Deepest:
                var items = list.Select(item => (Item: item, Clean: Clean(item, mask, depth + 1))).ToList();
                return items.Exists(static pair => pair.Clean is null && pair.Item is not null) ? null : new JsonArray([.. items.Select(static pair => pair.Clean)]);
            case JsonValue value when value.TryGetValue<string>(out var text):
                return JsonValue.Create(Words(text, mask));
            case JsonValue value:
                return value.DeepClone();
            default:
                return null;
        }
    }
}

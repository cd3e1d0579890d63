using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CodexWeb.Agent.Tools.Mcp;

/// <summary>What an MCP tool answered, of whatever kinds its parts are.</summary>
/// <param name="Text">Its parts as text, in their order; what cannot be shown is named.</param>
/// <param name="Images">Bytes of its images, in their order.</param>
/// <param name="IsError">True when the tool says that it failed.</param>
internal sealed record McpAnswer(string Text, IReadOnlyList<ReadOnlyMemory<byte>> Images, bool IsError)
{
    /// <summary>Reads the result of <c>tools/call</c>, which may be anything.</summary>
    public static McpAnswer Read(JsonNode? result)
    {
        if (result is not JsonObject fields)
        {
            return new McpAnswer("The server answered something that is no result of a tool.", [], IsError: true);
        }

        if (McpJson.Text(fields, "resultType") is { } kind and not "complete")
        {
            return new McpAnswer($"The tool answered with a `{Short(kind)}` result, which is not supported here: it cannot ask for more input in the middle of a call.", [], IsError: true);
        }

        var images = new List<ReadOnlyMemory<byte>>();
        var parts = (fields["content"] as JsonArray ?? []).Select(part => Part(part, images)).Where(static part => part.Length > 0).ToList();
        if (fields["structuredContent"] is { } structured && !parts.Exists(part => Says(part, structured)))
        {
            parts.Add(structured.ToJsonString(McpJson.Indented));
        }

        return new McpAnswer(string.Join('\n', parts), images, fields["isError"] is JsonValue flag && flag.TryGetValue<bool>(out var failed) && failed);
    }

    private static string Part(JsonNode? part, List<ReadOnlyMemory<byte>> images)
    {
        if (part is not JsonObject fields)
        {
            return "[A part that is no object.]";
        }

        switch (McpJson.Text(fields, "type"))
        {
            case "text":
                return McpJson.Text(fields, "text") ?? "";
            case "image":
                return Image(fields, images);
            case "audio":
                return $"[Audio of the type {Short(McpJson.Text(fields, "mimeType") ?? "unknown")}: it cannot be heard here.]";
            case "resource_link":
                return $"[A resource: {Short(McpJson.Text(fields, "name") ?? "")} {Short(McpJson.Text(fields, "uri") ?? "")}]";
            case "resource" when fields["resource"] is JsonObject resource:
                var head = $"[Resource {Short(McpJson.Text(resource, "uri") ?? "without an address")}]";
                return McpJson.Text(resource, "text") is { } text ? $"{head}\n{text}" : $"{head} is not text, and is not shown.";
            case var type:
                return $"[A part of the kind {Short(type ?? "unknown")}, which is not known here.]";
        }
    }

    private static string Image(JsonObject fields, List<ReadOnlyMemory<byte>> images)
    {
        if (images.Count == McpLimits.Images)
        {
            return string.Create(CultureInfo.InvariantCulture, $"[An image is left out: {McpLimits.Images} are the most.]");
        }

        var data = McpJson.Text(fields, "data") ?? "";
        var bytes = new byte[data.Length];
        if (!Convert.TryFromBase64String(data, bytes, out var length) || length == 0)
        {
            return "[An image whose data cannot be read.]";
        }

        images.Add(bytes.AsMemory(0, length));
        return string.Create(CultureInfo.InvariantCulture, $"[Image {images.Count}]");
    }

    // Servers repeat structured content as text, for clients that do not know it.
    private static bool Says(string part, JsonNode structured)
    {
        if (part.AsSpan().TrimStart() is not ['{' or '[', ..] || Encoding.UTF8.GetByteCount(part) > McpLimits.MessageBytes)
        {
            return false;
        }

        try
        {
            return JsonNode.DeepEquals(JsonNode.Parse(part), structured);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Short(string text) => text.Length <= 200 ? text : text[..200] + "…";
}

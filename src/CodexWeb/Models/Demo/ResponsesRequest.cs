using System.Text.Json;

namespace CodexWeb.Models.Demo;

/// <summary>A request to the Responses API, as far as a script needs it.</summary>
/// <param name="Json">The whole request.</param>
/// <param name="Input">The conversation, oldest first.</param>
/// <param name="Tools">Names of the tools offered.</param>
/// <param name="CustomTools">Those of them that take free text.</param>
/// <param name="CacheKey">Joins the requests of one conversation; empty when not given.</param>
/// <param name="Stream">True for server-sent events.</param>
/// <param name="Summaries">True when summaries of the reasoning are asked for.</param>
/// <param name="Encrypted">True when the reasoning is to be sent along for the next request.</param>
/// <param name="Schema">Name of the JSON schema the answer must have; null for free text.</param>
internal sealed record ResponsesRequest(
    JsonElement Json,
    IReadOnlyList<InputItem> Input,
    IReadOnlySet<string> Tools,
    IReadOnlySet<string> CustomTools,
    string CacheKey,
    bool Stream,
    bool Summaries,
    bool Encrypted,
    string? Schema)
{
    /// <summary>Reads a request body.</summary>
    /// <exception cref="ApiErrorException">It is no such request.</exception>
    public static ResponsesRequest Read(JsonElement json)
    {
        if (json.ValueKind is not JsonValueKind.Object)
        {
            throw new ApiErrorException("The request body must be a JSON object.");
        }

        var model = Text(json, "model") ?? throw new ApiErrorException("Missing required parameter: 'model'.", "model", "missing_required_parameter");
        if (!string.Equals(model, DemoModel.Name, StringComparison.Ordinal))
        {
            throw new ApiErrorException(new ApiError(
                StatusCodes.Status404NotFound, $"The model '{model}' does not exist; this endpoint has '{DemoModel.Name}' only.", Parameter: "model", Code: "model_not_found"));
        }

        if (Text(json, "previous_response_id") is { } previous)
        {
            throw new ApiErrorException(
                $"Previous response with id '{previous}' not found: nothing is stored here, send the whole conversation as input.", "previous_response_id", "previous_response_not_found");
        }

        var tools = json.TryGetProperty("tools", out var list) && list.ValueKind is JsonValueKind.Array ? list.EnumerateArray().ToList() : [];
        return new ResponsesRequest(
            json,
            InputItem.ReadAll(json),
            tools.Select(NameOf).ToHashSet(StringComparer.Ordinal),
            tools.Where(tool => Text(tool, "type") is "custom").Select(NameOf).ToHashSet(StringComparer.Ordinal),
            Text(json, "prompt_cache_key") ?? "",
            Flag(json, "stream"),
            json.TryGetProperty("reasoning", out var reasoning) && Text(reasoning, "summary") is not null,
            json.TryGetProperty("include", out var include) && include.ValueKind is JsonValueKind.Array
                && include.EnumerateArray().Any(part => part.ValueKind is JsonValueKind.String && part.ValueEquals("reasoning.encrypted_content")),
            json.TryGetProperty("text", out var form) && form.ValueKind is JsonValueKind.Object && form.TryGetProperty("format", out var format) && Text(format, "type") is "json_schema" ? Text(format, "name") : null);
    }

    /// <summary>A field's text; null when it is missing, null or of another type.</summary>
    internal static string? Text(JsonElement json, string name) =>
        json.ValueKind is JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static bool Flag(JsonElement json, string name)
    {
        if (!json.TryGetProperty(name, out var value) || value.ValueKind is JsonValueKind.Null or JsonValueKind.False)
        {
            return false;
        }

        return value.ValueKind is JsonValueKind.True
            ? true
            : throw new ApiErrorException($"Invalid type for '{name}': expected a boolean.", name, "invalid_type");
    }

    private static string NameOf(JsonElement tool) => Text(tool, "name") ?? Text(tool, "type") ?? "";
}

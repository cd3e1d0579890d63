using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CodexWeb.Agent.Tools;

/// <summary>The arguments of a function call: forgiving about form (numbers as text, unknown fields), strict about kind.</summary>
internal sealed class ToolArguments
{
    private readonly JsonElement _fields;

    private ToolArguments(JsonElement fields) => _fields = fields;

    /// <summary>Reads the model's JSON. Nothing at all counts as no arguments; an object written as a JSON string is unwrapped.</summary>
    /// <exception cref="ToolRefusedException">It is no JSON object.</exception>
    public static ToolArguments Parse(string json)
    {
        if (string.IsNullOrWhiteSpace(json))
        {
            json = "{}";
        }

        var fields = Read(json);
        if (fields.ValueKind is JsonValueKind.String)
        {
            fields = Read(fields.GetString()!);
        }

        return fields.ValueKind is JsonValueKind.Object
            ? new ToolArguments(fields)
            : throw new ToolRefusedException("The arguments must be a JSON object with the tool's fields.");
    }

    /// <summary>All fields, for a tool whose schema is not ours.</summary>
    public JsonObject ToJson() => JsonObject.Create(_fields)!;

    /// <summary>A text that must be there.</summary>
    public string Text(string name) => OptionalText(name) ?? throw new ToolRefusedException($"The field `{name}` is missing.");

    /// <summary>A text; null when absent.</summary>
    public string? OptionalText(string name) => Field(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { } other => throw Wrong(name, "a text", other),
    };

    /// <summary>A whole number within bounds; what lies outside is moved to the nearer bound.</summary>
    /// <param name="absent">The value when the field is absent.</param>
    public int Number(string name, int absent, int least, int most)
    {
        if (Field(name) is not { } field)
        {
            return absent;
        }

        var text = field.ValueKind switch
        {
            JsonValueKind.Number => field.GetRawText(),
            JsonValueKind.String => field.GetString(),
            _ => throw Wrong(name, "a number", field),
        };
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && !double.IsNaN(number)
            ? (int)Math.Clamp(number, least, most)
            : throw Wrong(name, "a number", field);
    }

    /// <summary>A yes or no; no when absent.</summary>
    public bool Flag(string name) => Field(name) switch
    {
        null or { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.String } text when bool.TryParse(text.GetString(), out var flag) => flag,
        { } other => throw Wrong(name, "true or false", other),
    };

    /// <summary>The objects of an array that must be there.</summary>
    public IReadOnlyList<ToolArguments> Objects(string name)
    {
        var field = Field(name) ?? throw new ToolRefusedException($"The field `{name}` is missing.");
        return field.ValueKind is JsonValueKind.Array && field.EnumerateArray().All(static item => item.ValueKind is JsonValueKind.Object)
            ? [.. field.EnumerateArray().Select(static item => new ToolArguments(item))]
            : throw Wrong(name, "an array of objects", field);
    }

    /// <summary>The texts of an array; null when the field is absent or no array of texts.</summary>
    public IReadOnlyList<string>? Texts(string name) =>
        Field(name) is { ValueKind: JsonValueKind.Array } field && field.EnumerateArray().All(static item => item.ValueKind is JsonValueKind.String)
            ? [.. field.EnumerateArray().Select(static item => item.GetString()!)]
            : null;

    private JsonElement? Field(string name) => _fields.TryGetProperty(name, out var field) && field.ValueKind is not JsonValueKind.Null ? field : null;

    private static JsonElement Read(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowTrailingCommas = true });
            return document.RootElement.Clone();
        }
        catch (JsonException exception)
        {
            throw new ToolRefusedException("The arguments are not valid JSON: " + exception.Message);
        }
    }

    private static ToolRefusedException Wrong(string name, string wanted, JsonElement given)
    {
        var kind = given.ValueKind switch
        {
            JsonValueKind.String => "a text",
            JsonValueKind.Number => "a number",
            JsonValueKind.True or JsonValueKind.False => "true or false",
            JsonValueKind.Array => "an array",
            _ => "an object",
        };
        return new ToolRefusedException($"The field `{name}` must be {wanted}, but {(string.Equals(kind, wanted, StringComparison.Ordinal) ? "cannot be read as that" : "is " + kind)}.");
    }
}

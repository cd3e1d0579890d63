using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CodexWeb.EmulatedGitHub;

/// <summary>How values look on the wire.</summary>
internal static class Wire
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>JSON with characters as they are, where JSON allows them.</summary>
    public static string Text(JsonNode node) => node.ToJsonString(Plain);

    /// <summary>A time in UTC, to the second.</summary>
    public static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string? Time(DateTimeOffset? time) => time is { } known ? Time(known) : null;

    /// <summary>An enum's value in GitHub's lower case.</summary>
    public static string Word<TEnum>(TEnum value)
        where TEnum : struct, Enum => value.ToString().ToLowerInvariant();

    public static JsonArray Array(IEnumerable<JsonNode?> nodes) => [.. nodes];

    public static JsonArray Array(IEnumerable<string> texts) => [.. texts.Select(static text => (JsonNode?)JsonValue.Create(text))];
}

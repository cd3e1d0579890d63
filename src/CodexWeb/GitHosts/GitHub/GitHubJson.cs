using System.Globalization;
using System.Text.Json;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>
/// A place in an answer of GitHub. What is missing, null or of another kind than expected reads as null or empty, a number in a string as a number:
/// GitHub adds and leaves out, Enterprise Servers are years older, and one odd field must not cost the whole list.
/// </summary>
internal readonly struct GitHubJson(JsonElement element)
{
    /// <summary>True when there is an object.</summary>
    public bool IsObject => element.ValueKind == JsonValueKind.Object;

    /// <summary>The property of an object.</summary>
    public GitHubJson this[string name] => IsObject ? IfText(element, at => at.TryGetProperty(name, out var value) ? new GitHubJson(value) : default) : default;

    /// <summary>A string; null for anything else, half a character among it.</summary>
    public string? Text => element.ValueKind == JsonValueKind.String ? IfText(element, static at => at.GetString()) : null;

    /// <summary>A whole number, also written as a string; null for anything else.</summary>
    public long? Number => element.ValueKind switch
    {
        JsonValueKind.Number when element.TryGetInt64(out var number) => number,
        JsonValueKind.String when long.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };

    /// <summary>True or false; null for anything else.</summary>
    public bool? Flag => element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String when bool.TryParse(Text, out var flag) => flag,
        _ => null,
    };

    /// <summary>A time as ISO 8601 or in seconds since 1970; null for anything else.</summary>
    public DateTimeOffset? Time => element.ValueKind switch
    {
        JsonValueKind.String when DateTimeOffset.TryParse(Text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) => time,
        JsonValueKind.Number when Number is >= 0 and < 253402300800 and var seconds => DateTimeOffset.FromUnixTimeSeconds(seconds),
        _ => null,
    };

    /// <summary>The elements of an array; empty for anything else.</summary>
    public IEnumerable<GitHubJson> Items => element.ValueKind == JsonValueKind.Array ? element.EnumerateArray().Select(static item => new GitHubJson(item)) : [];

    /// <summary>The properties of an object; empty for anything else.</summary>
    public IEnumerable<KeyValuePair<string, GitHubJson>> Properties =>
        IsObject ? element.EnumerateObject().Select(static property => KeyValuePair.Create(IfText(property, static at => at.Name) ?? "", new GitHubJson(property.Value))) : [];

    /// <summary>Strings of an array: its own, or one property of each of its objects.</summary>
    public IReadOnlyList<string> Texts(string? property = null) =>
        [.. Items.Select(item => property is null || item.Text is not null ? item.Text : item[property].Text).OfType<string>()];

    // "\ud800" alone is valid JSON and no text.
    private static T? IfText<TAt, T>(TAt at, Func<TAt, T?> read)
    {
        try
        {
            return read(at);
        }
        catch (InvalidOperationException)
        {
            return default;
        }
    }
}

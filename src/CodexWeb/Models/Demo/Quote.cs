using System.Globalization;

namespace CodexWeb.Models.Demo;

/// <summary>Puts text that came from outside into a script's Markdown.</summary>
internal static class Quote
{
    private const int Longest = 120;

    /// <summary>The first line, shortened.</summary>
    public static string Line(string text)
    {
        var line = text.AsSpan().Trim();
        var end = line.IndexOfAny('\n', '\r');
        var more = end >= 0 || line.Length > Longest;
        line = end >= 0 ? line[..end] : line;
        return (line.Length > Longest ? line[..Longest] : line).ToString().Replace("【", "[", StringComparison.Ordinal).Replace("】", "]", StringComparison.Ordinal) + (more ? " …" : "");
    }

    /// <summary>The first line as code.</summary>
    public static string Code(string text) => $"`{Line(text).Replace('`', '\'')}`";

    /// <summary>A number with its noun.</summary>
    public static string Count(int count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count} {noun}") + (count == 1 ? "" : "s");

    /// <summary>A citation of a command's item; nothing when it has none.</summary>
    public static string Cite(Command command) => command.ItemId is { } item ? $" 【C:{item}】" : "";

    /// <summary>A citation of lines of a file.</summary>
    public static string Cite(string path, int first, int last) =>
        string.Create(CultureInfo.InvariantCulture, $"【F:{path}†L{first}") + (first == last ? "】" : string.Create(CultureInfo.InvariantCulture, $"-L{last}】"));
}

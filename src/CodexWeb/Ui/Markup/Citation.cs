using System.Globalization;

namespace CodexWeb.Ui.Markup;

/// <summary>A reference in a message of an agent. A closed union.</summary>
public abstract record Citation
{
    private const int Longest = 500;

    /// <summary>Lines of a file: <c>【F:path†L12-L18】</c>, or <c>†L12</c> for one.</summary>
    /// <param name="Path">Relative to the repository, with <c>/</c>.</param>
    /// <param name="First">1 for the first line.</param>
    /// <param name="Last">At least <paramref name="First"/>.</param>
    public sealed record File(string Path, int First, int Last) : Citation;

    /// <summary>A command of the attempt's log: <c>【C:item_12】</c>.</summary>
    public sealed record Command(string ItemId) : Citation;

    /// <summary>As it stands in a message.</summary>
    public sealed override string ToString() => this switch
    {
        File(var path, var first, var last) => string.Create(CultureInfo.InvariantCulture, $"【F:{path}†L{first}") + (last == first ? "】" : string.Create(CultureInfo.InvariantCulture, $"-L{last}】")),
        Command(var item) => $"【C:{item}】",
        _ => throw new InvalidOperationException("No such citation."),
    };

    /// <summary>As people read it: <c>Basket.pm:12-18</c>, <c>log 12</c>.</summary>
    public string Label => this switch
    {
        File(var path, var first, var last) =>
            string.Create(CultureInfo.InvariantCulture, $"{PlainText.RevealLine(path[(path.LastIndexOf('/') + 1)..])}:{first}") + (last == first ? "" : string.Create(CultureInfo.InvariantCulture, $"-{last}")),
        Command(var item) => $"log {(item.StartsWith("item_", StringComparison.Ordinal) ? item["item_".Length..] : item)}",
        _ => throw new InvalidOperationException("No such citation."),
    };

    /// <summary>Reads the citation a text begins with.</summary>
    /// <param name="length">Characters it takes up.</param>
    /// <returns>Null when the text begins with none.</returns>
    public static Citation? ReadAt(ReadOnlySpan<char> text, out int length)
    {
        length = 0;
        var end = text[..Math.Min(text.Length, Longest)].IndexOf('】');
        if (end < 4 || text[0] != '【' || text[2] != ':' || text[1..end].IndexOfAny('\n', '【') >= 0)
        {
            return null;
        }

        Citation? citation = text[1] switch
        {
            'F' => OfFile(text[3..end]),
            'C' => OfCommand(text[3..end]),
            _ => null,
        };
        length = citation is null ? 0 : end + 1;
        return citation;
    }

    private static File? OfFile(ReadOnlySpan<char> text)
    {
        var mark = text.LastIndexOf('†');
        if (mark < 1)
        {
            return null;
        }

        var lines = text[(mark + 1)..];
        var dash = lines.IndexOf('-');
        var first = Line(dash < 0 ? lines : lines[..dash]);
        // Models also write "L12-18".
        var end = dash < 0 ? [] : lines[(dash + 1)..];
        var last = dash < 0 ? first : Line(end is ['L', ..] ? end : $"L{end}");
        return first is { } from && last is { } to && from <= to ? new File(text[..mark].ToString(), from, to) : null;
    }

    private static Command? OfCommand(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character != '_')
            {
                return null;
            }
        }

        return text.Length is > 0 and <= 64 ? new Command(text.ToString()) : null;
    }

    private static int? Line(ReadOnlySpan<char> text) =>
        text is ['L', .. var digits] && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var line) && line > 0 ? line : null;
}

/// <summary>Where citations lead. A citation for which there is no address is left out.</summary>
/// <param name="Address">An address within this site (it begins with <c>/</c>, <c>?</c> or <c>#</c>), or null.</param>
public sealed record CitationLinks(Func<Citation, string?> Address);

/// <summary>A citation and its place in a text.</summary>
/// <param name="Start">Index of its first character.</param>
/// <param name="Length">Characters it takes up.</param>
public sealed record CitationPlace(Citation Citation, int Start, int Length);

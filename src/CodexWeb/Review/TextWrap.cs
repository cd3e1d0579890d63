using System.Text;

namespace CodexWeb.Review;

/// <summary>Cuts lines where a fixed number of columns ends, so that every row of a list keeps one height.</summary>
internal static class TextWrap
{
    /// <summary>Columns of a tab stop; the style sheet's <c>tab-size</c> is the same.</summary>
    public const int TabSize = 4;

    /// <summary>How many rows a line takes, at least 1.</summary>
    /// <param name="columns">0 for no cuts.</param>
    public static int CountParts(string text, int columns) => Fits(text, columns) ? 1 : Starts(text, columns).Count;

    /// <summary>The part of a text with the given number, and where it starts; empty beyond the last.</summary>
    public static (int Start, int Length) Part(string text, int columns, int part)
    {
        if (Fits(text, columns))
        {
            return part == 0 ? (0, text.Length) : (text.Length, 0);
        }

        var starts = Starts(text, columns);
        return part >= starts.Count ? (text.Length, 0) : (starts[part], (part + 1 < starts.Count ? starts[part + 1] : text.Length) - starts[part]);
    }

    // No character is wider than a tab.
    private static bool Fits(string text, int columns) => columns <= 0 || text.Length * TabSize <= columns || (text.Length <= columns && IsPlain(text));

    private static bool IsPlain(string text) => text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0;

    private static List<int> Starts(string text, int columns)
    {
        var starts = new List<int> { 0 };
        var (column, index) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            var width = Width(rune, column);
            if (column + width > columns && column > 0)
            {
                starts.Add(index);
                column = 0;
                width = Width(rune, column);
            }

            column += width;
            index += rune.Utf16SequenceLength;
        }

        return starts;
    }

    private static int Width(Rune rune, int column) => rune.Value switch
    {
        '\t' => TabSize - (column % TabSize),
        < 0x300 => 1,
        // Combining marks and joiners take no room; the wide scripts, and the pictures, take two columns.
        < 0x370 or (>= 0x200B and <= 0x200F) or (>= 0xFE00 and <= 0xFE0F) => 0,
        (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0xA4CF) or (>= 0xAC00 and <= 0xD7A3) or (>= 0xF900 and <= 0xFAFF)
            or (>= 0xFE30 and <= 0xFE6F) or (>= 0xFF00 and <= 0xFF60) or (>= 0xFFE0 and <= 0xFFE6) or (>= 0x1F300 and <= 0x1FAFF) or >= 0x20000 => 2,
        _ => 1,
    };
}

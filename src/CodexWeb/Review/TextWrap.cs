using System.Text;

namespace CodexWeb.Review;

/// <summary>Cuts lines where a fixed number of columns ends, so that every row of a list keeps one height.</summary>
internal static class TextWrap
{
    /// <summary>Columns of a tab stop; the style sheet's <c>tab-size</c> is the same.</summary>
    public const int TabSize = 4;

    /// <summary>How many rows a line takes, at least 1.</summary>
    /// <param name="columns">0 for no cuts.</param>
    public static int CountParts(string text, int columns)
    {
        if (Fits(text, columns))
        {
            return 1;
        }

        if (IsPlain(text))
        {
            return ((text.Length - 1) / columns) + 1;
        }

        var parts = 0;
        foreach (var _ in new Cuts(text, columns))
        {
            parts++;
        }

        return parts;
    }

    /// <summary>The part of a text with the given number, and where it starts; empty beyond the last.</summary>
    public static (int Start, int Length) Part(string text, int columns, int part)
    {
        if (Fits(text, columns))
        {
            return part == 0 ? (0, text.Length) : (text.Length, 0);
        }

        if (IsPlain(text))
        {
            var start = Math.Min((long)part * columns, text.Length);
            return ((int)start, (int)Math.Min(columns, text.Length - start));
        }

        foreach (var (start, length) in new Cuts(text, columns))
        {
            if (part-- == 0)
            {
                return (start, length);
            }
        }

        return (text.Length, 0);
    }

    // No character is wider than a tab.
    private static bool Fits(string text, int columns) => columns <= 0 || text.Length * TabSize <= columns || (text.Length <= columns && IsPlain(text));

    // Nearly all lines, and each character of theirs is one column.
    private static bool IsPlain(string text) => text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0;

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

    /// <summary>The parts of one text in order, without an allocation: long diffs are counted anew for every width.</summary>
    private ref struct Cuts(string text, int columns)
    {
        private int _next;

        public (int Start, int Length) Current { get; private set; }

        public readonly Cuts GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_next >= text.Length)
            {
                return false;
            }

            var (start, column) = (_next, 0);
            while (_next < text.Length)
            {
                Rune.DecodeFromUtf16(text.AsSpan(_next), out var rune, out var length);
                var width = Width(rune, column);
                if (column + width > columns && column > 0)
                {
                    break;
                }

                column += width;
                _next += length;
            }

            Current = (start, _next - start);
            return true;
        }
    }
}

using System.Text;

namespace CodexWeb.Review;

/// <summary>Turns parsed changes into what the page's list asks for.</summary>
internal static class DiffReading
{
    /// <summary>Rows given at once, at most.</summary>
    public const int MostRows = 1_000;

    private static readonly HashSet<string> Images = new(StringComparer.OrdinalIgnoreCase) { ".png", ".jpg", ".jpeg", ".gif", ".webp" };

    /// <summary>The change without its lines.</summary>
    public static DiffAnswer Describe(Diff diff, string at, string commit, DiffLayout layout) =>
        new(at, commit, [.. diff.Files.Select(f => Describe(f, layout))], diff.FilesLeftOut, diff.Added, diff.Removed);

    /// <summary>Some rows of a file's hunks, which are counted on from hunk to hunk.</summary>
    public static RowsAnswer Rows(DiffFile file, DiffLayout layout, int from, int count)
    {
        var rows = new List<RowAnswer>();
        count = Math.Clamp(count, 0, MostRows);
        foreach (var hunk in file.Hunks)
        {
            var inHunk = layout.Count(hunk);
            if (from < inHunk && rows.Count < count)
            {
                var cells = new HunkCells(hunk, layout);
                rows.AddRange(layout.Rows(hunk).Skip(from).Take(count - rows.Count).Select(cells.Row));
            }

            from = Math.Max(0, from - inHunk);
        }

        return new RowsAnswer(rows);
    }

    /// <summary>Lines of a file that no hunk shows.</summary>
    /// <param name="content">The file after the change.</param>
    /// <param name="from">Number of the first line wanted, 1 for the first of the file.</param>
    public static ContextAnswer Context(DiffFile file, ReadOnlyMemory<byte> content, int wrap, int from, int count)
    {
        var lines = Lines(content);
        var rows = new List<RowAnswer>();
        from = Math.Clamp(from, 1, lines.Length + 1);
        var to = Math.Min(lines.Length, (long)from + Math.Clamp(count, 0, MostRows) - 1);
        for (var number = from; number <= to; number++)
        {
            var line = new DiffLine(DiffLineKind.Context, number + Shift(file, number), number, lines[number - 1]);
            for (var part = 0; part < TextWrap.CountParts(line.Text, wrap); part++)
            {
                var cell = HunkCells.Cell(line, -1, wrap, part, []);
                rows.Add(new RowAnswer(cell, cell));
            }
        }

        return new ContextAnswer(rows, lines.Length);
    }

    /// <summary>Where a line stands.</summary>
    public static PlaceAnswer Place(DiffFile file, DiffLayout layout, int number, bool before)
    {
        var offset = 0;
        for (var h = 0; h < file.Hunks.Count; h++)
        {
            var hunk = file.Hunks[h];
            var row = 0;
            var last = -1;
            foreach (var (left, right, _) in layout.Rows(hunk))
            {
                // In a unified layout a context line is on the right alone, and has both numbers.
                var hit = before
                    ? (left is { } l && hunk.Lines[l].OldNumber == number) || (right is { } r && hunk.Lines[r].OldNumber == number)
                    : right is { } n && hunk.Lines[n].NewNumber == number;
                last = hit ? row : last;
                row++;
            }

            if (last >= 0)
            {
                return new PlaceAnswer(h, offset + last);
            }

            offset += row;
        }

        return new PlaceAnswer(null, 0);
    }

    /// <summary>A file's lines; the line feed after the last one makes no further line.</summary>
    public static string[] Lines(ReadOnlyMemory<byte> content)
    {
        var text = Encoding.UTF8.GetString(content.Span);
        return text.Length == 0 ? [] : (text.EndsWith('\n') ? text[..^1] : text).Split('\n');
    }

    private static FileAnswer Describe(DiffFile file, DiffLayout layout) => new(
        file.NewPath,
        file.Kind is DiffFileKind.Renamed or DiffFileKind.Copied ? file.OldPath : null,
        file.Kind,
        file.OldMode,
        file.NewMode,
        file.IsBinary,
        file.IsBinary && Images.Contains(Path.GetExtension(file.NewPath)),
        file.IsTooLarge,
        file.HasMixedLineEndings,
        file.Added,
        file.Removed,
        FileGroups.Of(file.NewPath),
        file.Hash,
        [.. file.Hunks.Select(h => new HunkAnswer([h.OldStart, h.OldCount], [h.NewStart, h.NewCount], layout.Count(h), h.Section, h.Hash))]);

    // By how much the numbers before differ from those after, at a line between hunks.
    private static int Shift(DiffFile file, int number)
    {
        var above = file.Hunks.LastOrDefault(h => EndOf(h.NewStart, h.NewCount) <= number);
        return above is null ? 0 : EndOf(above.OldStart, above.OldCount) - EndOf(above.NewStart, above.NewCount);
    }

    // A side without lines names the line before the place.
    private static int EndOf(int start, int count) => count == 0 ? start + 1 : start + count;
}

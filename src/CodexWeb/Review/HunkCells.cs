namespace CodexWeb.Review;

/// <summary>Gives the rows of one hunk their texts, and compares the words of lines that stand side by side once each.</summary>
internal sealed class HunkCells(DiffHunk hunk, DiffLayout layout)
{
    private readonly Dictionary<int, int[]> _marks = [];
    private Dictionary<int, int>? _partners;

    public RowAnswer Row(DiffRow row) => new(Side(row.Left, row.Part), Side(row.Right, row.Part));

    /// <summary>One side of a row.</summary>
    /// <param name="index">Of the line in its hunk; -1 when it is in none.</param>
    public static CellAnswer Cell(DiffLine line, int index, int wrap, int part, int[] marks)
    {
        var (start, length) = TextWrap.Part(line.Text, wrap, part);
        var within = wrap > 0 ? WordMarks.Within(marks, start, length) : marks;
        var isEnd = start + length == line.Text.Length;
        return new CellAnswer(
            line.Kind switch { DiffLineKind.Added => 'a', DiffLineKind.Removed => 'r', _ => 'c' },
            part == 0 ? line.OldNumber : null,
            part == 0 ? line.NewNumber : null,
            line.Text.Substring(start, length),
            within.Length == 0 ? null : within,
            isEnd && line.LeftOut > 0 ? line.LeftOut : null,
            isEnd && line.EndsFile ? true : null,
            index);
    }

    private CellAnswer? Side(int? index, int part)
    {
        if (index is not { } i || (part > 0 && part >= TextWrap.CountParts(hunk.Lines[i].Text, layout.Wrap)))
        {
            return null;
        }

        return Cell(hunk.Lines[i], i, layout.Wrap, part, MarksOf(i));
    }

    private int[] MarksOf(int index)
    {
        _partners ??= Partners();
        if (!_partners.TryGetValue(index, out var partner))
        {
            return [];
        }

        if (!_marks.TryGetValue(index, out var marks))
        {
            var (before, after) = (Math.Min(index, partner), Math.Max(index, partner));
            (_marks[before], _marks[after]) = WordMarks.Compare(hunk.Lines[before].Text, hunk.Lines[after].Text);
            marks = _marks[index];
        }

        return marks;
    }

    private Dictionary<int, int> Partners()
    {
        var partners = new Dictionary<int, int>();
        foreach (var (left, right) in LinePairs.Of(hunk.Lines))
        {
            if (left is { } l && right is { } r && l != r)
            {
                partners[l] = r;
                partners[r] = l;
            }
        }

        return partners;
    }
}

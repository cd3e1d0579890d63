namespace CodexWeb.Review;

/// <summary>How hunks are laid out as rows of one height.</summary>
/// <param name="Split">Before and after side by side, else one below the other.</param>
/// <param name="Wrap">Columns after which a line goes on in another row; 0 for never.</param>
public readonly record struct DiffLayout(bool Split, int Wrap)
{
    /// <summary>The rows of a hunk, counted without looking at the words.</summary>
    public int Count(DiffHunk hunk)
    {
        ArgumentNullException.ThrowIfNull(hunk);
        return this is { Split: false, Wrap: 0 } ? hunk.Lines.Count : Rows(hunk).Count();
    }

    /// <summary>The rows of a hunk, top down.</summary>
    public IEnumerable<DiffRow> Rows(DiffHunk hunk)
    {
        ArgumentNullException.ThrowIfNull(hunk);
        return Split ? SplitRows(hunk.Lines) : UnifiedRows(hunk.Lines);
    }

    private IEnumerable<DiffRow> UnifiedRows(IReadOnlyList<DiffLine> lines)
    {
        for (var i = 0; i < lines.Count; i++)
        {
            var parts = TextWrap.CountParts(lines[i].Text, Wrap);
            for (var part = 0; part < parts; part++)
            {
                yield return lines[i].Kind is DiffLineKind.Removed ? new DiffRow(i, null, part) : new DiffRow(null, i, part);
            }
        }
    }

    private IEnumerable<DiffRow> SplitRows(IReadOnlyList<DiffLine> lines)
    {
        foreach (var (left, right) in LinePairs.Of(lines))
        {
            var parts = Math.Max(
                left is { } l ? TextWrap.CountParts(lines[l].Text, Wrap) : 0,
                right is { } r ? TextWrap.CountParts(lines[r].Text, Wrap) : 0);
            for (var part = 0; part < parts; part++)
            {
                yield return new DiffRow(left, right, part);
            }
        }
    }
}

/// <summary>One row on the screen.</summary>
/// <param name="Left">Index of the hunk's line before; null when there is none. In a unified layout only one of the two is set.</param>
/// <param name="Right">Index of the hunk's line after.</param>
/// <param name="Part">0 for a line's beginning, more for what was wrapped.</param>
public readonly record struct DiffRow(int? Left, int? Right, int Part);

/// <summary>Which removed line stands beside which added one.</summary>
internal static class LinePairs
{
    /// <summary>All lines of a hunk side by side: a context line with itself, and in each run of changes the first removed with the first added, and so on.</summary>
    public static IEnumerable<(int? Left, int? Right)> Of(IReadOnlyList<DiffLine> lines)
    {
        var (removed, added) = (new List<int>(), new List<int>());
        for (var i = 0; i <= lines.Count; i++)
        {
            if (i < lines.Count && lines[i].Kind is not DiffLineKind.Context)
            {
                (lines[i].Kind is DiffLineKind.Removed ? removed : added).Add(i);
                continue;
            }

            for (var k = 0; k < Math.Max(removed.Count, added.Count); k++)
            {
                yield return (k < removed.Count ? removed[k] : null, k < added.Count ? added[k] : null);
            }

            removed.Clear();
            added.Clear();
            if (i < lines.Count)
            {
                yield return (i, i);
            }
        }
    }
}

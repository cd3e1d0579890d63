using DiffPlex;

namespace CodexWeb.Review;

/// <summary>Leaves out of a change what differs in white space alone.</summary>
internal static class WhiteSpace
{
    // Comparing is quadratic in the worst case; a longer run of changes is left as it is.
    private const int LongestRun = 2_000;

    /// <summary>The change as it looks when white space within lines does not count. Files and hunks with nothing else are left out.</summary>
    public static Diff Ignore(Diff diff)
    {
        var files = diff.Files.Select(Ignore).OfType<DiffFile>().ToArray();
        return diff with
        {
            Files = files,
            Added = diff.Added - diff.Files.Sum(f => f.Added) + files.Sum(f => f.Added),
            Removed = diff.Removed - diff.Files.Sum(f => f.Removed) + files.Sum(f => f.Removed),
        };
    }

    private static DiffFile? Ignore(DiffFile file)
    {
        if (file.Hunks.Count == 0)
        {
            return file;
        }

        var hunks = file.Hunks.Select(h => h with { Lines = Ignore(h.Lines) }).Where(h => h.Lines.Any(l => l.Kind is not DiffLineKind.Context)).ToArray();
        var isNothing = hunks.Length == 0 && file.Kind is DiffFileKind.Changed && string.Equals(file.OldMode ?? file.NewMode, file.NewMode, StringComparison.Ordinal);
        return isNothing ? null : file with
        {
            Hunks = hunks,
            Added = hunks.Sum(h => h.Lines.Count(l => l.Kind is DiffLineKind.Added)),
            Removed = hunks.Sum(h => h.Lines.Count(l => l.Kind is DiffLineKind.Removed)),
        };
    }

    private static List<DiffLine> Ignore(IReadOnlyList<DiffLine> lines)
    {
        var result = new List<DiffLine>(lines.Count);
        for (var i = 0; i < lines.Count;)
        {
            var end = i;
            while (end < lines.Count && lines[end].Kind is not DiffLineKind.Context)
            {
                end++;
            }

            if (end == i)
            {
                result.Add(lines[i++]);
                continue;
            }

            var run = lines.Skip(i).Take(end - i).ToList();
            result.AddRange(run.Count > LongestRun ? run : Match(run));
            i = end;
        }

        return result;
    }

    private static IEnumerable<DiffLine> Match(List<DiffLine> run)
    {
        var removed = run.Where(l => l.Kind is DiffLineKind.Removed).ToList();
        var added = run.Where(l => l.Kind is DiffLineKind.Added).ToList();
        var differences = new Differ().CreateCustomDiffs(Text(removed), Text(added), ignoreWhiteSpace: false, static text => text.Split('\n'));
        var (a, b) = (0, 0);
        foreach (var block in differences.DiffBlocks)
        {
            for (; a < block.DeleteStartA; a++, b++)
            {
                yield return Same(removed[a], added[b]);
            }

            for (var end = Math.Min(removed.Count, a + block.DeleteCountA); a < end; a++)
            {
                yield return removed[a];
            }

            for (var end = Math.Min(added.Count, b + block.InsertCountB); b < end; b++)
            {
                yield return added[b];
            }
        }

        for (; a < removed.Count && b < added.Count; a++, b++)
        {
            yield return Same(removed[a], added[b]);
        }
    }

    private static DiffLine Same(DiffLine before, DiffLine after) => after with { Kind = DiffLineKind.Context, OldNumber = before.OldNumber };

    // An empty side is one no line of text equals, so that it never matches an empty line.
    private static string Text(List<DiffLine> lines) =>
        lines.Count == 0 ? "\0" : string.Join('\n', lines.Select(l => string.Concat(l.Text.Where(c => !char.IsWhiteSpace(c)))));
}

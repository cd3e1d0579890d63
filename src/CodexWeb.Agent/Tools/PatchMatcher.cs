namespace CodexWeb.Agent.Tools;

/// <summary>
/// Looks for a block of lines in a file: exactly, then without trailing white space, then without surrounding white space, then with typographic characters taken for
/// their plain ones. Each pass goes over the whole range before the next begins, so that an exact hit further down beats a loose one above it. One object serves one patch.
/// </summary>
internal sealed class PatchMatcher(CancellationToken cancellationToken)
{
    // About a second of work. A patch that needs more is made to need more.
    private const long MaxSteps = 40_000_000;

    private long _steps;
    private long _comparisons;

    /// <summary>How alike two lines must be.</summary>
    internal enum Likeness
    {
        /// <summary>To the character.</summary>
        Exact,

        /// <summary>But for trailing white space.</summary>
        TrailingSpace,

        /// <summary>But for leading and trailing white space.</summary>
        SurroundingSpace,

        /// <summary>But for surrounding white space and typographic look-alikes.</summary>
        LookAlike,
    }

    /// <summary>The first place at or after <paramref name="from"/> where all lines stand one after the other.</summary>
    /// <param name="lines">At least one.</param>
    /// <returns>Index of the first line; null when there is none.</returns>
    /// <exception cref="PatchException">It would take too long.</exception>
    public int? Find(PatchTextFile file, IReadOnlyList<string> lines, int from) =>
        Each(likeness => FindOnce(file, lines, from, likeness));

    /// <summary>The place of the lines when they are the file's last, and begin at or after <paramref name="from"/>.</summary>
    /// <returns>Index of the first line; null when they are not.</returns>
    public int? FindAtEnd(PatchTextFile file, IReadOnlyList<string> lines, int from)
    {
        var start = file.Count - lines.Count;
        return start < from ? null : Each(likeness => FindOnce(file, lines, start, likeness));
    }

    /// <summary>Whether two lines are alike.</summary>
    public static bool Same(ReadOnlySpan<char> a, ReadOnlySpan<char> b, Likeness likeness) => likeness switch
    {
        Likeness.Exact => a.SequenceEqual(b),
        Likeness.TrailingSpace => a.TrimEnd().SequenceEqual(b.TrimEnd()),
        Likeness.SurroundingSpace => a.Trim().SequenceEqual(b.Trim()),
        _ => LookAlike(a.Trim(), b.Trim()),
    };

    private static int? Each(Func<Likeness, int?> find) =>
        find(Likeness.Exact) ?? find(Likeness.TrailingSpace) ?? find(Likeness.SurroundingSpace) ?? find(Likeness.LookAlike);

    // Knuth, Morris and Pratt: time stays linear for a hostile file of equal lines.
    private int? FindOnce(PatchTextFile file, IReadOnlyList<string> lines, int from, Likeness likeness)
    {
        if (file.Count - from < lines.Count)
        {
            return null;
        }

        var borders = Borders(lines, likeness);
        var matched = 0;
        for (var i = from; file.Count - i >= lines.Count - matched; i++)
        {
            while (!Compare(file[i], lines[matched], likeness))
            {
                if (matched == 0)
                {
                    matched = -1;
                    break;
                }

                matched = borders[matched - 1];
            }

            if (++matched == lines.Count)
            {
                return i - matched + 1;
            }
        }

        return null;
    }

    // For each line: how many of the block's first lines are also the last ones up to it.
    private int[] Borders(IReadOnlyList<string> lines, Likeness likeness)
    {
        var borders = new int[lines.Count];
        for (var (i, length) = (1, 0); i < lines.Count; i++)
        {
            while (length > 0 && !Compare(lines[i], lines[length], likeness))
            {
                length = borders[length - 1];
            }

            borders[i] = Compare(lines[i], lines[length], likeness) ? ++length : length;
        }

        return borders;
    }

    private bool Compare(ReadOnlySpan<char> a, ReadOnlySpan<char> b, Likeness likeness)
    {
        _steps += 1 + (Math.Max(a.Length, b.Length) >> 6);
        if (_steps > MaxSteps)
        {
            throw new PatchException("Finding the patch's lines takes too long: the files are too large or the chunks too many. Split the patch, or name lines with '@@ '.");
        }

        if (++_comparisons % 65_536 == 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        return Same(a, b, likeness);
    }

    private static bool LookAlike(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        if (a.Length != b.Length)
        {
            return false;
        }

        for (var i = 0; i < a.Length; i++)
        {
            if (a[i] != b[i] && Plain(a[i]) != Plain(b[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static char Plain(char c) => c switch
    {
        (>= '\u2010' and <= '\u2015') or '\u2212' => '-',
        >= '\u2018' and <= '\u201B' => '\'',
        >= '\u201C' and <= '\u201F' => '"',
        '\u00A0' or (>= '\u2002' and <= '\u200A') or '\u202F' or '\u205F' or '\u3000' => ' ',
        _ => c,
    };
}

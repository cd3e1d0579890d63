using DiffPlex;

namespace CodexWeb.Review;

/// <summary>Which words of a changed line are the change.</summary>
internal static class WordMarks
{
    /// <summary>Longer lines get no marks: comparing is quadratic in the worst case.</summary>
    public const int LongestLine = 1_000;

    /// <summary>The changed ranges of both lines, each as start, length, start, length…; empty when they have too little in common for marks to help.</summary>
    public static (int[] Before, int[] After) Compare(string before, string after)
    {
        if (before.Length > LongestLine || after.Length > LongestLine || string.Equals(before, after, StringComparison.Ordinal))
        {
            return ([], []);
        }

        var result = new Differ().CreateCustomDiffs(before, after, ignoreWhiteSpace: false, Words);
        var (left, right) = (Offsets(result.PiecesOld), Offsets(result.PiecesNew));
        var (marksBefore, marksAfter) = (new List<int>(), new List<int>());
        foreach (var block in result.DiffBlocks)
        {
            Mark(marksBefore, left, block.DeleteStartA, block.DeleteCountA);
            Mark(marksAfter, right, block.InsertStartB, block.InsertCountB);
        }

        return MarkedShare(marksBefore, before) > 0.7 && MarkedShare(marksAfter, after) > 0.7 ? ([], []) : ([.. marksBefore], [.. marksAfter]);
    }

    /// <summary>The part of the marks that lies in a range, relative to its start.</summary>
    public static int[] Within(int[] marks, int start, int length)
    {
        var within = new List<int>();
        for (var i = 0; i < marks.Length; i += 2)
        {
            var from = Math.Max(marks[i], start);
            var to = Math.Min(marks[i] + marks[i + 1], start + length);
            if (to > from)
            {
                within.Add(from - start);
                within.Add(to - from);
            }
        }

        return [.. within];
    }

    // Runs of letters and digits, runs of blanks, and every other character by itself.
    private static string[] Words(string text)
    {
        var words = new List<string>();
        for (var start = 0; start < text.Length;)
        {
            var end = start + 1;
            while (end < text.Length && Class(text[end]) == Class(text[start]) && Class(text[start]) != 0)
            {
                end++;
            }

            words.Add(text[start..end]);
            start = end;
        }

        return [.. words];
    }

    // The halves of a pair count as letters, so that no character is torn.
    private static int Class(char c) => char.IsLetterOrDigit(c) || c == '_' || char.IsSurrogate(c) ? 1 : char.IsWhiteSpace(c) ? 2 : 0;

    private static int[] Offsets(string[] pieces)
    {
        var offsets = new int[pieces.Length + 1];
        for (var i = 0; i < pieces.Length; i++)
        {
            offsets[i + 1] = offsets[i] + pieces[i].Length;
        }

        return offsets;
    }

    private static void Mark(List<int> marks, int[] offsets, int first, int count)
    {
        if (count > 0)
        {
            marks.Add(offsets[first]);
            marks.Add(offsets[first + count] - offsets[first]);
        }
    }

    private static double MarkedShare(List<int> marks, string text) =>
        text.Length == 0 ? 1 : marks.Where((_, i) => i % 2 == 1).Sum() / (double)text.Length;
}

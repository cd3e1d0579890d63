using System.Globalization;
using System.Text;

namespace CodexWeb.Agent.Tools;

/// <summary>The words of a refusal: what the patch expects, and what the file holds at the place that comes closest.</summary>
internal static class PatchReport
{
    private const int MaxLines = 24;
    private const int MaxLineLength = 240;
    private const int MaxVotes = 1_000_000;

    /// <summary>Text of a patch or a file on one line of a message: cut when long, control characters written out.</summary>
    public static string Show(string text) => Show(text.AsSpan());

    /// <summary>The old lines of a chunk are not where it says.</summary>
    /// <param name="from">Index of the first line where they were looked for.</param>
    public static string LinesNotFound(PatchTextFile file, PatchChunk chunk, IReadOnlyList<string> lines, int from, PatchMatcher matcher)
    {
        var report = new StringBuilder();
        var elsewhere = matcher.Find(file, lines, 0);
        if (elsewhere is { } index && index < from)
        {
            report.AppendLine(CultureInfo.InvariantCulture, $"its lines stand at line {index + 1} of the file, above line {from + 1} where the search began. Put chunks in the order of the file. Expected:");
        }
        else if (elsewhere is { } above && chunk.AtEnd)
        {
            report.AppendLine(CultureInfo.InvariantCulture, $"its lines stand at line {above + 1} of the file, but '*** End of File' says they are its last. Expected at the end:");
        }
        else
        {
            report.AppendLine(CultureInfo.InvariantCulture, $"the file does not hold these lines one after the other{Searched(from)}. Expected:");
        }

        Append(report, lines.Select(line => Show(line)), lines.Count);
        var closest = chunk.AtEnd ? Math.Max(0, file.Count - lines.Count) : elsewhere ?? Closest(file, lines, from);
        return AppendFile(report, file, closest, lines.Count);
    }

    /// <summary>The line of an <c>@@</c> is not in the file.</summary>
    public static string ContextNotFound(PatchTextFile file, string context, int from)
    {
        var report = new StringBuilder();
        report.AppendLine(CultureInfo.InvariantCulture, $"the file has no such line{Searched(from)}. Expected for '@@':");
        Append(report, [Show(context)], 1);
        return AppendFile(report, file, Closest(file, [context], from), 1);
    }

    private static string Searched(int from) => from == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" at or below its line {from + 1}");

    private static string AppendFile(StringBuilder report, PatchTextFile file, int start, int count)
    {
        if (file.Count == 0)
        {
            return report.Append("The file is empty.").ToString();
        }

        start = Math.Clamp(start, 0, file.Count - 1);
        var end = Math.Min(file.Count, start + Math.Max(count, 3));
        report.AppendLine(CultureInfo.InvariantCulture, $"The closest place in the file, from line {start + 1} of {file.Count}:");
        var lines = Enumerable.Range(start, end - start).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i + 1}: {Show(file[i])}"));
        Append(report, lines, end - start);
        return report.ToString().TrimEnd('\n');
    }

    private static void Append(StringBuilder report, IEnumerable<string> lines, int count)
    {
        foreach (var line in lines.Take(MaxLines))
        {
            report.Append("    ").AppendLine(line);
        }

        if (count > MaxLines)
        {
            report.AppendLine(CultureInfo.InvariantCulture, $"    … and {count - MaxLines} more lines");
        }
    }

    // The place where most lines of the block stand at their distance from each other; else the line most like the block's longest.
    private static int Closest(PatchTextFile file, IReadOnlyList<string> lines, int from)
    {
        var offsets = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i].Trim() is { Length: > 0 } line)
            {
                (offsets.TryGetValue(line, out var known) ? known : offsets[line] = []).Add(i);
            }
        }

        var votes = new Dictionary<int, int>();
        var (cast, lookup) = (0, offsets.GetAlternateLookup<ReadOnlySpan<char>>());
        for (var i = 0; i < file.Count && cast < MaxVotes; i++)
        {
            foreach (var offset in lookup.TryGetValue(file[i].Trim(), out var found) ? found : [])
            {
                votes[i - offset] = votes.GetValueOrDefault(i - offset) + 1;
                cast++;
            }
        }

        return votes.Count > 0
            ? votes.OrderByDescending(vote => vote.Value).ThenBy(vote => vote.Key < from).ThenBy(vote => Math.Abs((long)vote.Key - from)).First().Key
            : MostAlike(file, lines, from);
    }

    private static int MostAlike(PatchTextFile file, IReadOnlyList<string> lines, int from)
    {
        var longest = Enumerable.Range(0, lines.Count).MaxBy(i => lines[i].Trim().Length);
        var wanted = lines[longest].Trim();
        var (best, place) = (Math.Max(3, wanted.Length / 3), from);
        for (var i = 0; i < file.Count; i++)
        {
            var line = file[i].Trim();
            var head = line.CommonPrefixLength(wanted);
            var tail = 0;
            while (tail < Math.Min(line.Length, wanted.Length) - head && line[^(tail + 1)] == wanted[^(tail + 1)])
            {
                tail++;
            }

            if (head + tail > best)
            {
                (best, place) = (head + tail, i - longest);
            }
        }

        return place;
    }

    private static string Show(ReadOnlySpan<char> text)
    {
        var shown = new StringBuilder(Math.Min(text.Length, MaxLineLength) + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length >= MaxLineLength)
            {
                return shown.Append(CultureInfo.InvariantCulture, $"… ({text.Length} characters)").ToString();
            }

            if (Rune.IsControl(rune) && rune.Value is not '\t')
            {
                shown.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            }
            else
            {
                shown.Append(rune.ToString());
            }
        }

        return shown.ToString();
    }
}

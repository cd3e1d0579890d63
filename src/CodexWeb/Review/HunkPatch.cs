using System.Globalization;
using System.Text;
using CodexWeb.Agent.Workspaces;

namespace CodexWeb.Review;

/// <summary>A patch of some hunks of a larger one.</summary>
/// <param name="Bytes">Git's format.</param>
/// <param name="Paths">The files it changes, each with the number of its hunks; 0 for one without hunks.</param>
/// <param name="Missing">Names that nothing in the larger patch has.</param>
internal sealed record HunkPatch(byte[] Bytes, IReadOnlyList<(string Path, int Hunks)> Paths, IReadOnlyList<HunkName> Missing)
{
    /// <summary>Cuts hunks out of a patch. The bytes of their lines are taken as they are; only where hunks say they are is corrected for those left out.</summary>
    /// <param name="patch">The whole patch.</param>
    /// <param name="direction">Which way the result will be applied: Git looks for a hunk where the side it changes says it is.</param>
    public static HunkPatch Cut(ReadOnlySpan<byte> patch, IReadOnlyCollection<HunkName> names, PatchDirection direction)
    {
        var files = DiffParser.Parse(patch).Files;
        var parts = PatchParts.Of(patch);
        using var result = new MemoryStream();
        var paths = new List<(string Path, int Hunks)>();
        var found = new HashSet<HunkName>();
        for (var i = 0; i < files.Count; i++)
        {
            var file = files[i];
            var wanted = file.Hunks.Count == 0
                ? names.Where(name => name.Means(file)).ToList()
                : names.Where(name => file.Hunks.Any(name.Means)).ToList();
            if (wanted.Count == 0)
            {
                continue;
            }

            found.UnionWith(wanted);
            var chosen = file.Hunks.Select(hunk => wanted.Exists(name => name.Means(hunk))).ToArray();
            paths.Add((file.NewPath, chosen.Count(taken => taken)));
            if (Array.TrueForAll(chosen, taken => taken))
            {
                result.Write(patch[parts[i].Whole]);
            }
            else
            {
                Write(result, patch, parts[i], file, chosen, direction);
            }
        }

        return new HunkPatch(result.ToArray(), paths, [.. names.Where(name => !found.Contains(name))]);
    }

    private static void Write(MemoryStream result, ReadOnlySpan<byte> patch, PatchPart part, DiffFile file, bool[] chosen, PatchDirection direction)
    {
        result.Write(patch[part.Header]);
        var leftOut = 0;
        for (var i = 0; i < chosen.Length; i++)
        {
            var hunk = file.Hunks[i];
            if (!chosen[i])
            {
                leftOut += hunk.NewCount - hunk.OldCount;
                continue;
            }

            // The side that is there stays where it is; the other moves by the lines that are not added or removed above it.
            var (before, after) = direction is PatchDirection.Forward ? (hunk.OldStart, hunk.NewStart - leftOut) : (hunk.OldStart + leftOut, hunk.NewStart);
            result.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"@@ -{before},{hunk.OldCount} +{after},{hunk.NewCount} @@\n")));
            var lines = patch[part.Hunks[i]];
            result.Write(lines[(lines.IndexOf((byte)'\n') + 1)..]);
        }
    }
}

/// <summary>Where one file's part of a patch lies.</summary>
/// <param name="Whole">All of it.</param>
/// <param name="Header">What stands before its first hunk.</param>
/// <param name="Hunks">Its hunks, each with its first line.</param>
internal sealed record PatchPart(Range Whole, Range Header, IReadOnlyList<Range> Hunks);

/// <summary>Finds the parts of a patch by the lines that begin them; no line of a hunk or of a binary part begins so.</summary>
internal static class PatchParts
{
    public static IReadOnlyList<PatchPart> Of(ReadOnlySpan<byte> patch)
    {
        var parts = new List<PatchPart>();
        var starts = new List<int>();
        int? file = null;
        var at = 0;
        while (at < patch.Length)
        {
            var line = patch[at..];
            if (line.StartsWith("diff --git "u8) || line.StartsWith("diff --cc "u8) || line.StartsWith("diff --combined "u8))
            {
                End(at);
                file = at;
            }
            else if (file is not null && line.StartsWith("@@ -"u8))
            {
                starts.Add(at);
            }

            var end = line.IndexOf((byte)'\n');
            at = end < 0 ? patch.Length : at + end + 1;
        }

        End(patch.Length);
        return parts;

        void End(int end)
        {
            if (file is { } start)
            {
                var hunks = starts.Select((begin, i) => begin..(i + 1 < starts.Count ? starts[i + 1] : end)).ToList();
                parts.Add(new PatchPart(start..end, start..(starts.Count > 0 ? starts[0] : end), hunks));
            }

            starts.Clear();
        }
    }
}

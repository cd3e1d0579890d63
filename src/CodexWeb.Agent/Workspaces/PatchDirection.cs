namespace CodexWeb.Agent.Workspaces;

/// <summary>Which way a patch is applied.</summary>
public enum PatchDirection
{
    /// <summary>What it adds is added.</summary>
    Forward,

    /// <summary>What it added is taken away again.</summary>
    Reverse,
}

/// <summary>What came of a patch.</summary>
/// <param name="Conflicts">Why not all of it applies, a sentence for each place; empty when it does. Then nothing was changed.</param>
public sealed record PatchOutcome(IReadOnlyList<string> Conflicts)
{
    /// <summary>All of it applies.</summary>
    public bool Applies => Conflicts.Count == 0;
}

/// <summary>Turns what <c>git apply</c> says into sentences. The words: https://github.com/git/git/blob/master/apply.c</summary>
internal static class PatchConflicts
{
    private const int Most = 10;
    private const int LongestPath = 300;
    private const string Failed = "patch failed: ";

    internal static IReadOnlyList<string> Read(string said)
    {
        var sentences = said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => line.StartsWith("error: ", StringComparison.Ordinal))
            .Select(line => Plain(line["error: ".Length..]))
            // Said again for each file of which a hunk was named.
            .Where(line => !line.EndsWith(": patch does not apply", StringComparison.Ordinal))
            .Select(Sentence)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        return sentences.Count switch
        {
            0 => [$"Git refused it: {GitMessage.Shorten(said)}"],
            > Most => [.. sentences.Take(Most), $"And {sentences.Count - Most} more."],
            _ => sentences,
        };
    }

    private static string Sentence(string line)
    {
        var place = line.StartsWith(Failed, StringComparison.Ordinal) ? line[Failed.Length..] : null;
        var colon = place?.LastIndexOf(':') ?? -1;
        return place is not null && colon > 0 ? $"{place[..colon]}: the hunk at line {place[(colon + 1)..]} does not fit the lines that are there."
            : line.Contains("already exists in", StringComparison.Ordinal) ? $"{line[..line.LastIndexOf(": already exists in", StringComparison.Ordinal)]}: there is a file of this name already."
            : line.EndsWith(": does not exist in index", StringComparison.Ordinal) || line.EndsWith(": No such file or directory", StringComparison.Ordinal) ? $"{line[..line.LastIndexOf(": ", StringComparison.Ordinal)]}: there is no such file."
            : $"{line}.";
    }

    private static string Plain(string line) => string.Concat(line.Where(character => !char.IsControl(character)).Take(LongestPath));
}

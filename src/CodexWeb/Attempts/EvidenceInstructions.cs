namespace CodexWeb.Attempts;

/// <summary>Finds the check commands that AGENTS.md names: in a section whose heading speaks of checks or tests, code that begins a list item, and lines of shell blocks.</summary>
internal static class EvidenceInstructions
{
    private const int LongestText = 64 << 10;
    private const int Most = 20;
    private static readonly string[] Headings = ["check", "test", "verif", "lint"];

    /// <summary>The commands; none for null.</summary>
    public static IReadOnlyList<string> ChecksIn(string? markdown)
    {
        var checks = new List<string>();
        var (inSection, fence) = (false, (string?)null);
        foreach (var line in (markdown is { Length: > LongestText } ? markdown[..LongestText] : markdown ?? "").Split('\n').Select(line => line.Trim()))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                fence = fence is null ? line.TrimStart('`').Trim() : null;
            }
            else if (fence is null && line.StartsWith('#'))
            {
                inSection = Headings.Any(word => line.Contains(word, StringComparison.OrdinalIgnoreCase));
            }
            else if (inSection && CommandIn(line, fence) is { Length: > 0 } command && checks.Count < Most)
            {
                checks.Add(command);
            }
        }

        // Several commands for parts of the same program: the first is the one that is meant for all.
        return [.. checks.DistinctBy(check => check.Split(' ')[0], StringComparer.Ordinal)];
    }

    private static string? CommandIn(string line, string? fence) => fence switch
    {
        "sh" or "bash" or "shell" or "" => line.StartsWith('#') ? null : line,
        "console" => line.StartsWith("$ ", StringComparison.Ordinal) ? line[2..] : null,
        null when line is ['-' or '*', ' ', '`', ..] && line.IndexOf('`', 3) is > 3 and var end => line[3..end],
        _ => null,
    };
}

using System.Text.RegularExpressions;

namespace CodexWeb.Attempts;

/// <summary>Finds the check commands that AGENTS.md names: in a section whose heading speaks of checks or tests, code that begins a list item, code that is a check wherever it stands, and lines of shell blocks.</summary>
internal static partial class EvidenceInstructions
{
    private const int LongestText = 64 << 10;
    private const int LongestCommand = 500;
    private const int Most = 20;
    private static readonly string[] Headings = ["check", "test", "verif", "lint", "validat", "before you commit", "before committing"];

    // Words after which the next one says what is run.
    private static readonly HashSet<string> Carriers = new(["run", "exec", "-m"], StringComparer.Ordinal);

    /// <summary>The commands; none for null.</summary>
    public static IReadOnlyList<string> ChecksIn(string? markdown)
    {
        var checks = new List<string>();
        var (inSection, fence, marker) = (false, (string?)null, "");
        foreach (var line in (markdown is { Length: > LongestText } ? markdown[..LongestText] : markdown ?? "").Split('\n').Select(line => line.Trim()))
        {
            if (fence is null && (line.StartsWith("```", StringComparison.Ordinal) || line.StartsWith("~~~", StringComparison.Ordinal)))
            {
                (fence, marker) = (line.TrimStart(line[0]).Trim(), line[..3]);
            }
            else if (fence is not null && line.StartsWith(marker, StringComparison.Ordinal))
            {
                fence = null;
            }
            else if (fence is null && line.StartsWith('#'))
            {
                inSection = Headings.Any(word => line.Contains(word, StringComparison.OrdinalIgnoreCase));
            }
            else if (inSection)
            {
                checks.AddRange((fence is null ? InProse(line) : InBlock(line, fence)).Where(command => command.Length is > 0 and <= LongestCommand));
            }
        }

        // Several commands for parts of the same thing: the first is the one that is meant for all.
        return [.. checks.DistinctBy(Meant, StringComparer.Ordinal).Take(Most)];
    }

    private static IEnumerable<string> InBlock(string line, string fence) => fence.Split(' ')[0] switch
    {
        "sh" or "bash" or "shell" or "zsh" or "" when !line.StartsWith('#') => [line.StartsWith("$ ", StringComparison.Ordinal) ? line[2..] : line],
        "console" or "shell-session" or "terminal" when line.StartsWith("$ ", StringComparison.Ordinal) => [line[2..]],
        _ => [],
    };

    private static IEnumerable<string> InProse(string line) => Spans().Matches(line)
        .Where(span => EvidenceChecks.IsCheck(span.Groups["code"].Value) || (span.Groups["item"].Success && LooksLikeCommand(span.Groups["code"].Value)))
        .Select(span => span.Groups["code"].Value.Trim());

    // A list of a section on tests also names folders and files.
    private static bool LooksLikeCommand(string code) => code.Contains(' ', StringComparison.Ordinal) || code.StartsWith("./", StringComparison.Ordinal) || code.EndsWith(".sh", StringComparison.Ordinal);

    // The program and, where it has one, its command: "dotnet test" and "dotnet format" are two checks, "pytest a" and "pytest b" one.
    private static string Meant(string command)
    {
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var count = words.Length > 1 && words[1].All(static character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or ':') && (words[1][0] != '-' || words[1] == "-m") ? 2 : 1;
        count = count == 2 && Carriers.Contains(words[1]) && words.Length > 2 ? 3 : count;
        return string.Join(' ', words.Take(count));
    }

    [GeneratedRegex(@"(?<item>^([-*+]|[0-9]{1,3}[.)])\s+(\[[ xX]\]\s+)?)?`(?<code>[^`]+)`", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Spans();
}

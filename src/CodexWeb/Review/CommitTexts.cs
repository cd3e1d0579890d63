using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Attempts;
using CodexWeb.Tasks;
using CodexWeb.Ui.Markup;

namespace CodexWeb.Review;

/// <summary>Writes the text of a commit from what is known of the whole change, always the same for the same facts.</summary>
internal static partial class CommitTexts
{
    private const int LongestTitle = 72;
    private const int LongestSummary = 4_000;
    private const int MostFiles = 25;

    /// <summary>The text.</summary>
    /// <param name="report">The attempt's end report as the model wrote it; null when it has none.</param>
    /// <param name="diff">Null when it is not known.</param>
    /// <param name="evidence">What the checks came to; null when none ran.</param>
    public static CommitText Write(string title, string? report, DiffSummary? diff, string? evidence)
    {
        var testing = evidence is null ? "No check was run." : Sentence(evidence);
        return new CommitText(Title(title), $"## Summary\n\n{Summary(report, diff)}\n\n## Testing\n\n- {testing}\n");
    }

    /// <summary>The title of what one turn changed: what its message asked for.</summary>
    public static string TitleOf(CodexTask task, int turn) => Title(task.Turns.Find(t => t.Number == turn) switch
    {
        { Source: TurnSources.Conflicts } => $"Merge {task.Branch}",
        { Source: TurnSources.KeepGreen } => "Make the checks pass",
        { Number: > 1, Source: null, Prompt: var prompt } => prompt.Split('\n').FirstOrDefault(line => line.Trim().Length > 0) ?? task.Title,
        _ => task.Title,
    });

    /// <summary>What was changed and why: the report without its own account of the checks, then the files.</summary>
    public static string Summary(string? report, DiffSummary? diff)
    {
        var told = report is null ? "" : Told(report);
        var summary = new StringBuilder(told.Length > 0 ? told : "The attempt ended without a report; the changed files are listed below.");
        if (diff is { Files.Count: > 0 })
        {
            Files(summary.Append("\n\n"), diff);
        }

        return summary.ToString().TrimEnd();
    }

    /// <summary>A title of one line.</summary>
    public static string Title(string title)
    {
        var line = Blanks().Replace(title, " ").Trim().TrimEnd('.', ' ');
        if (line.Length <= LongestTitle)
        {
            return line.Length == 0 ? "Change the code" : line;
        }

        var space = line.LastIndexOf(' ', LongestTitle - 1);
        return line[..(space > LongestTitle / 2 ? space : LongestTitle - 1)].TrimEnd(' ', ',', ';', ':') + "…";
    }

    // The report up to its own account of the checks, which the evidence below replaces.
    private static string Told(string report)
    {
        var text = FileCitation().Replace(report, match => $"`{match.Groups["path"].Value}:{match.Groups["from"].Value}`");
        text = AnyCitation().Replace(text, "");
        var kept = new StringBuilder();
        var quoted = false;
        foreach (var line in text.Split('\n').Select(Plain))
        {
            if (ChecksHeading().IsMatch(line))
            {
                break;
            }

            // What a command said is for the log, not for the history.
            var fence = line.TrimStart().StartsWith("```", StringComparison.Ordinal);
            quoted ^= fence;
            if (!fence && !quoted)
            {
                // Its headings would stand beside ours.
                kept.Append(SummaryHeading().IsMatch(line) ? "" : line.TrimEnd()).Append('\n');
            }
        }

        var summary = kept.ToString().Trim();
        return OutgoingMarkdown.Neutralise(summary.Length <= LongestSummary ? summary : summary[..LongestSummary].TrimEnd() + " …").Trim();
    }

    // Marks as every terminal shows them, and nothing a terminal would obey.
    private static string Plain(string line) => string.Concat(line
        .Replace("✅", "✓", StringComparison.Ordinal).Replace("❌", "✗", StringComparison.Ordinal).Replace("⚠️", "!", StringComparison.Ordinal)
        .Where(c => c == '\t' || !char.IsControl(c)));

    private static void Files(StringBuilder body, DiffSummary diff)
    {
        var files = diff.Files.Count;
        body.Append(CultureInfo.InvariantCulture, $"{files} {(files == 1 ? "file" : "files")} changed, +{diff.Added} −{diff.Removed}:\n\n");
        foreach (var file in diff.Files.Take(MostFiles))
        {
            body.Append(CultureInfo.InvariantCulture, $"- {OutgoingMarkdown.Code(file.Path)} ({Change(file)})\n");
        }

        if (files > MostFiles)
        {
            body.Append(CultureInfo.InvariantCulture, $"- and {files - MostFiles} more\n");
        }
    }

    private static string Change(FileDiff file)
    {
        var lines = file.IsBinary ? "binary" : string.Create(CultureInfo.InvariantCulture, $"+{file.Added} −{file.Removed}");
        return file.Status switch
        {
            FileDiffStatus.Added => $"new, {lines}",
            FileDiffStatus.Deleted => $"deleted, {lines}",
            FileDiffStatus.Renamed => $"moved from {OutgoingMarkdown.Code(file.OldPath ?? "")}, {lines}",
            _ => lines,
        };
    }

    /// <summary>A few words as a sentence.</summary>
    public static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..].TrimEnd('.') + ".";

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Blanks();

    [GeneratedRegex("【F:(?<path>[^†】]{1,500})†L(?<from>[0-9]{1,9})[^】]{0,40}】", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex FileCitation();

    [GeneratedRegex(" ?【[^】]{0,600}】", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex AnyCitation();

    [GeneratedRegex(@"^\s{0,3}(?:#{1,6}\s*|\*\*)(?:testing|tests|checks|verification)\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex ChecksHeading();

    [GeneratedRegex(@"^\s{0,3}#{1,6}\s*summary\s*$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex SummaryHeading();
}

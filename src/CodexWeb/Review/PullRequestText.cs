using System.Globalization;
using System.Text;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Attempts;
using CodexWeb.Ui.Markup;

namespace CodexWeb.Review;

/// <summary>What the text of a pull request is made of.</summary>
/// <param name="Title">The task's title.</param>
/// <param name="Report">The attempt's end report as the model wrote it; null when it has none.</param>
/// <param name="Diff">The whole change, from the base to the work; null when it is not known.</param>
/// <param name="Evidence">What the log proves; null when it is not known.</param>
/// <param name="Template">The repository's template; null when it has none.</param>
/// <param name="Source">The line that names where the task was started from; null for a task started here.</param>
internal sealed record PullRequestFacts(string Title, string? Report, DiffSummary? Diff, Evidence? Evidence, string? Template, string? Source);

/// <summary>Writes title and body of a pull request from the whole change, always the same for the same facts.</summary>
internal static class PullRequestText
{
    /// <summary>Characters of a body, at most. GitHub takes 65,536.</summary>
    public const int LongestBody = 60_000;

    private const int MostChecks = 30;

    /// <summary>Title and body.</summary>
    public static CommitText Write(PullRequestFacts facts)
    {
        var summary = CommitTexts.Summary(facts.Report, facts.Diff);
        if (facts.Source is { } source)
        {
            summary = $"{summary}\n\n{source}";
        }

        var testing = Testing(facts.Evidence);
        var plain = $"## Summary\n\n{summary}\n\n## Testing\n\n{testing}\n";
        var body = facts.Template is { } template ? PullRequestTemplate.Fill(template, summary, testing) : plain;
        // A template that leaves no room for the facts is left out.
        return new CommitText(CommitTexts.Title(facts.Title), Cut(body.Length <= LongestBody ? body : plain));
    }

    /// <summary>The evidence in lines: each check with its result, and what was not run.</summary>
    public static string Testing(Evidence? evidence)
    {
        if (evidence is null)
        {
            return "- No check was run.";
        }

        var text = new StringBuilder(CommitTexts.Sentence(evidence.Statement)).Append("\n\n");
        foreach (var run in evidence.Checks.Where(run => run.Latest).Take(MostChecks))
        {
            text.Append("- ").Append(Mark(run)).Append(' ').Append(OutgoingMarkdown.Code(FirstLine(run.Command))).Append(": ").Append(Result(run)).Append('\n');
        }

        foreach (var command in evidence.NotRun.Take(MostChecks))
        {
            text.Append("- Not run: ").Append(OutgoingMarkdown.Code(FirstLine(command))).Append('\n');
        }

        AppendHosts(text, "Contacted", evidence.Network.Contacted);
        AppendHosts(text, "Blocked", evidence.Network.Blocked);
        return text.ToString().TrimEnd();
    }

    private static void AppendHosts(StringBuilder text, string what, IReadOnlyList<string> hosts)
    {
        if (hosts.Count > 0)
        {
            var more = hosts.Count > MostChecks ? string.Create(CultureInfo.InvariantCulture, $" and {hosts.Count - MostChecks} more") : "";
            text.Append(CultureInfo.InvariantCulture, $"- {what}: {string.Join(", ", hosts.Take(MostChecks).Select(OutgoingMarkdown.Code))}{more}\n");
        }
    }

    private static string Mark(CheckRun run) => run.Outcome switch
    {
        CheckOutcome.Passed => "✓",
        CheckOutcome.Failed => "✗",
        _ => "?",
    };

    private static string Result(CheckRun run)
    {
        var said = run.Summary is { } summary ? OutgoingMarkdown.Neutralise(PlainText.RevealLine(summary))
            : run.ExitCode is { } code ? string.Create(CultureInfo.InvariantCulture, $"exit code {code}")
            : "result not known";
        return run.Stale ? $"{said} (stale: files changed since)" : said;
    }

    private static string FirstLine(string command)
    {
        var lines = command.Trim().Split('\n', 2);
        var line = lines[0].Length > 160 ? lines[0][..160] + "…" : lines[0];
        return lines.Length > 1 ? line + " …" : line;
    }

    private static string Cut(string body)
    {
        if (body.Length <= LongestBody)
        {
            return body;
        }

        const string rest = "\n\n(Cut: the text was longer.)\n";
        var end = body.LastIndexOf('\n', LongestBody - rest.Length);
        return body[..(end > 0 ? end : LongestBody - rest.Length)] + rest;
    }
}

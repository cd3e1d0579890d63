using System.Globalization;

namespace CodexWeb.Attempts;

/// <summary>The evidence in lines for a model that has lost its conversation.</summary>
internal static class EvidenceFacts
{
    /// <summary>A Markdown list: how much differs from the base, how each check ended last, what was not run.</summary>
    public static string Of(Evidence evidence) => string.Join('\n', (string[])
    [
        string.Create(CultureInfo.InvariantCulture, $"- Files that differ from the base, by the last saved state: {evidence.FilesChanged}"),
        $"- Checks: {evidence.Statement}",
        .. evidence.Checks.Where(static check => check.Latest).Select(Line),
        .. evidence.NotRun.Select(static check => $"- Not run: `{OneLine(check)}`"),
    ]);

    private static string Line(CheckRun check)
    {
        var outcome = check.Outcome switch { CheckOutcome.Passed => "passed", CheckOutcome.Failed => "failed", _ => "result not known" };
        var summary = check.Summary is { } said ? $" ({OneLine(said)})" : "";
        return $"- {check.ItemId} `{OneLine(check.Command)}`: {outcome}{summary}{(check.Stale ? ", before the last change of files" : "")}";
    }

    private static string OneLine(string text)
    {
        var line = CodexWeb.Agent.Models.HiddenCharacters.RevealLine(text.Trim()).Replace('`', '\'');
        return line.Length <= 200 ? line : line[..200] + "…";
    }
}

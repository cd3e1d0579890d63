using System.Globalization;
using System.Text.RegularExpressions;
using CodexWeb.Ui.Markup;

namespace CodexWeb.Attempts;

/// <summary>A check's own last word.</summary>
/// <param name="Text">For people: <c>14 passed, 1 failed</c>.</param>
/// <param name="Passed">Null when it does not say.</param>
internal sealed record CheckSummary(string Text, bool? Passed);

/// <summary>Finds the line in which a test program sums up. Only obvious forms; anything else has no summary.</summary>
internal static partial class EvidenceSummaries
{
    private const int LinesRead = 400;

    /// <summary>Reads the end of an output.</summary>
    public static CheckSummary? Read(string output)
    {
        var lines = AnsiText.Lines(output).TakeLast(LinesRead).Select(runs => string.Concat(runs.Select(run => run.Text)).Trim()).ToList();
        return Counted(lines, DotnetLine()) ?? Counted(lines, CargoLine()) ?? Prove(lines) ?? Worded(lines) ?? Ran(lines, MavenLine()) ?? Ran(lines, PhpUnitLine()) ?? Unittest(lines) ?? Go(lines);
    }

    // Several assemblies or crates each have such a line: they add up.
    private static CheckSummary? Counted(List<string> lines, Regex form)
    {
        var matches = lines.Select(line => form.Match(line)).Where(match => match.Success).ToList();
        return matches.Count == 0 ? null : Summary(matches.Sum(match => Number(match, "passed")), matches.Sum(match => Number(match, "failed")));
    }

    private static CheckSummary? Prove(List<string> lines)
    {
        var totals = lines.Select(line => ProveLine().Match(line)).LastOrDefault(match => match.Success);
        var result = lines.LastOrDefault(line => line.StartsWith("Result: ", StringComparison.Ordinal));
        return totals is null || result is null ? null
            : new CheckSummary(
                string.Create(CultureInfo.InvariantCulture, $"{Count(Number(totals, "files"), "file")}, {Count(Number(totals, "tests"), "test")}: {result["Result: ".Length..]}"),
                result is "Result: PASS");
    }

    // "14 passed, 1 failed in 0.12s", "Tests: 1 failed, 14 passed, 15 total", "3 passing", "5 examples, 0 failures", "100% tests passed, 0 tests failed out of 3"
    private static CheckSummary? Worded(List<string> lines)
    {
        foreach (var line in lines.AsEnumerable().Reverse())
        {
            if (WordedLine().Match(line) is not { Success: true })
            {
                continue;
            }

            var counts = CountedWord().Matches(line).ToList();
            if (counts.Count > 0)
            {
                var failed = counts.Where(match => match.Groups["word"].Value[0] is 'f' or 'e' && match.Groups["word"].Value is not "examples" and not "example").Sum(match => Number(match, "count"));
                return new CheckSummary(line.Trim('=', ' ').Length <= 120 ? line.Trim('=', ' ') : line.Trim('=', ' ')[..120], failed == 0);
            }
        }

        return null;
    }

    private static CheckSummary? Ran(List<string> lines, Regex form)
    {
        var match = lines.Select(line => form.Match(line)).LastOrDefault(match => match.Success);
        if (match is null)
        {
            return null;
        }

        var failed = Number(match, "failed") + Number(match, "errors");
        return Summary(Number(match, "tests") - failed, failed);
    }

    private static CheckSummary? Unittest(List<string> lines)
    {
        var ran = lines.Select(line => UnittestLine().Match(line)).LastOrDefault(match => match.Success);
        var last = lines.LastOrDefault(line => line is "OK" || line.StartsWith("OK (", StringComparison.Ordinal) || line.StartsWith("FAILED (", StringComparison.Ordinal));
        return ran is null || last is null ? null : new CheckSummary($"{Count(Number(ran, "tests"), "test")}: {last}", last.StartsWith("OK", StringComparison.Ordinal));
    }

    private static CheckSummary? Go(List<string> lines)
    {
        var good = lines.Count(line => line.StartsWith("ok  \t", StringComparison.Ordinal));
        var bad = lines.Count(line => line.StartsWith("FAIL\t", StringComparison.Ordinal));
        return good + bad == 0 ? null : new CheckSummary($"{Count(good, "package")} ok, {bad.ToString(CultureInfo.InvariantCulture)} failed", bad == 0);
    }

    private static CheckSummary Summary(long passed, long failed) => new(string.Create(CultureInfo.InvariantCulture, $"{passed} passed, {failed} failed"), failed == 0);

    private static string Count(long count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    private static long Number(Match match, string group) => long.TryParse(match.Groups[group].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    [GeneratedRegex(@"^(Passed|Failed)! +- Failed: +(?<failed>\d+), Passed: +(?<passed>\d+),", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex DotnetLine();

    [GeneratedRegex(@"^test result: \w+\. (?<passed>\d+) passed; (?<failed>\d+) failed;", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex CargoLine();

    [GeneratedRegex(@"^Files=(?<files>\d+), Tests=(?<tests>\d+),", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex ProveLine();

    [GeneratedRegex(@"^(=+ .* in [0-9.]+ ?s.*=+|Tests:? .*|\d+ (passed|failed|passing|failing|examples?)\b.*|\d+% tests passed.*)$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex WordedLine();

    [GeneratedRegex(@"\b(?<count>\d+) (tests )?(?<word>passed|failed|failures?|errors?|passing|failing|examples?)\b", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex CountedWord();

    [GeneratedRegex(@"Tests run: (?<tests>\d+), Failures: (?<failed>\d+), Errors: (?<errors>\d+)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex MavenLine();

    [GeneratedRegex(@"^(OK \((?<tests>\d+) tests?,|Tests: (?<tests>\d+), Assertions: \d+(, Errors: (?<errors>\d+))?(, Failures: (?<failed>\d+))?)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex PhpUnitLine();

    [GeneratedRegex(@"^Ran (?<tests>\d+) tests? in ", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex UnittestLine();
}

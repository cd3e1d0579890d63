using System.Globalization;
using System.Text.RegularExpressions;

namespace CodexWeb.Models.Demo.Scripts;

/// <summary>A failed check of a test file.</summary>
/// <param name="Name">The check's name.</param>
internal sealed record FailedCheck(string Name, string File, int Line, string? Got, string? Expected);

/// <summary>What <c>prove</c> said.</summary>
/// <param name="Passed">True when all tests passed.</param>
/// <param name="Files">Test files that ran; null when it did not say.</param>
/// <param name="Tests">Tests that ran.</param>
internal sealed partial record ProveOutput(bool Passed, int? Files, int? Tests, IReadOnlyList<string> FailedFiles, IReadOnlyList<FailedCheck> Failures)
{
    /// <summary>Reads its output.</summary>
    public static ProveOutput Of(Command prove)
    {
        var totals = Totals().Match(prove.Written);
        var failedFiles = FailedFile().Matches(prove.Written).Select(match => match.Groups["file"].Value).Distinct(StringComparer.Ordinal).ToList();
        return new ProveOutput(
            prove.ExitCode == 0 && prove.Written.Contains("Result: PASS", StringComparison.Ordinal),
            totals.Success ? Number(totals.Groups["files"].Value) : null,
            totals.Success ? Number(totals.Groups["tests"].Value) : null,
            failedFiles,
            [.. FailuresIn(prove)]);
    }

    /// <summary>In words.</summary>
    public string Words() =>
        Passed ? $"{Quote.Count(Files ?? 0, "file")}, {Quote.Count(Tests ?? 0, "test")}, all passed"
        : FailedFiles.Count > 0 ? $"{string.Join(", ", FailedFiles)} failed"
        : "it did not run through";

    private static IEnumerable<FailedCheck> FailuresIn(Command prove)
    {
        FailedCheck? failure = null;
        foreach (var line in prove.Lines.Select(line => line.TrimStart(' ', '#')))
        {
            if (FailedTest().Match(line) is { Success: true } test)
            {
                if (failure is not null)
                {
                    yield return failure;
                }

                failure = new FailedCheck(test.Groups["name"].Value, "", 0, null, null);
            }
            else if (failure is not null && Place().Match(line) is { Success: true } place)
            {
                failure = failure with { File = place.Groups["file"].Value, Line = Number(place.Groups["line"].Value) };
            }
            else if (failure is not null && Value().Match(line) is { Success: true } value)
            {
                failure = value.Groups["side"].Value is "got" ? failure with { Got = value.Groups["value"].Value } : failure with { Expected = value.Groups["value"].Value };
            }
        }

        if (failure is not null)
        {
            yield return failure;
        }
    }

    private static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^Files=(?<files>\d{1,6}), Tests=(?<tests>\d{1,8}),", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Totals();

    [GeneratedRegex(@"^(?<file>\S+\.t) +\(Wstat: ", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex FailedFile();

    [GeneratedRegex(@"^Failed test '(?<name>.*)'$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex FailedTest();

    [GeneratedRegex(@"^at (?<file>\S+) line (?<line>\d{1,7})\.$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Place();

    [GeneratedRegex(@"^(?<side>got|expected): '(?<value>.*)'$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Value();
}

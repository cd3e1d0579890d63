using System.Globalization;

namespace CodexWeb.Attempts;

/// <summary>Says in words what the checks prove.</summary>
internal sealed class EvidenceWords(IReadOnlyList<CheckRun> runs, IReadOnlyList<string> notRun, bool changed, bool ended)
{
    private readonly List<CheckRun> _fresh = [.. runs.Where(run => run is { Latest: true, Stale: false })];

    /// <summary>True when files were changed and the turn ended without any check.</summary>
    public bool EndedWithoutCheck => changed && ended && runs.Count == 0;

    /// <summary>A few words.</summary>
    public string Line()
    {
        if (runs.Count == 0)
        {
            return "no check was run";
        }

        var missing = notRun.Count > 0 ? string.Create(CultureInfo.InvariantCulture, $", {notRun.Count} {(notRun.Count == 1 ? "check" : "checks")} not run") : "";
        return Result() + missing;
    }

    /// <summary>A sentence.</summary>
    public string Statement() =>
        EndedWithoutCheck ? "The agent changed files and ended without running any check."
        : runs.Count == 0 ? (changed ? "No check was run so far." : "No check was run, and no file was changed.")
        : _fresh.Count == 0 && changed ? "Files changed after the last check: nothing proves their present state."
        : _fresh.Exists(run => run.Outcome is CheckOutcome.Failed) ? "A check fails on the files as they are now."
        : _fresh.Exists(run => run.Outcome is CheckOutcome.Unknown) ? "The result of a check is not known."
        : notRun.Count > 0 ? "The checks that were run pass on the files as they are now; others were not run."
        : "The checks pass on the files as they are now.";

    private string Result()
    {
        var considered = _fresh.Count > 0 ? _fresh : [.. runs.Where(run => run.Latest)];
        var when = !changed ? "" : _fresh.Count > 0 ? " after last edit" : " before last edit only";
        return considered.Find(run => run.Outcome is CheckOutcome.Failed) is { } failed ? $"{Noun(failed)} failed{when}"
            : considered.Find(run => run.Outcome is CheckOutcome.Unknown) is { } unknown ? $"{Noun(unknown)} ended with unknown result{when}"
            : $"{Noun(considered.Find(run => run.Kind is CheckKind.Tests) ?? considered[0])} passed{when}";
    }

    private static string Noun(CheckRun run) => run.Kind is CheckKind.Tests ? "tests" : "checks";
}

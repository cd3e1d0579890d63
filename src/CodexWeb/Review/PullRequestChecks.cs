using CodexWeb.GitHosts.GitHub;
using CodexWeb.Tasks;

namespace CodexWeb.Review;

/// <summary>All checks of a commit, of both kinds.</summary>
/// <param name="Runs">Check runs.</param>
/// <param name="Statuses">The older kind.</param>
internal sealed record CommitChecks(IReadOnlyList<GitHubCheckRun> Runs, IReadOnlyList<GitHubStatus> Statuses)
{
    /// <summary>Names of those that failed, by kind.</summary>
    public HashSet<(string Kind, string Name)> Failed => [.. All().Where(check => check.State is CheckStates.Failed).Select(check => (check.Kind, check.Name))];

    /// <summary>Every check with what it came to.</summary>
    public IEnumerable<(string Kind, string Name, string State, string? Url)> All() =>
    [
        .. Runs.Select(run => ("run", run.Name, CheckStates.Of(run), run.HtmlUrl)),
        .. Statuses.Select(status => ("status", status.Context, CheckStates.Of(status), status.TargetUrl)),
    ];
}

/// <summary>What a check came to, in the words of <see cref="PullRequestCheck.State"/>.</summary>
internal static class CheckStates
{
    public const string Passed = "passed";
    public const string Failed = "failed";
    public const string FailedOnBase = "failed_on_base";
    public const string Pending = "pending";
    public const string Skipped = "skipped";

    // https://docs.github.com/rest/checks/runs: a word of a later GitHub says neither that it passed nor that it failed.
    public static string Of(GitHubCheckRun run) => run switch
    {
        { Status: not "completed", Conclusion: null } => Pending,
        { Conclusion: "success" } => Passed,
        { Conclusion: "failure" or "timed_out" or "cancelled" or "action_required" or "startup_failure" } => Failed,
        _ => Skipped,
    };

    // https://docs.github.com/rest/commits/statuses
    public static string Of(GitHubStatus status) => status.State switch
    {
        "success" => Passed,
        "failure" or "error" => Failed,
        "pending" => Pending,
        _ => Skipped,
    };
}

/// <summary>Adds up the checks of a pull request.</summary>
internal static class PullRequestChecks
{
    private const int Most = 100;
    private const int LongestName = 200;

    /// <summary>What they come to, and the list for people: what failed first.</summary>
    /// <param name="failedOnBase">Those that fail on the base commit too: not this change's fault.</param>
    public static (ChecksState State, IReadOnlyList<PullRequestCheck> List) Sum(CommitChecks head, IReadOnlySet<(string Kind, string Name)> failedOnBase)
    {
        var checks = head.All()
            .Select(check => new PullRequestCheck(
                check.Name.Length <= LongestName ? check.Name : check.Name[..LongestName],
                check.State is CheckStates.Failed && failedOnBase.Contains((check.Kind, check.Name)) ? CheckStates.FailedOnBase : check.State,
                WebAddress(check.Url)))
            .OrderBy(check => Array.IndexOf(Order, check.State)).ThenBy(check => check.Name, StringComparer.Ordinal)
            .ToList();
        var state = checks.Count == 0 ? ChecksState.None
            : checks.Exists(check => check.State is CheckStates.Failed) ? ChecksState.Failed
            : checks.Exists(check => check.State is CheckStates.Pending) ? ChecksState.Pending
            : ChecksState.Passed;
        return (state, [.. checks.Take(Most)]);
    }

    // A check's own page is whatever its program says: nothing but an address of the web becomes a link.
    private static string? WebAddress(string? url) => Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && url.Length <= 2_000 ? url : null;

    private static readonly string[] Order = [CheckStates.Failed, CheckStates.Pending, CheckStates.FailedOnBase, CheckStates.Passed, CheckStates.Skipped];
}

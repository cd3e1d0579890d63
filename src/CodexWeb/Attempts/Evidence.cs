using CodexWeb.Agent.Protocol;

namespace CodexWeb.Attempts;

/// <summary>How a check ended, as far as the log can tell.</summary>
public enum CheckOutcome
{
    /// <summary>It passed.</summary>
    Passed,

    /// <summary>It failed, or could not be run.</summary>
    Failed,

    /// <summary>The log does not say: it still runs, was stopped, or its exit code was hidden by another command.</summary>
    Unknown,
}

/// <summary>What kind of check it is.</summary>
public enum CheckKind
{
    /// <summary>Runs tests.</summary>
    Tests,

    /// <summary>Looks at the code without running it: a linter, a type checker.</summary>
    Analysis,

    /// <summary>Named by the environment or AGENTS.md, and of no known kind.</summary>
    Other,
}

/// <summary>One run of a check.</summary>
/// <param name="ItemId">The command in the log.</param>
/// <param name="Command">As it was given.</param>
/// <param name="ExitCode">Null when there is none.</param>
/// <param name="Summary">The check's own last word where it is known: <c>14 passed, 1 failed</c>; else null.</param>
/// <param name="Turn">The turn it ran in.</param>
/// <param name="Named">True when the environment or AGENTS.md names it.</param>
/// <param name="Latest">True for the last run of the same command.</param>
/// <param name="Stale">True when files changed after it began.</param>
/// <param name="Note">What limits its worth, a sentence; null for nothing.</param>
public sealed record CheckRun(
    string ItemId,
    string Command,
    CheckKind Kind,
    CheckOutcome Outcome,
    int? ExitCode,
    string? Summary,
    long? DurationMs,
    int Turn,
    bool Named,
    bool Latest,
    bool Stale,
    string? Note);

/// <summary>A file a patch changed.</summary>
public sealed record TouchedFile(string Path, FileChangeKind Kind);

/// <summary>What went over the network.</summary>
/// <param name="Mode"><c>off</c>: the sandbox has no network, and nothing else asked for it. <c>tools</c>: nor has it, but tools of MCP servers asked for hosts.</param>
/// <param name="Contacted">Hosts that were reached.</param>
/// <param name="Blocked">Hosts that were refused.</param>
public sealed record NetworkEvidence(string Mode, IReadOnlyList<string> Contacted, IReadOnlyList<string> Blocked)
{
    /// <summary>The mode in which tools alone reach hosts, through the server's policy.</summary>
    public const string ToolsOnly = "tools";

    /// <summary>No network at all.</summary>
    public static NetworkEvidence None { get; } = new("off", [], []);
}

/// <summary>
/// What the log proves about an attempt's change, made by the server from the recorded commands, exit codes and file changes; the model has no say in it.
/// A pure fold over the events.
/// </summary>
/// <param name="Line">In a few words: <c>tests passed after last edit</c>.</param>
/// <param name="Statement">In a sentence.</param>
/// <param name="Checks">Every run of a check, oldest first.</param>
/// <param name="NotRun">Checks the environment or AGENTS.md names that were not run.</param>
/// <param name="Files">Files that patches changed, in order of path. Commands may have changed more: see <paramref name="FilesChanged"/>.</param>
/// <param name="FilesChanged">Files that differ from the base by the last checkpoint.</param>
/// <param name="Network">What went over the network.</param>
/// <param name="EndedWithoutCheck">True when files were changed, the turn has ended, and no check was run.</param>
public sealed record Evidence(
    string Line,
    string Statement,
    IReadOnlyList<CheckRun> Checks,
    IReadOnlyList<string> NotRun,
    IReadOnlyList<TouchedFile> Files,
    int FilesChanged,
    NetworkEvidence Network,
    bool EndedWithoutCheck)
{
    /// <summary>Makes the evidence of an attempt.</summary>
    /// <param name="log">All its events, in order.</param>
    /// <param name="checks">The environment's check commands.</param>
    /// <param name="instructions">AGENTS.md of the repository's root, whose section on checks or tests names further ones; null when there is none.</param>
    public static Evidence Of(IEnumerable<AgentEvent> log, IReadOnlyList<string> checks, string? instructions)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(checks);
        var recogniser = new EvidenceChecks([.. checks, .. EvidenceInstructions.ChecksIn(instructions)]);
        var fold = new EvidenceFold(recogniser);
        foreach (var @event in log)
        {
            fold.Apply(@event);
        }

        return fold.Result(checks);
    }
}

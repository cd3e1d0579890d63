using CodexWeb.Agent.Protocol;

namespace CodexWeb.Attempts;

/// <summary>What the log of a run says up to now, for the decisions the run takes from it.</summary>
internal sealed class EvidenceSoFar(IReadOnlyList<AgentEvent> before, IReadOnlyList<string> checks)
{
    private const int MostChecksAgain = 5;

    private readonly List<AgentEvent> _events = [.. before];
    private readonly Lock _gate = new();

    /// <summary>Adds what is appended to the log.</summary>
    public void Add(IReadOnlyList<AgentEvent> events)
    {
        lock (_gate)
        {
            _events.AddRange(events);
        }
    }

    /// <summary>True when the turn began and its end is not in the log.</summary>
    public bool TurnOpen(int turn) => LastOf(turn) is AgentEvent.TurnStarted;

    /// <summary>True when the turn began and failed, or was stopped.</summary>
    public bool TurnFailed(int turn) => LastOf(turn) is AgentEvent.TurnFailed;

    /// <summary>The environment's checks that did not run after the last edit; empty when nothing was edited.</summary>
    /// <param name="again">True to add the checks that were run before, by whomever: no agent is there who would run them again.</param>
    public IReadOnlyList<string> ChecksToRun(bool again)
    {
        lock (_gate)
        {
            var lastEdit = _events.FindLastIndex(e => e is AgentEvent.Checkpoint or AgentEvent.ItemCompleted { Item: Item.FileChange { Status: ItemStatus.Completed } });
            var wanted = again ? checks.Concat(RunBefore()).Distinct(StringComparer.Ordinal) : checks;
            return lastEdit < 0 ? [] : [.. wanted.Where(check => _events.FindLastIndex(e => Ran(e, check)) < lastEdit)];
        }
    }

    // The newest of each command, and not too many: some agents run every test file by itself.
    private IEnumerable<string> RunBefore() =>
        Evidence.Of(_events, checks, instructions: null).Checks.Where(check => check.Latest && check.Outcome is not CheckOutcome.Unknown).Select(check => check.Command).TakeLast(MostChecksAgain);

    // Only a run that came to its own end proves anything.
    private static bool Ran(AgentEvent @event, string check) =>
        @event is AgentEvent.ItemCompleted { Item: Item.CommandExecution { ExitCode: not null } command } && string.Equals(command.Command.Trim(), check.Trim(), StringComparison.Ordinal);

    /// <summary>All events so far.</summary>
    public IReadOnlyList<AgentEvent> Events()
    {
        lock (_gate)
        {
            return [.. _events];
        }
    }

    private AgentEvent? LastOf(int turn)
    {
        lock (_gate)
        {
            return _events.FindLast(e => e is AgentEvent.TurnStarted started && started.Turn == turn
                || e is AgentEvent.TurnCompleted completed && completed.Turn == turn
                || e is AgentEvent.TurnFailed failed && failed.Turn == turn);
        }
    }
}

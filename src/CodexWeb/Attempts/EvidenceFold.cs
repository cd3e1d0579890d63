using CodexWeb.Agent.Protocol;

namespace CodexWeb.Attempts;

/// <summary>Reads an attempt's events, in order, for what they prove.</summary>
internal sealed class EvidenceFold(EvidenceChecks recogniser)
{
    private readonly OrderedDictionary<string, Run> _runs = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, FileChangeKind> _files = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _contacted = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _blocked = new(StringComparer.Ordinal);
    private readonly HashSet<string> _commandsOfStep = new(StringComparer.Ordinal);
    private string? _checkpoint;
    private bool _patchedInStep;
    private bool _stepEnded;
    private bool _turnEnded;
    private int _filesChanged;
    private int _turn;

    /// <summary>Takes the next event.</summary>
    public void Apply(AgentEvent @event)
    {
        switch (@event)
        {
            case AgentEvent.TurnStarted started:
                (_turn, _turnEnded) = (started.Turn, false);
                break;
            case AgentEvent.UsageReported or AgentEvent.PhaseChanged:
                // The next tools belong to another step. A checkpoint may still come for the last one: it is saved while the model is asked.
                _stepEnded = true;
                break;
            case AgentEvent.TurnCompleted or AgentEvent.TurnFailed:
                _turnEnded = true;
                break;
            case AgentEvent.ItemStarted { Item: Item.CommandExecution command }:
                Note(command);
                break;
            case AgentEvent.ItemUpdated { Item: Item.CommandExecution command }:
                Note(command);
                break;
            case AgentEvent.ItemCompleted { Item: Item.CommandExecution command }:
                Note(command);
                break;
            // A tool of a server inside the sandbox may change files as a command does.
            case AgentEvent.ItemStarted { Item: Item.McpToolCall call }:
                Note(call);
                break;
            case AgentEvent.ItemCompleted { Item: Item.McpToolCall call }:
                Note(call);
                break;
            case AgentEvent.HostContacted host:
                (host.Allowed ? _contacted : _blocked).Add(host.Host);
                break;
            case AgentEvent.ItemCompleted { Item: Item.FileChange change } when change.Status is not ItemStatus.Failed:
                Patched(change);
                break;
            case AgentEvent.ItemCompleted { Item: Item.Notice { Kind: "rewind" } }:
                // A person did it, no command: every check that ran is of other files.
                BeginStep();
                _patchedInStep = true;
                FilesChanged(except: null);
                break;
            case AgentEvent.Checkpoint checkpoint:
                Saved(checkpoint);
                break;
            default:
                break;
        }
    }

    /// <summary>What the events prove.</summary>
    /// <param name="named">Checks of the environment.</param>
    public Evidence Result(IReadOnlyList<string> named)
    {
        var runs = _runs.Values.Select(run => run.ToCheck(recogniser)).ToList();
        var latest = runs.Select(run => Key(run.Command)).ToList();
        runs = [.. runs.Index().Select(run => run.Item with { Latest = latest.LastIndexOf(Key(run.Item.Command)) == run.Index })];
        var notRun = recogniser.Named.Where(check => !runs.Exists(run => recogniser.Runs(run.Command, check))).ToList();
        var words = new EvidenceWords(runs, notRun, _files.Count > 0 || _filesChanged > 0, _turnEnded);
        return new Evidence(
            words.Line(),
            words.Statement(),
            runs,
            notRun,
            [.. _files.Select(file => new TouchedFile(file.Key, file.Value))],
            _filesChanged,
            _contacted.Count + _blocked.Count == 0 ? NetworkEvidence.None : new NetworkEvidence(NetworkEvidence.ToolsOnly, [.. _contacted], [.. _blocked]),
            words.EndedWithoutCheck);
    }

    private static string Key(string command) => string.Join(' ', command.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private void Note(Item.CommandExecution command)
    {
        BeginStep();
        _commandsOfStep.Add(command.Id);
        if (_runs.TryGetValue(command.Id, out var known))
        {
            known.Command = command;
        }
        else if (recogniser.Find(command.Command) is { } check)
        {
            _runs[command.Id] = new Run(command, check, _turn);
        }
    }

    private void Note(Item.McpToolCall call)
    {
        BeginStep();
        _commandsOfStep.Add(call.Id);
    }

    private void BeginStep()
    {
        if (_stepEnded)
        {
            _commandsOfStep.Clear();
            (_stepEnded, _patchedInStep) = (false, false);
        }
    }

    private void Patched(Item.FileChange change)
    {
        BeginStep();
        foreach (var file in change.Changes)
        {
            _files[file.MovedTo ?? file.Path] = file.Kind;
        }

        _patchedInStep = true;
        FilesChanged(except: null);
    }

    private void Saved(AgentEvent.Checkpoint checkpoint)
    {
        var changed = _checkpoint is null ? checkpoint.Files > 0 : !string.Equals(checkpoint.Commit, _checkpoint, StringComparison.Ordinal);
        if (changed && !_patchedInStep)
        {
            // No patch did it, so a command did. Where a check is the only one, it changed the files itself.
            var only = _commandsOfStep.Count == 1 ? _runs.GetValueOrDefault(_commandsOfStep.Single()) : null;
            if (only is not null)
            {
                only.ChangedFiles = true;
            }

            FilesChanged(except: only);
        }

        _checkpoint = checkpoint.Commit;
        _filesChanged = checkpoint.Files;
    }

    private void FilesChanged(Run? except)
    {
        foreach (var run in _runs.Values.Where(run => run != except))
        {
            run.Stale = true;
        }
    }

    /// <summary>A check on its way.</summary>
    private sealed class Run(Item.CommandExecution command, RecognisedCheck check, int turn)
    {
        public Item.CommandExecution Command { get; set; } = command;

        public bool Stale { get; set; }

        public bool ChangedFiles { get; set; }

        public CheckRun ToCheck(EvidenceChecks recogniser)
        {
            var summary = EvidenceSummaries.Read(Command.Output);
            var (outcome, note) = Judge(summary);
            note ??= ChangedFiles ? "It changed files itself." : null;
            return new CheckRun(
                Command.Id, Command.Command, check.Kind, outcome, Command.ExitCode, summary?.Text, Command.DurationMs, turn, recogniser.IsNamed(Command.Command), Latest: false, Stale, note);
        }

        private (CheckOutcome Outcome, string? Note) Judge(CheckSummary? summary) => Command switch
        {
            { Status: ItemStatus.InProgress } => (CheckOutcome.Unknown, "It has not ended."),
            { Status: ItemStatus.Unknown } => (CheckOutcome.Unknown, "The server ended while it ran."),
            { Status: ItemStatus.Cancelled } => (CheckOutcome.Unknown, Command.Reason ?? "It was stopped."),
            { Status: ItemStatus.Failed } => (CheckOutcome.Failed, Command.Reason ?? "It could not be run."),
            { ExitCode: null } => (CheckOutcome.Unknown, Command.Reason ?? "It has no exit code."),
            _ when check.HiddenBy is { } hidden => (summary?.Passed switch
            {
                true => CheckOutcome.Passed,
                false => CheckOutcome.Failed,
                null => CheckOutcome.Unknown,
            }, summary?.Passed is null ? hidden : hidden + " The result is read from its output."),
            { ExitCode: 0 } => (CheckOutcome.Passed, Command.Reason),
            _ => (CheckOutcome.Failed, Command.Reason),
        };
    }
}

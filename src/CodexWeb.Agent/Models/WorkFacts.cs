using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Models;

/// <summary>What an attempt's log tells of its work, whatever the model says of it. A fold over the events; several may add at once.</summary>
public sealed class WorkFacts
{
    // Beyond any fact sheet; the log has them all.
    private const int Most = 1_000;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, FileFact> _files = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<(string Command, string Folder), CommandFact> _commands = [];
    private readonly List<Item.Approval> _decisions = [];
    private readonly List<string> _messages = [];
    private readonly RepeatedFailures _failures = new();
    private IReadOnlyList<PlanStep> _plan = [];
    private int _turn;

    /// <summary>The facts of a log, which may end anywhere.</summary>
    public static WorkFacts Of(IEnumerable<AgentEvent> log)
    {
        var facts = new WorkFacts();
        facts.Add(log);
        return facts;
    }

    /// <summary>Takes what was stored.</summary>
    internal void Add(IEnumerable<AgentEvent> events)
    {
        lock (_gate)
        {
            foreach (var @event in events)
            {
                Add(@event);
                _failures.Add(@event);
            }
        }
    }

    /// <summary>A command the agent goes in circles with; null when it does not.</summary>
    internal RepeatedFailure? Circle()
    {
        lock (_gate)
        {
            return _failures.Circle;
        }
    }

    /// <summary>A way to ask whose answers become facts; null for null. The host logs questions by a way of its own.</summary>
    internal AskPerson? Noting(AskPerson? ask) => ask is null ? null : async (question, ruleKey, cancellationToken) =>
    {
        var answer = await ask(question, ruleKey, cancellationToken);
        Add([new AgentEvent.ItemCompleted(question with { Decision = answer.Decision, Reason = answer.Reason, Answers = answer.Answers, DecidedBy = answer.By })]);
        return answer;
    };

    /// <summary>Files that patches changed, in order of path.</summary>
    internal IReadOnlyList<FileFact> Files() => Copy(_files.Values);

    /// <summary>Commands that ended, each text once with how it ended last; the one that ended last is last.</summary>
    internal IReadOnlyList<CommandFact> Commands() => Copy(_commands.Values);

    /// <summary>What people decided, oldest first.</summary>
    internal IReadOnlyList<Item.Approval> Decisions() => Copy(_decisions);

    /// <summary>What the person wrote in the turn under way, oldest first.</summary>
    internal IReadOnlyList<string> Messages() => Copy(_messages);

    /// <summary>The plan as it stands; empty when there is none.</summary>
    internal IReadOnlyList<PlanStep> Plan() => Copy(_plan);

    private List<T> Copy<T>(IEnumerable<T> source)
    {
        lock (_gate)
        {
            return [.. source];
        }
    }

    private void Add(AgentEvent @event)
    {
        switch (@event)
        {
            case AgentEvent.TurnStarted started when started.Turn != _turn:
                _turn = started.Turn;
                _messages.Clear();
                break;
            case AgentEvent.ItemStarted { Item: Item.Plan plan }:
                _plan = plan.Steps;
                break;
            case AgentEvent.ItemUpdated { Item: Item.Plan plan }:
                _plan = plan.Steps;
                break;
            case AgentEvent.ItemCompleted { Item: var item }:
                Ended(item);
                break;
            default:
                break;
        }
    }

    private void Ended(Item item)
    {
        switch (item)
        {
            case Item.UserMessage message when _messages.Count < Most:
                _messages.Add(message.Text);
                break;
            case Item.Plan plan:
                _plan = plan.Steps;
                break;
            case Item.CommandExecution command:
                Ran(command);
                break;
            case Item.FileChange { Status: not ItemStatus.Failed } change:
                foreach (var file in change.Changes)
                {
                    Changed(file);
                }

                break;
            case Item.Approval { Decision: not (null or ApprovalDecision.Withdrawn) } approval when _decisions.Count < Most && !_decisions.Exists(known => Same(known, approval)):
                _decisions.Add(approval);
                break;
            default:
                break;
        }
    }

    // What was allowed for the whole task is allowed again and again.
    private static bool Same(Item.Approval one, Item.Approval other) =>
        (one.Kind, one.Title, one.Decision, one.Reason) == (other.Kind, other.Title, other.Decision, other.Reason) && one.Kind is not ApprovalKind.Question;

    private void Ran(Item.CommandExecution command)
    {
        var key = (command.Command, command.WorkingDirectory);
        var times = _commands.GetValueOrDefault(key)?.Times + 1 ?? 1;
        _commands.Remove(key);
        _commands.Add(key, new CommandFact(command with { Output = "" }, times));
        if (_commands.Count > Most)
        {
            _commands.RemoveAt(0);
        }
    }

    private void Changed(ChangedFile file)
    {
        var path = file.MovedTo ?? file.Path;
        var before = _files.GetValueOrDefault(file.Path);
        _files.Remove(file.Path);
        // What was new before is new still, however often it was changed since.
        var kind = before?.Kind is FileChangeKind.Add && file.Kind is FileChangeKind.Update ? FileChangeKind.Add : file.Kind;
        _files[path] = new FileFact(path, kind, (before?.Added ?? 0) + file.Added, (before?.Removed ?? 0) + file.Removed);
    }
}

/// <summary>A file that patches changed.</summary>
/// <param name="Added">Lines added by all of them.</param>
/// <param name="Removed">Lines removed by all of them.</param>
internal sealed record FileFact(string Path, FileChangeKind Kind, int Added, int Removed);

/// <summary>A command that ended.</summary>
/// <param name="Last">How it ended last, without its output.</param>
/// <param name="Times">How often it ran.</param>
internal sealed record CommandFact(Item.CommandExecution Last, int Times);

using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Models;

/// <summary>Where an attempt stands by its log, and what has to be added to the log before it goes on. A pure fold.</summary>
/// <param name="History">The conversation, <see cref="Closing"/> included.</param>
/// <param name="Ids">Numbers the items after those of the log.</param>
/// <param name="Turn">The turn begun last; 0 when none was.</param>
/// <param name="TurnOpen">True when neither that turn's end nor the attempt's is in the log: run it with <see cref="AgentTurn.Prompt"/> null. False: run the next with its prompt.</param>
/// <param name="Used">Tokens of the turn begun last.</param>
/// <param name="Facts">What the log tells of the work so far.</param>
/// <param name="Closing">
/// To be appended as one batch before the turn goes on: closes what was under way when the server ended, says so to people and to the model. Empty when nothing was.
/// </param>
/// <param name="Asked">
/// Questions to a person that still wait, and one that was answered but not acted on yet: see <see cref="AgentTurn.Asked"/>. Their calls have no result in <paramref name="History"/>;
/// a turn that goes on runs them first.
/// </param>
public sealed record Resumption(
    Conversation History, ItemIds Ids, int Turn, bool TurnOpen, TokenUsage Used, WorkFacts Facts, IReadOnlyList<AgentEvent> Closing, IReadOnlyList<Item.Approval> Asked)
{
    private const string CommandReason = "The server ended while this ran. What it did is not known; it was not run again.";

    /// <summary>Reads a log, which may end anywhere.</summary>
    /// <param name="log">All events of the attempt, in order.</param>
    public static Resumption From(IReadOnlyList<AgentEvent> log)
    {
        ArgumentNullException.ThrowIfNull(log);
        var ids = ItemIds.After(log);
        var (turn, open, used) = LastTurn(log);
        var questions = open ? OpenQuestions.Of(log) : OpenQuestions.None;
        var closing = Close([.. OpenItems(log).Where(item => !questions.Asked.Any(asked => string.Equals(asked.Id, item.Id, StringComparison.Ordinal)))], ids);
        return new Resumption(Conversation.Rebuild(log.Concat(closing), questions.Unbegun), ids, turn, open, used, WorkFacts.Of(log.Concat(closing)), closing, questions.Asked);
    }

    private static (int Turn, bool Open, TokenUsage Used) LastTurn(IReadOnlyList<AgentEvent> log)
    {
        var (turn, open, used) = (0, false, default(TokenUsage));
        foreach (var @event in log)
        {
            switch (@event)
            {
                case AgentEvent.TurnStarted started:
                    (turn, open, used) = (started.Turn, true, default);
                    break;
                case AgentEvent.TurnCompleted or AgentEvent.TurnFailed or AgentEvent.StatusChanged { Status: AttemptStatus.Completed or AttemptStatus.Failed or AttemptStatus.Cancelled }:
                    open = false;
                    break;
                case AgentEvent.UsageReported usage:
                    used += usage.Usage;
                    break;
                default:
                    break;
            }
        }

        return (turn, open, used);
    }

    /// <summary>Items whose end is not in the log, as they stood last.</summary>
    private static List<Item> OpenItems(IReadOnlyList<AgentEvent> log)
    {
        var open = new OrderedDictionary<string, Item>(StringComparer.Ordinal);
        foreach (var @event in log)
        {
            switch (@event)
            {
                case AgentEvent.ItemStarted started:
                    open[started.Item.Id] = started.Item;
                    break;
                case AgentEvent.ItemUpdated { Item: { } item }:
                    open[item.Id] = item;
                    break;
                case AgentEvent.ItemUpdated { Delta: { } delta } updated when open.TryGetValue(updated.ItemId, out var item):
                    open[item.Id] = Grown(item, delta);
                    break;
                case AgentEvent.ItemCompleted completed:
                    open.Remove(completed.Item.Id);
                    foreach (var discarded in (completed.Item as Item.Notice)?.Discards ?? [])
                    {
                        open.Remove(discarded);
                    }

                    break;
                default:
                    break;
            }
        }

        return [.. open.Values];
    }

    private static Item Grown(Item item, string delta) => item switch
    {
        Item.CommandExecution command => command with { Output = command.Output + delta },
        Item.McpToolCall call => call with { Output = call.Output + delta },
        _ => item,
    };

    private static List<AgentEvent> Close(List<Item> open, ItemIds ids)
    {
        var closing = new List<AgentEvent>();
        var discards = open.Where(static item => item is Item.AgentMessage or Item.Reasoning).Select(static item => item.Id).ToList();
        closing.AddRange(open.Select(Closed).OfType<Item>().Select(static item => new AgentEvent.ItemCompleted(item)));
        if (open.Count > 0)
        {
            closing.Add(new AgentEvent.ItemCompleted(new Item.Notice(ids.Next(), "resumed", Told(open), discards.Count > 0 ? discards : null)));
        }

        var commands = open.OfType<Item.CommandExecution>().ToList();
        if (commands.Count > 0)
        {
            var text = "The server was started again. Commands that were running are gone, what they did is not known, and their sessions no longer exist: "
                + string.Join(", ", commands.Select(static command => $"{command.Id} ({Short(command.Command)})")) + ". Look at the state of the files before you repeat anything.";
            closing.Add(new AgentEvent.HistoryAppended([new ConversationEntry.User(text, FromServer: true)]));
        }

        return closing;
    }

    private static Item? Closed(Item item) => item switch
    {
        Item.AgentMessage or Item.Reasoning => null,
        Item.CommandExecution command => command with { Status = ItemStatus.Unknown, Reason = CommandReason, SessionId = null },
        Item.Notice { Kind: "compaction" } notice => notice with { Text = "The server ended while the conversation was compacted. It is done again before the next request." },
        Item.McpToolCall call => call with { Status = ItemStatus.Unknown, Reason = "The server ended while this ran. What it did is not known; it was not called again." },
        Item.FileChange change => change with { Status = ItemStatus.Unknown, Reason = "The server ended while this was written. Look at the diff for what was changed." },
        Item.Approval asked => asked with { Decision = ApprovalDecision.Withdrawn },
        _ => item,
    };

    private static string Told(List<Item> open)
    {
        var work = open.Count(static item => item is Item.CommandExecution or Item.FileChange or Item.McpToolCall);
        return work switch
        {
            0 => "The server was started again. The step it was in is repeated.",
            1 => "The server was started again. One step was under way: what it did is not known, and it is not repeated by itself.",
            _ => $"The server was started again. {work} steps were under way: what they did is not known, and they are not repeated by themselves.",
        };
    }

    private static string Short(string command) => command.Length <= 80 ? command : command[..80] + "…";
}

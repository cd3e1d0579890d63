using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Models;

/// <summary>
/// What a turn was asking a person when its log ends, and which calls wait behind that. They had not begun, so that, unlike calls that were running, they are run when the turn goes on.
/// A pure fold.
/// </summary>
/// <param name="Asked">Questions that wait, and one that was answered but not acted on yet.</param>
/// <param name="Unbegun">Ids of the calls that are still to be run.</param>
internal sealed record OpenQuestions(IReadOnlyList<Item.Approval> Asked, IReadOnlySet<string> Unbegun)
{
    /// <summary>Nothing was asked.</summary>
    public static readonly OpenQuestions None = new([], new HashSet<string>(StringComparer.Ordinal));

    /// <summary>Reads the log of an attempt whose last turn has no end.</summary>
    public static OpenQuestions Of(IReadOnlyList<AgentEvent> log)
    {
        var waiting = new OrderedDictionary<string, Item.Approval>(StringComparer.Ordinal);
        Item.Approval? decided = null;
        foreach (var @event in log)
        {
            switch (@event)
            {
                case AgentEvent.ItemStarted { Item: Item.Approval item }:
                    waiting[item.Id] = item;
                    break;
                case AgentEvent.ItemCompleted { Item: Item.Approval item }:
                    waiting.Remove(item.Id);
                    decided = item;
                    break;
                // Whatever begins, or is answered, after a decision may be what was decided about.
                case AgentEvent.ItemStarted or AgentEvent.ItemCompleted or AgentEvent.HistoryAppended:
                    decided = null;
                    break;
                default:
                    break;
            }
        }

        var asked = waiting.Values.Concat(decided is null ? [] : [decided]).ToList();
        return asked.Count == 0 ? None : new OpenQuestions(asked, Calls(log, asked));
    }

    private static HashSet<string> Calls(IReadOnlyList<AgentEvent> log, List<Item.Approval> asked)
    {
        var entries = log.OfType<AgentEvent.HistoryAppended>().SelectMany(static appended => appended.Entries).ToList();
        var answered = entries.OfType<ConversationEntry.ToolResult>().Select(static result => result.CallId).ToHashSet(StringComparer.Ordinal);
        return [.. entries
            .OfType<ConversationEntry.ToolCall>()
            .Select(static call => call.CallId)
            .Where(id => !answered.Contains(id))
            .SkipWhile(id => !asked.Exists(question => string.Equals(question.CallId, id, StringComparison.Ordinal)))];
    }
}

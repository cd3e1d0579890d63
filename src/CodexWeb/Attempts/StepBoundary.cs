using CodexWeb.Agent.Protocol;

namespace CodexWeb.Attempts;

/// <summary>A place in an attempt's log between two steps: every call has its result, so that a conversation can go on from there.</summary>
/// <param name="Seq">The last event before it.</param>
/// <param name="Files">The files as they were then; null while nothing had been changed. It may stand a little later in the log: it is saved while the model is asked.</param>
internal sealed record StepBoundary(long Seq, AgentEvent.Checkpoint? Files)
{
    /// <summary>The last such place at or before an event.</summary>
    /// <param name="log">The attempt's whole log, in order.</param>
    /// <returns>Null when no step had ended by then.</returns>
    public static StepBoundary? At(IReadOnlyList<LoggedEvent> log, long seq)
    {
        var (boundary, asked) = (0L, false);
        var open = new HashSet<string>(StringComparer.Ordinal);
        AgentEvent.Checkpoint? files = null;
        AgentEvent.Checkpoint? last = null;
        foreach (var logged in log.TakeWhile(logged => logged.Seq <= seq))
        {
            switch (logged.Event)
            {
                case AgentEvent.TurnStarted:
                    // Until its prompt is in the conversation there is nothing to go on with.
                    asked = true;
                    break;
                case AgentEvent.HistoryAppended appended:
                    asked = false;
                    open.UnionWith(appended.Entries.OfType<ConversationEntry.ToolCall>().Select(call => call.CallId));
                    open.ExceptWith(appended.Entries.OfType<ConversationEntry.ToolResult>().Select(result => result.CallId));
                    break;
                case AgentEvent.HistoryReplaced or AgentEvent.TurnCompleted or AgentEvent.TurnFailed:
                    asked = false;
                    open.Clear();
                    break;
                case AgentEvent.Checkpoint checkpoint:
                    last = checkpoint;
                    break;
                default:
                    break;
            }

            if (!asked && open.Count == 0)
            {
                (boundary, files) = (logged.Seq, last);
            }
        }

        return boundary == 0 ? null : new StepBoundary(boundary, SavedLater(log, boundary) ?? files);
    }

    /// <summary>The number of the turn begun last before the place; 0 for none.</summary>
    public int TurnOf(IReadOnlyList<LoggedEvent> log) =>
        log.TakeWhile(logged => logged.Seq <= Seq).Select(logged => logged.Event).OfType<AgentEvent.TurnStarted>().LastOrDefault()?.Turn ?? 0;

    // The files of a step are saved before the tools of the next one begin.
    private static AgentEvent.Checkpoint? SavedLater(IReadOnlyList<LoggedEvent> log, long boundary) =>
        log.SkipWhile(logged => logged.Seq <= boundary).Select(logged => logged.Event).TakeWhile(@event => !Begins(@event)).OfType<AgentEvent.Checkpoint>().FirstOrDefault();

    private static bool Begins(AgentEvent @event) => @event is AgentEvent.TurnStarted or AgentEvent.PhaseChanged or AgentEvent.TurnCompleted or AgentEvent.TurnFailed
        or AgentEvent.ItemStarted { Item: Item.CommandExecution or Item.FileChange or Item.McpToolCall or Item.Approval }
        or AgentEvent.ItemCompleted { Item: Item.CommandExecution or Item.FileChange or Item.McpToolCall or Item.Approval or Item.Notice { Kind: "rewind" } };
}

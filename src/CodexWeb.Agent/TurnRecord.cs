using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent;

/// <summary>Keeps log and conversation of a turn in step: what belongs together is stored in one batch, and is part of the conversation only then.</summary>
internal sealed class TurnRecord(AgentTurn turn, TurnLog log)
{
    /// <summary>Numbers the items.</summary>
    public ItemIds Ids => log.Ids;

    /// <summary>Tokens of the turn so far.</summary>
    public TokenUsage Used { get; private set; } = turn.UsedBefore;

    /// <summary>Adds to the log and to the conversation.</summary>
    public async Task AppendAsync(IReadOnlyList<AgentEvent> events, IReadOnlyList<ConversationEntry> entries)
    {
        await log.AppendAsync(entries.Count == 0 ? events : [.. events, new AgentEvent.HistoryAppended(entries)]);
        turn.History.Add(entries);
        foreach (var answer in events.OfType<AgentEvent.UsageReported>())
        {
            Used += answer.Usage;
            turn.History.Measure(answer.Usage);
        }
    }

    /// <summary>Adds to the log, and begins the conversation anew.</summary>
    public async Task ReplaceAsync(IReadOnlyList<AgentEvent> events, IReadOnlyList<ConversationEntry> entries)
    {
        await log.AppendAsync([.. events, new AgentEvent.HistoryReplaced(entries)]);
        turn.History.Replace(entries);
        foreach (var request in events.OfType<AgentEvent.UsageReported>())
        {
            Used += request.Usage;
        }
    }
}

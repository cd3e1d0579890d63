using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Tools;

namespace CodexWeb.Agent;

/// <summary>How a turn ends: what is open is closed and the last events are stored in one batch, so that a follow-up or another try finds a conversation it can go on with.</summary>
internal sealed class TurnEnd(AgentTurn turn, TurnRecord record, CommandSessions commands, ToolSet tools, RunningCheckpoint checkpoint)
{
    /// <summary>The model is done.</summary>
    /// <param name="events">Of its last answer; none when that is in the log already.</param>
    public async Task<TurnOutcome> CompleteAsync(IReadOnlyList<AgentEvent> events, IReadOnlyList<ConversationEntry> entries, string text)
    {
        var used = events.OfType<AgentEvent.UsageReported>().Aggregate(record.Used, static (sum, answer) => sum + answer.Usage);
        await record.AppendAsync([.. events, .. ClosedPlan(), new AgentEvent.TurnCompleted(turn.Number, used)], entries);
        return new TurnOutcome.Completed(text, record.Used);
    }

    /// <summary>It cannot go on.</summary>
    /// <param name="open">Items that have no end yet.</param>
    public async Task<TurnOutcome> FailAsync(string message, ModelFailure? failure, IReadOnlyList<Item> open)
    {
        await CloseAsync(open, [new AgentEvent.ItemCompleted(new Item.Error(record.Ids.Next(), message)), new AgentEvent.TurnFailed(turn.Number, message)], []);
        return new TurnOutcome.Failed(message, failure, record.Used);
    }

    /// <summary>It came to a limit.</summary>
    /// <param name="kind">The notice's: <c>limit</c> or <c>loop</c>.</param>
    public async Task<TurnOutcome> StopAtLimitAsync(string kind, string message)
    {
        await CloseAsync([], [new AgentEvent.ItemCompleted(new Item.Notice(record.Ids.Next(), kind, message)), new AgentEvent.TurnFailed(turn.Number, message)], []);
        return new TurnOutcome.LimitReached(message, record.Used);
    }

    /// <summary>It was stopped. The end of the turn is the host's to write.</summary>
    /// <param name="why">What stopped it, in words without a full stop.</param>
    /// <param name="open">Items that have no end yet.</param>
    public async Task InterruptAsync(string why, IReadOnlyList<Item> open)
    {
        var ran = await commands.StopAllAsync($"{why}.");
        await CloseAsync(open, [], [new ConversationEntry.User(PromptBuilder.Interrupted(why, ran, open), FromServer: true)]);
    }

    private async Task CloseAsync(IReadOnlyList<Item> open, IReadOnlyList<AgentEvent> events, IReadOnlyList<ConversationEntry> entries)
    {
        await commands.StopAllAsync("The turn ended while it ran.");
        await checkpoint.LetEndAsync();
        await record.AppendAsync([.. open.Select(static item => new AgentEvent.ItemCompleted(item)), .. ClosedPlan(), .. events], [.. turn.History.AbortedResults(), .. entries]);
    }

    private IEnumerable<AgentEvent> ClosedPlan() => tools.Plan is { } plan ? [new AgentEvent.ItemCompleted(plan)] : [];
}

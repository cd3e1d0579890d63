using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent;

/// <summary>What a complete answer of the model is for the log.</summary>
internal static class AnswerEvents
{
    /// <summary>The answer of a turn that goes on: its items, a word when the provider cut it, its tokens.</summary>
    public static IReadOnlyList<AgentEvent> Of(ModelAnswer answer, AgentTurn turn) => [.. answer.Items.Select(static item => new AgentEvent.ItemCompleted(item)), .. Cut(answer, turn.Ids), Usage(answer, turn)];

    /// <summary>The answer that ends a turn: its last message is the end report.</summary>
    public static IReadOnlyList<AgentEvent> OfFinal(ModelAnswer answer, AgentTurn turn)
    {
        var last = answer.Items.OfType<Item.AgentMessage>().LastOrDefault();
        return [.. answer.Items.Select(item => new AgentEvent.ItemCompleted(item is Item.AgentMessage message && item == last ? message with { Final = true } : item)), Usage(answer, turn)];
    }

    private static IEnumerable<AgentEvent> Cut(ModelAnswer answer, ItemIds ids) =>
        answer.OutputLimitReached ? [new AgentEvent.ItemCompleted(new Item.Notice(ids.Next(), "limit", "The model's answer was cut at its output limit; it is asked to go on."))] : [];

    private static AgentEvent.UsageReported Usage(ModelAnswer answer, AgentTurn turn) =>
        new(answer.Usage, ContextMeter.Percent(answer.Usage.InputTokens + answer.Usage.OutputTokens, turn.ContextWindow));
}

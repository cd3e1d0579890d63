using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent;

/// <summary>Messages a person sent while the turn runs, until each has its place in the conversation.</summary>
internal sealed class SteeringQueue(AgentTurn turn, TurnRecord record)
{
    private readonly List<SteeringMessage> _waiting = [];

    /// <summary>True when one waits.</summary>
    public bool Any => Look().Count > 0;

    /// <summary>Gives those that wait to the model, in their order.</summary>
    public async Task DeliverAsync()
    {
        foreach (var message in Look().ToList())
        {
            await record.AppendAsync([new AgentEvent.ItemCompleted(new Item.UserMessage(message.ItemId, message.Text, "steer"))], [new ConversationEntry.User(message.Text)]);
            _waiting.Remove(message);
        }
    }

    // The host may give each message once, or again until it is delivered.
    private List<SteeringMessage> Look()
    {
        _waiting.AddRange(turn.TakeSteering().Where(message => !_waiting.Contains(message)));
        return _waiting;
    }
}

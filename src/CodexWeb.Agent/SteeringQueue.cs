using CodexWeb.Agent.Models;

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
            await record.AppendAsync([MessageEntry.ItemOf(message.ItemId, message.Text, "steer", message.Attachments)], [MessageEntry.Of(message.Text, message.Attachments)]);
            _waiting.Remove(message);
        }
    }

    // The host may give each message once, or again until it is delivered.
    private List<SteeringMessage> Look()
    {
        foreach (var message in turn.TakeSteering())
        {
            // It may have been edited since.
            var known = _waiting.FindIndex(waiting => string.Equals(waiting.ItemId, message.ItemId, StringComparison.Ordinal));
            if (known >= 0)
            {
                _waiting[known] = message;
            }
            else
            {
                _waiting.Add(message);
            }
        }

        return _waiting;
    }
}

using CodexWeb.Agent.Protocol;

namespace CodexWeb.Attempts;

/// <summary>
/// What a person sees of an attempt's log: a fold over its events in order. It depends on nothing else, so that who comes late, and who watched from the start, see the same,
/// however the events were batched. One reader owns one; what it shows are immutable items in blocks that say when they last changed.
/// </summary>
public sealed class Transcript
{
    private readonly List<TranscriptTurn> _turns = [];
    private readonly Dictionary<string, TranscriptBlock> _blockOf = new(StringComparer.Ordinal);

    /// <summary>Number of the last event that was applied; 0 before the first.</summary>
    public long LastSeq { get; private set; }

    /// <summary>Where the attempt stands.</summary>
    public AttemptStatus Status { get; private set; } = AttemptStatus.Queued;

    /// <summary>Why it stands there; empty before the first change of status.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>The stretches of work in the order they were begun. A turn that was run again is there twice.</summary>
    public IReadOnlyList<TranscriptTurn> Turns => _turns;

    /// <summary>Tokens of all model requests.</summary>
    public TokenUsage Usage { get; private set; }

    /// <summary>How much of the model's window the last request filled, 0 to 100; null when unknown.</summary>
    public int? ContextPercent { get; private set; }

    /// <summary>The last checkpoint; null when no file was changed.</summary>
    public AgentEvent.Checkpoint? Checkpoint { get; private set; }

    /// <summary>Messages from the person that began a turn.</summary>
    public int Prompts { get; private set; }

    /// <summary>True while the attempt waits or works.</summary>
    public bool IsActive => Status is AttemptStatus.Queued or AttemptStatus.Preparing or AttemptStatus.Running or AttemptStatus.WaitingForApproval;

    /// <summary>Takes the next event. One that was applied before is passed over.</summary>
    public void Apply(LoggedEvent logged)
    {
        ArgumentNullException.ThrowIfNull(logged);
        if (logged.Seq <= LastSeq)
        {
            return;
        }

        LastSeq = logged.Seq;
        if (logged.IsForTheModelOnly)
        {
            return;
        }

        switch (logged.Event)
        {
            case AgentEvent.StatusChanged changed:
                ChangeStatus(changed, logged);
                break;
            case AgentEvent.PhaseChanged changed:
                Current(logged, opens: changed is { Phase: AttemptPhase.Queue, State: PhaseState.Started }).Apply(changed, logged);
                break;
            case AgentEvent.TurnStarted started:
                Begin(started.Turn, logged);
                break;
            case AgentEvent.TurnCompleted:
                Current(logged).End(logged);
                break;
            case AgentEvent.TurnFailed failed:
                Current(logged).Fail(failed.Message, logged);
                break;
            case AgentEvent.ItemStarted started:
                Put(started.Item, live: true, logged);
                break;
            case AgentEvent.ItemUpdated { Item: { } item }:
                Put(item, live: true, logged);
                break;
            case AgentEvent.ItemUpdated { Delta: { } delta } updated:
                if (_blockOf.TryGetValue(updated.ItemId, out var grown))
                {
                    grown.Grow(updated.ItemId, delta, logged);
                }

                break;
            case AgentEvent.ItemCompleted completed:
                Put(completed.Item, live: false, logged);
                break;
            case AgentEvent.UsageReported usage:
                Usage += usage.Usage;
                ContextPercent = usage.ContextPercent ?? ContextPercent;
                break;
            case AgentEvent.Checkpoint checkpoint:
                Checkpoint = checkpoint;
                Current(logged).Save(checkpoint.Commit, logged);
                break;
            default:
                // The model's conversation, and kinds of a later version: not for this page.
                break;
        }
    }

    private void ChangeStatus(AgentEvent.StatusChanged changed, LoggedEvent logged)
    {
        (Status, Reason) = (changed.Status, changed.Reason);
        if (!IsActive && _turns.Count > 0)
        {
            _turns[^1].Settle(changed.Status, changed.Reason, logged);
        }
    }

    private void Begin(int number, LoggedEvent logged)
    {
        var turn = Current(logged, opens: true);
        if (turn.Number != 0 && turn.Number != number)
        {
            turn = Open(logged);
        }

        turn.Number = number;
    }

    // What comes after a turn's end belongs to it still, unless it opens the next.
    private TranscriptTurn Current(LoggedEvent logged, bool opens = false) =>
        _turns.Count == 0 || (opens && _turns[^1].EndedAt is not null) ? Open(logged) : _turns[^1];

    private TranscriptTurn Open(LoggedEvent logged)
    {
        var turn = new TranscriptTurn(_turns.Count, logged.At) { Commit = Checkpoint?.Commit };
        _turns.Add(turn);
        return turn;
    }

    private void Put(Item item, bool live, LoggedEvent logged)
    {
        if (item is Item.Notice { Discards: { } discarded })
        {
            Discard(discarded, logged);
        }

        if (_blockOf.TryGetValue(item.Id, out var block))
        {
            block.Replace(item, live, logged);
            return;
        }

        var opens = item is Item.UserMessage { Source: not "steer" };
        var turn = Current(logged, opens);
        Prompts += opens ? 1 : 0;
        _blockOf[item.Id] = turn.Add(item, live, logged);
    }

    private void Discard(IReadOnlyList<string> ids, LoggedEvent logged)
    {
        foreach (var id in ids)
        {
            if (_blockOf.Remove(id, out var block))
            {
                block.Turn.Remove(block, id, logged);
            }
        }
    }
}

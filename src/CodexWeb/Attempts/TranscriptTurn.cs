using CodexWeb.Agent.Protocol;

namespace CodexWeb.Attempts;

/// <summary>One stretch of work: what a message from the person set off, from the queue to its end.</summary>
/// <param name="index">Its place in the transcript, from 0; its key in a list.</param>
public sealed class TranscriptTurn(int index, DateTimeOffset startedAt)
{
    private readonly List<TranscriptBlock> _blocks = [];
    private readonly List<TranscriptPhase> _phases = [];

    /// <summary>Its place in the transcript, from 0.</summary>
    public int Index { get; } = index;

    /// <summary>Its number within the task, from 1; 0 before it was begun.</summary>
    public int Number { get; internal set; }

    /// <summary>When its first event was stored.</summary>
    public DateTimeOffset StartedAt { get; } = startedAt;

    /// <summary>When it ended; null while it goes on.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>The status it ended with; null while it goes on or when it completed.</summary>
    public AttemptStatus? Outcome { get; private set; }

    /// <summary>Why it failed or was stopped; null when it did not.</summary>
    public string? Cause { get; private set; }

    /// <summary>The last checkpoint of it or before it; null when there is none.</summary>
    public string? Commit { get; internal set; }

    /// <summary>Its end; null while it goes on.</summary>
    public TranscriptStep? Step { get; private set; }

    /// <summary>Its phases in their order, those it came to.</summary>
    public IReadOnlyList<TranscriptPhase> Phases => _phases;

    /// <summary>What happened, in order.</summary>
    public IReadOnlyList<TranscriptBlock> Blocks => _blocks;

    /// <summary>Number of the event that last changed it.</summary>
    public long Version { get; internal set; }

    /// <summary>The phase it is in or was last in; null before the first.</summary>
    public TranscriptPhase? Phase { get; private set; }

    internal void Apply(AgentEvent.PhaseChanged changed, LoggedEvent logged)
    {
        Version = logged.Seq;
        var at = _phases.FindIndex(p => p.Phase == changed.Phase);
        var before = at < 0 ? TranscriptPhase.Before(changed.Phase, logged.At) : _phases[at];
        Phase = before.Apply(changed, logged.At);
        if (at >= 0)
        {
            _phases[at] = Phase;
        }
        else
        {
            _phases.Insert(_phases.FindLastIndex(p => p.Phase < changed.Phase) + 1, Phase);
        }
    }

    internal TranscriptBlock Add(Item item, bool live, LoggedEvent logged)
    {
        Version = logged.Seq;
        var kind = TranscriptBlock.KindOf(item);
        var phase = Phase?.Phase ?? AttemptPhase.Queue;
        // The plan stands once, where it first came up.
        var block = kind is BlockKind.Plan ? _blocks.Find(b => b.Kind is BlockKind.Plan) : _blocks.Count > 0 ? _blocks[^1] : null;
        if (block is null || block.Kind != kind || kind is BlockKind.Alone || (block.Phase != phase && kind is not BlockKind.Plan))
        {
            block = new TranscriptBlock(this, kind, phase, logged.Seq);
            _blocks.Add(block);
        }

        block.Add(item, live, logged);
        return block;
    }

    internal void Remove(TranscriptBlock block, string id, LoggedEvent logged)
    {
        Version = logged.Seq;
        block.Remove(id, logged);
        if (block.Items.Count == 0)
        {
            _blocks.Remove(block);
        }
    }

    /// <summary>The files were saved: a step ended with the last block that can have changed them.</summary>
    internal void Save(string commit, LoggedEvent logged)
    {
        Version = logged.Seq;
        Commit = commit;
        var step = new TranscriptStep(logged.Seq, commit);
        _blocks.FindLast(block => block.ChangesFiles)?.End(step, logged);
        Step = Step is null ? null : step;
    }

    // Its phases may still be told to have ended: they rest when the attempt does.
    internal void End(LoggedEvent logged)
    {
        Version = logged.Seq;
        EndedAt = logged.At;
        Step = new TranscriptStep(logged.Seq, Commit);
    }

    internal void Fail(string message, LoggedEvent logged)
    {
        End(logged);
        (Outcome, Cause) = (AttemptStatus.Failed, message);
    }

    internal void Settle(AttemptStatus status, string reason, LoggedEvent logged)
    {
        End(logged);
        (Outcome, Cause) = status is AttemptStatus.Completed ? (null, null) : ((AttemptStatus?)status, reason);
        foreach (var block in _blocks)
        {
            block.Rest(logged);
        }

        for (var i = 0; i < _phases.Count; i++)
        {
            _phases[i] = _phases[i].Rest(logged.At);
        }

        Phase = Phase?.Rest(logged.At);
    }
}

/// <summary>A phase of a turn.</summary>
/// <param name="StartedAt">When its last stretch began.</param>
/// <param name="Duration">What it took; while it runs, what earlier stretches of it took.</param>
/// <param name="Cause">Why it failed or was skipped; null otherwise.</param>
/// <param name="Fix">What to do about it; null otherwise.</param>
public sealed record TranscriptPhase(AttemptPhase Phase, PhaseState State, DateTimeOffset StartedAt, TimeSpan Duration, string? Cause, string? Fix)
{
    /// <summary>True while it goes on.</summary>
    public bool IsLive => State is PhaseState.Started;

    internal static TranscriptPhase Before(AttemptPhase phase, DateTimeOffset at) => new(phase, PhaseState.Skipped, at, TimeSpan.Zero, null, null);

    internal TranscriptPhase Apply(AgentEvent.PhaseChanged changed, DateTimeOffset at) => changed.State is PhaseState.Started
        ? this with { State = PhaseState.Started, StartedAt = at, Cause = changed.Cause, Fix = changed.Fix }
        : this with
        {
            State = changed.State,
            Duration = Duration + (changed.DurationMs is { } ms ? TimeSpan.FromMilliseconds(ms) : IsLive ? at - StartedAt : TimeSpan.Zero),
            Cause = changed.Cause,
            Fix = changed.Fix,
        };

    // A phase that nobody ended, ended with its turn.
    internal TranscriptPhase Rest(DateTimeOffset at) => IsLive ? this with { State = PhaseState.Cancelled, Duration = Duration + (at - StartedAt) } : this;
}

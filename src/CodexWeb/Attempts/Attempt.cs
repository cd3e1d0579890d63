using CodexWeb.Agent.Protocol;
using CodexWeb.Data;

namespace CodexWeb.Attempts;

/// <summary>One try at a task, with a workspace and a log of its own, over all the turns it is given. Its status is written by the orchestrator alone.</summary>
public sealed class Attempt
{
    /// <summary>The reason of one that waits.</summary>
    public const string Waiting = "Waits for a free place.";

    private Attempt()
    {
    }

    /// <summary>Its id.</summary>
    public AttemptId Id { get; private init; }

    /// <summary>The task.</summary>
    public TaskId TaskId { get; private init; }

    /// <summary>1 to 4 within the task.</summary>
    public int Number { get; private init; }

    /// <summary>The model's id in the catalogue.</summary>
    public string Model { get; private set; } = "";

    /// <summary>Where it stands.</summary>
    public AttemptStatus Status { get; private set; }

    /// <summary>Why it stands there: a sentence a person can act on.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>The phase it is or was last in.</summary>
    public AttemptPhase Phase { get; private set; }

    /// <summary>What it is doing now, one line; empty when it does nothing.</summary>
    public string Activity { get; private set; } = "";

    /// <summary>The turn it runs, ran last or waits to run.</summary>
    public int TurnNumber { get; private set; }

    /// <summary>True when it waits to go on with a turn that had begun, instead of starting it.</summary>
    public bool Resumes { get; private set; }

    /// <summary>Since when it waits, or waited last; the order of the queue.</summary>
    public DateTimeOffset QueuedAt { get; private set; }

    /// <summary>When it was first taken from the queue.</summary>
    public DateTimeOffset? StartedAt { get; private set; }

    /// <summary>When it came to rest; null while it works or waits.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>Set when a person asked to stop and the run has not ended yet.</summary>
    public bool StopRequested { get; private set; }

    /// <summary>The server process that runs it; null when none does. A value of another process means that one died.</summary>
    public string? LeaseOwner { get; private set; }

    /// <summary>Its last checkpoint commit; null when nothing was changed.</summary>
    public string? Checkpoint { get; private set; }

    /// <summary>Files that differ from the base.</summary>
    public int Files { get; private set; }

    /// <summary>Lines added against the base.</summary>
    public int Added { get; private set; }

    /// <summary>Lines removed against the base.</summary>
    public int Removed { get; private set; }

    /// <summary>Tokens over all turns.</summary>
    public long InputTokens { get; private set; }

    /// <summary>Input tokens served from the provider's cache.</summary>
    public long CachedInputTokens { get; private set; }

    /// <summary>Output tokens over all turns.</summary>
    public long OutputTokens { get; private set; }

    /// <summary>Price of all that in the provider entry's currency; null when the entry has no prices.</summary>
    public decimal? Cost { get; private set; }

    /// <summary>How much of the model's window the last request filled, 0 to 100; null when the window is unknown or nothing was asked yet.</summary>
    public int? ContextPercent { get; private set; }

    /// <summary>True when a person asked for the conversation to be compacted; it is before the next model request.</summary>
    public bool CompactRequested { get; private set; }

    /// <summary>Milliseconds it was at work over all turns that ended: neither in the queue nor waiting for a person.</summary>
    public long WorkedMs { get; private set; }

    /// <summary>One line on the checks, from the evidence: <c>tests passed after last edit</c>; null when none is known.</summary>
    public string? EvidenceLine { get; private set; }

    /// <summary>True while nobody can say its end yet.</summary>
    public bool IsActive => Status is AttemptStatus.Queued or AttemptStatus.Preparing or AttemptStatus.Running or AttemptStatus.WaitingForApproval;

    /// <summary>A new attempt that waits for its first turn.</summary>
    public static Attempt Queue(TaskId task, int number, string model, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return new Attempt
        {
            Id = Data.Id.New<AttemptId>(time),
            TaskId = task,
            Number = number,
            Model = model,
            Status = AttemptStatus.Queued,
            Reason = Waiting,
            TurnNumber = 1,
            QueuedAt = time.GetUtcNow(),
        };
    }

    /// <summary>A new attempt that goes on from a step of another one.</summary>
    /// <param name="turn">The turn it waits for.</param>
    /// <param name="files">The files it begins with; null for those of the base.</param>
    public static Attempt Fork(TaskId task, string model, int turn, AgentEvent.Checkpoint? files, TimeProvider time)
    {
        var attempt = Queue(task, 1, model, time);
        attempt.TurnNumber = turn;
        (attempt.Checkpoint, attempt.Files, attempt.Added, attempt.Removed) = (files?.Commit, files?.Files ?? 0, files?.Added ?? 0, files?.Removed ?? 0);
        return attempt;
    }

    /// <summary>Puts it back into the queue for a turn.</summary>
    /// <param name="turn">The turn to run.</param>
    /// <param name="resumes">True to go on with a turn that had begun.</param>
    /// <exception cref="InvalidOperationException">It is still at work.</exception>
    public void Requeue(int turn, bool resumes, DateTimeOffset now)
    {
        if (IsActive)
        {
            throw new InvalidOperationException("The attempt is still at work.");
        }

        Status = AttemptStatus.Queued;
        Reason = Waiting;
        Phase = AttemptPhase.Queue;
        Activity = "";
        TurnNumber = turn;
        Resumes = resumes;
        QueuedAt = now;
        EndedAt = null;
        StopRequested = false;
    }

    /// <summary>Notes that a person asked to compact the conversation.</summary>
    public void RequestCompaction() => CompactRequested = true;

    /// <summary>Goes on with another model from its next turn or retry.</summary>
    /// <param name="model">Its id in the catalogue.</param>
    public void UseModel(string model) => Model = model;

    /// <summary>Notes that a person asked to stop.</summary>
    public void RequestStop() => StopRequested = true;
}

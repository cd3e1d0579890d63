using System.Text.Json;

namespace CodexWeb.Agent.Protocol;

/// <summary>How a piece of work stands.</summary>
public enum ItemStatus
{
    /// <summary>Under way.</summary>
    InProgress,

    /// <summary>Ended as it should; for a command: it exited, with whatever code.</summary>
    Completed,

    /// <summary>Could not be done, timed out, or was refused.</summary>
    Failed,

    /// <summary>Stopped by a person or by the end of the attempt.</summary>
    Cancelled,

    /// <summary>The server ended while it ran: what it did is not known, and it is not run again by itself.</summary>
    Unknown,
}

/// <summary>One thing in an attempt's log that a person can look at. A closed union; its <c>type</c> on the wire is given at each case.</summary>
/// <param name="Id">Unique within the attempt, for example <c>item_12</c>.</param>
public abstract record Item(string Id)
{
    /// <summary>What a person wrote: the prompt of a turn, or a message sent while it ran. Wire: <c>user_message</c>.</summary>
    /// <param name="Text">Markdown as typed.</param>
    /// <param name="Source"><c>prompt</c>, <c>follow_up</c> or <c>steer</c>.</param>
    public sealed record UserMessage(string Id, string Text, string Source) : Item(Id);

    /// <summary>What the model said to the person. Wire: <c>agent_message</c>.</summary>
    /// <param name="Text">Markdown. Grows by deltas until completed.</param>
    /// <param name="Final">True for the last message of a turn: the answer or end report.</param>
    public sealed record AgentMessage(string Id, string Text, bool Final = false) : Item(Id);

    /// <summary>The model's summary of its reasoning. Wire: <c>reasoning</c>.</summary>
    public sealed record Reasoning(string Id, string Text) : Item(Id);

    /// <summary>A command in the sandbox. Wire: <c>command_execution</c>.</summary>
    /// <param name="Command">The shell text as the model or the environment gave it.</param>
    /// <param name="WorkingDirectory">Relative to the workspace; empty for its root.</param>
    /// <param name="Output">Head and tail of standard output and error as they came, at most 64 KiB, control sequences included. The whole is kept apart.</param>
    /// <param name="OutputBytes">Bytes of the whole output.</param>
    /// <param name="ExitCode">Null while it runs, or when it ended by a signal, a time-out or with the server.</param>
    /// <param name="DurationMs">Milliseconds from start to end; null while it runs.</param>
    /// <param name="SessionId">Set when the command outlived its call and can be written to and polled.</param>
    /// <param name="Reason">Why it failed, in a sentence for people: time-out, memory limit, stopped, sandbox ended. Null otherwise.</param>
    public sealed record CommandExecution(
        string Id,
        string Command,
        string WorkingDirectory,
        ItemStatus Status,
        string Output = "",
        long OutputBytes = 0,
        int? ExitCode = null,
        long? DurationMs = null,
        int? SessionId = null,
        string? Reason = null) : Item(Id);

    /// <summary>A patch to the workspace's files. Wire: <c>file_change</c>.</summary>
    /// <param name="Reason">Why, when <see cref="ItemStatus.Failed"/>; nothing was written then.</param>
    public sealed record FileChange(string Id, IReadOnlyList<ChangedFile> Changes, ItemStatus Status, string? Reason = null) : Item(Id);

    /// <summary>The agent's plan, whole, as it now stands. Wire: <c>plan</c>.</summary>
    public sealed record Plan(string Id, IReadOnlyList<PlanStep> Steps, string? Explanation = null) : Item(Id);

    /// <summary>Something that happened beside the work: a retry, a limit, instructions loaded, a resume. Wire: <c>notice</c>.</summary>
    /// <param name="Kind">Short and stable: <c>retry</c>, <c>instructions</c>, <c>resumed</c>, <c>limit</c>, <c>sandbox</c>, <c>tool</c>, <c>workspace</c>.</param>
    /// <param name="Discards">
    /// Ids of messages and reasonings that began in an answer which broke off: the fold drops them, for the answer is asked for again. Null when there are none.
    /// </param>
    /// <param name="Until">For <c>retry</c>: when the model is asked again. Null otherwise.</param>
    public sealed record Notice(string Id, string Kind, string Text, IReadOnlyList<string>? Discards = null, DateTimeOffset? Until = null) : Item(Id);

    /// <summary>Something that failed, in words that say what to do. Wire: <c>error</c>.</summary>
    public sealed record Error(string Id, string Message) : Item(Id);

    /// <summary>A kind this version does not know; kept as it came, so that it survives a round trip.</summary>
    public sealed record Unrecognised(string Id, JsonElement Json) : Item(Id);
}

/// <summary>What happened to one file.</summary>
public enum FileChangeKind
{
    /// <summary>New.</summary>
    Add,

    /// <summary>Gone.</summary>
    Delete,

    /// <summary>Changed, and moved when <see cref="ChangedFile.MovedTo"/> is set.</summary>
    Update,
}

/// <summary>One file of a <see cref="Item.FileChange"/>.</summary>
/// <param name="Path">Relative to the workspace, with <c>/</c>.</param>
/// <param name="Added">Lines added.</param>
/// <param name="Removed">Lines removed.</param>
/// <param name="MovedTo">The new path of a moved file, else null.</param>
public sealed record ChangedFile(string Path, FileChangeKind Kind, int Added, int Removed, string? MovedTo = null);

/// <summary>How far a step of the plan is.</summary>
public enum PlanStepStatus
{
    /// <summary>Not begun.</summary>
    Pending,

    /// <summary>Under way; at most one is.</summary>
    InProgress,

    /// <summary>Done.</summary>
    Completed,
}

/// <summary>One step of the plan.</summary>
public sealed record PlanStep(string Step, PlanStepStatus Status);

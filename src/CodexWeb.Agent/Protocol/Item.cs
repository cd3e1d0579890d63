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
    /// <param name="Attachments">Images and files sent along; null for none.</param>
    public sealed record UserMessage(string Id, string Text, string Source, IReadOnlyList<MessageAttachment>? Attachments = null) : Item(Id);

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

    /// <summary>A call of a tool that an MCP server of the environment offers. Wire: <c>mcp_tool_call</c>.</summary>
    /// <param name="Server">The server's name in the environment.</param>
    /// <param name="Tool">The tool's name at the server.</param>
    /// <param name="Arguments">JSON text as the model gave it.</param>
    /// <param name="Output">What it answered, head and tail, at most 64 KiB; empty while it runs.</param>
    /// <param name="DurationMs">Milliseconds from start to end; null while it runs.</param>
    /// <param name="Reason">Why it failed, in a sentence for people. Null otherwise.</param>
    public sealed record McpToolCall(
        string Id, string Server, string Tool, string Arguments, ItemStatus Status, string Output = "", long? DurationMs = null, string? Reason = null) : Item(Id);

    /// <summary>The agent looked at an image of the workspace. Wire: <c>image_view</c>.</summary>
    /// <param name="Path">Relative to the workspace.</param>
    /// <param name="Image">What the model was shown; null when it could not be.</param>
    /// <param name="Reason">Why, when <see cref="ItemStatus.Failed"/>.</param>
    public sealed record ImageView(string Id, string Path, ItemStatus Status, ImageReference? Image = null, string? Reason = null) : Item(Id);

    /// <summary>A person is asked, and what was answered. Wire: <c>approval</c>.</summary>
    /// <param name="Kind">What is asked.</param>
    /// <param name="Title">One line: the command, the files, the tool, or what the limit is.</param>
    /// <param name="Detail">What a person needs to decide, Markdown or the patch as it is; null for nothing more.</param>
    /// <param name="CallId">The tool call that waits for the answer; null when none does.</param>
    /// <param name="Rule">What "for this task" would let through from then on, in words; null when that is not offered.</param>
    /// <param name="Questions">For <see cref="ApprovalKind.Question"/>; null otherwise.</param>
    /// <param name="Decision">Null while it waits.</param>
    /// <param name="Reason">What the person wrote with it; null for nothing.</param>
    /// <param name="Answers">To the questions, one each, in their order; null otherwise.</param>
    /// <param name="DecidedBy">The person; null while it waits, and when the server took it back.</param>
    public sealed record Approval(
        string Id,
        ApprovalKind Kind,
        string Title,
        string? Detail = null,
        string? CallId = null,
        string? Rule = null,
        IReadOnlyList<ApprovalQuestion>? Questions = null,
        ApprovalDecision? Decision = null,
        string? Reason = null,
        IReadOnlyList<string>? Answers = null,
        string? DecidedBy = null) : Item(Id);

    /// <summary>Something that happened beside the work: a retry, a limit, instructions loaded, a resume. Wire: <c>notice</c>.</summary>
    /// <param name="Kind">
    /// Short and stable: <c>retry</c>, <c>instructions</c>, <c>resumed</c>, <c>limit</c>, <c>sandbox</c>, <c>tool</c>, <c>workspace</c>, <c>compaction</c>, <c>budget</c>,
    /// <c>loop</c>, <c>mcp</c>, <c>skill</c>, <c>fork</c>, <c>rewind</c>, <c>queue</c>, <c>usage</c>.
    /// </param>
    /// <param name="Discards">
    /// Ids of messages and reasonings that began in an answer which broke off: the fold drops them, for the answer is asked for again. Null when there are none.
    /// </param>
    /// <param name="Until">For <c>retry</c>: when the model is asked again. Null otherwise.</param>
    /// <param name="Detail">Longer text that is folded away, Markdown: a compaction's summary, for example. Null for none.</param>
    public sealed record Notice(string Id, string Kind, string Text, IReadOnlyList<string>? Discards = null, DateTimeOffset? Until = null, string? Detail = null) : Item(Id);

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

/// <summary>An image or file that was sent with a message.</summary>
/// <param name="Id">The attachment's id.</param>
/// <param name="Name">As it was called where it came from; one path segment.</param>
/// <param name="Bytes">Size.</param>
/// <param name="Image">The image as the model sees it; null for a file of another kind.</param>
public sealed record MessageAttachment(string Id, string Name, string MediaType, long Bytes, ImageReference? Image = null);

/// <summary>What a person is asked about.</summary>
public enum ApprovalKind
{
    /// <summary>May this command run?</summary>
    Command,

    /// <summary>May these files be changed so?</summary>
    Edit,

    /// <summary>May this tool of an MCP server be called?</summary>
    Tool,

    /// <summary>The model asks questions with a few answers to choose from.</summary>
    Question,

    /// <summary>The task's budget is used up.</summary>
    Budget,

    /// <summary>The agent goes in circles.</summary>
    Loop,
}

/// <summary>What the person decided.</summary>
public enum ApprovalDecision
{
    /// <summary>Yes, this once. For a question: it was answered.</summary>
    Approve,

    /// <summary>Yes, and for the rest of the task whatever falls under the same rule.</summary>
    ApproveForTask,

    /// <summary>No. For a budget: stop. For a loop: stop.</summary>
    Reject,

    /// <summary>For a budget: no more work, but a last request in which the agent sums up. For a loop: try another way.</summary>
    WrapUp,

    /// <summary>Taken back by the server: the attempt was stopped before there was an answer.</summary>
    Withdrawn,
}

/// <summary>A question with answers to choose from.</summary>
/// <param name="Text">The question.</param>
/// <param name="Options">2 or 3 answers; the person may also write another.</param>
public sealed record ApprovalQuestion(string Text, IReadOnlyList<ApprovalOption> Options);

/// <summary>One answer to choose.</summary>
/// <param name="Label">A few words.</param>
/// <param name="Description">What it means; null for nothing more.</param>
public sealed record ApprovalOption(string Label, string? Description = null);

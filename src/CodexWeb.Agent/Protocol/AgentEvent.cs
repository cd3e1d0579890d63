using System.Text.Json;

namespace CodexWeb.Agent.Protocol;

/// <summary>
/// One entry of an attempt's log. Everything a person sees is a fold over these. A closed union; the <c>type</c> on the wire stands at each case.
/// The log gives each its sequence number and time.
/// </summary>
public abstract record AgentEvent
{
    /// <summary>The attempt came into another state. Wire: <c>status.changed</c>.</summary>
    /// <param name="Reason">A sentence a person can act on.</param>
    public sealed record StatusChanged(AttemptStatus Status, string Reason) : AgentEvent;

    /// <summary>A phase began, ended or failed. Wire: <c>phase.changed</c>.</summary>
    /// <param name="DurationMs">Set when the phase ended.</param>
    /// <param name="Cause">Why it failed or was skipped, else null.</param>
    /// <param name="Fix">What to do about it, else null.</param>
    public sealed record PhaseChanged(AttemptPhase Phase, PhaseState State, long? DurationMs = null, string? Cause = null, string? Fix = null) : AgentEvent;

    /// <summary>A turn began. Wire: <c>turn.started</c>.</summary>
    /// <param name="Turn">1 for the first.</param>
    public sealed record TurnStarted(int Turn) : AgentEvent;

    /// <summary>A turn reached its end. Wire: <c>turn.completed</c>.</summary>
    public sealed record TurnCompleted(int Turn, TokenUsage Usage) : AgentEvent;

    /// <summary>A turn could not go on. Wire: <c>turn.failed</c>.</summary>
    public sealed record TurnFailed(int Turn, string Message) : AgentEvent;

    /// <summary>
    /// Work began. Wire: <c>item.started</c>. Its end is an <see cref="ItemCompleted"/> of the same id, or, for a message or a reasoning of an answer that broke off,
    /// an <see cref="Protocol.Item.Notice"/> that names it in <see cref="Protocol.Item.Notice.Discards"/>.
    /// </summary>
    public sealed record ItemStarted(Item Item) : AgentEvent;

    /// <summary>Work went on. Wire: <c>item.updated</c>. Either text to append to the item's text or output, or the whole item anew.</summary>
    /// <param name="Delta">Text to append to a message's, a reasoning's or a command's text; null when <paramref name="Item"/> is set.</param>
    /// <param name="Item">The item as it now stands; null when <paramref name="Delta"/> is set.</param>
    public sealed record ItemUpdated(string ItemId, string? Delta = null, Item? Item = null) : AgentEvent;

    /// <summary>Work ended; the item as it will stay. Wire: <c>item.completed</c>. May come without a start.</summary>
    public sealed record ItemCompleted(Item Item) : AgentEvent;

    /// <summary>The model's conversation grew. What a resumed attempt is continued from; no page shows it. Wire: <c>history.appended</c>.</summary>
    public sealed record HistoryAppended(IReadOnlyList<ConversationEntry> Entries) : AgentEvent;

    /// <summary>
    /// The model's conversation was compacted: from here on it is these entries alone, whatever stood before. What went stays in the log. Wire: <c>history.replaced</c>.
    /// </summary>
    public sealed record HistoryReplaced(IReadOnlyList<ConversationEntry> Entries) : AgentEvent;

    /// <summary>Something on the attempt's behalf asked for a connection. Wire: <c>host.contacted</c>.</summary>
    /// <param name="Host">Name or address, lower case.</param>
    /// <param name="Allowed">False when the policy refused it.</param>
    /// <param name="By">What asked: <c>mcp:NAME</c>.</param>
    public sealed record HostContacted(string Host, int Port, bool Allowed, string By) : AgentEvent;

    /// <summary>One model request's tokens. Wire: <c>usage</c>. Stands in the same batch as the answer's <see cref="HistoryAppended"/>, or a compaction's <see cref="HistoryReplaced"/>.</summary>
    /// <param name="ContextPercent">How much of the model's window the conversation fills from here on, 0 to 100; null when the window is unknown.</param>
    public sealed record UsageReported(TokenUsage Usage, int? ContextPercent) : AgentEvent;

    /// <summary>The workspace's files were saved as a commit of the server's mirror. Wire: <c>checkpoint</c>.</summary>
    /// <param name="Commit">Object name of the checkpoint commit.</param>
    /// <param name="Files">Files that differ from the base of the branch.</param>
    public sealed record Checkpoint(string Commit, int Files, int Added, int Removed) : AgentEvent;

    /// <summary>A kind this version does not know; kept as it came.</summary>
    public sealed record Unrecognised(string Type, JsonElement Json) : AgentEvent;
}

/// <summary>States of an attempt; see product.md 1.2.</summary>
public enum AttemptStatus
{
    /// <summary>Waits for its place.</summary>
    Queued,

    /// <summary>Workspace, sandbox and set-up are made.</summary>
    Preparing,

    /// <summary>The agent works.</summary>
    Running,

    /// <summary>A person is asked.</summary>
    WaitingForApproval,

    /// <summary>The turn is done: an answer or a diff is there.</summary>
    Completed,

    /// <summary>It could not go on; the reason says why and what to do.</summary>
    Failed,

    /// <summary>A person stopped it. What was changed is kept.</summary>
    Cancelled,

    /// <summary>The server ended at a step that cannot be repeated safely. What was changed is kept; it can be continued.</summary>
    Interrupted,
}

/// <summary>Phases of a turn, in this order.</summary>
public enum AttemptPhase
{
    /// <summary>Waiting for a place.</summary>
    Queue,

    /// <summary>Fetching the repository, making the working copy and starting the sandbox.</summary>
    Workspace,

    /// <summary>The environment's set-up script.</summary>
    SetUp,

    /// <summary>Model and tools.</summary>
    Agent,

    /// <summary>The environment's check commands, and the evidence.</summary>
    Checks,

    /// <summary>Pushing the branch.</summary>
    Push,
}

/// <summary>How a phase stands.</summary>
public enum PhaseState
{
    /// <summary>Under way.</summary>
    Started,

    /// <summary>Done.</summary>
    Completed,

    /// <summary>There was nothing to do.</summary>
    Skipped,

    /// <summary>Failed; cause and fix are given.</summary>
    Failed,

    /// <summary>Stopped by a person.</summary>
    Cancelled,
}

/// <summary>Tokens of one or several model requests.</summary>
/// <param name="InputTokens">All input tokens, the cached ones among them.</param>
/// <param name="CachedInputTokens">Input tokens the provider served from its cache.</param>
/// <param name="OutputTokens">All output tokens, the reasoning ones among them.</param>
/// <param name="ReasoningTokens">Output tokens spent on reasoning.</param>
public readonly record struct TokenUsage(long InputTokens, long CachedInputTokens, long OutputTokens, long ReasoningTokens)
{
    /// <summary>The sum of two.</summary>
    public static TokenUsage operator +(TokenUsage a, TokenUsage b) => a.Add(b);

    /// <summary>The sum with <paramref name="other"/>.</summary>
    public TokenUsage Add(TokenUsage other) => new(
        InputTokens + other.InputTokens,
        CachedInputTokens + other.CachedInputTokens,
        OutputTokens + other.OutputTokens,
        ReasoningTokens + other.ReasoningTokens);
}

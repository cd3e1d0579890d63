using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Sandboxes.Egress;
using CodexWeb.Agent.Tools.Mcp;

namespace CodexWeb.Agent;

/// <summary>What a turn may do.</summary>
public enum AgentMode
{
    /// <summary>Answer from the code. The workspace is read-only and no patch is offered.</summary>
    Ask,

    /// <summary>Change the code and prove the change.</summary>
    Code,

    /// <summary>Find what is wrong with a change. As in <see cref="Ask"/> nothing can be changed.</summary>
    Review,
}

/// <summary>What a person is asked before it happens.</summary>
public enum ApprovalMode
{
    /// <summary>Nothing: the sandbox is the wall.</summary>
    FullAuto,

    /// <summary>Commands and tools of MCP servers; files are changed freely.</summary>
    AutoEdit,

    /// <summary>Changes to files as well.</summary>
    Suggest,
}

/// <summary>Stores events before anything goes on: one call is one atomic batch. Calls may overlap.</summary>
public delegate ValueTask AppendEvents(IReadOnlyList<AgentEvent> events, CancellationToken cancellationToken);

/// <summary>A message a person sent while the turn ran.</summary>
/// <param name="ItemId">The id its item gets in the log, unique within the attempt. The message is delivered when <see cref="AgentTurn.Append"/> has stored an item of this id.</param>
/// <param name="Text">As typed.</param>
/// <param name="Attachments">Images and files sent along; null for none.</param>
public sealed record SteeringMessage(string ItemId, string Text, IReadOnlyList<MessageAttachment>? Attachments = null);

/// <summary>All that one turn of an attempt needs. The host makes it, new or from a log (<see cref="Resumption"/>).</summary>
public sealed record AgentTurn
{
    /// <summary>1 for the attempt's first.</summary>
    public required int Number { get; init; }

    /// <summary>What the person wrote. Null to go on with a turn whose start is in the log already.</summary>
    public string? Prompt { get; init; }

    /// <summary>
    /// Images and files sent along with <see cref="Prompt"/>. The host has put the images into <see cref="Images"/>, and shows every file read-only in the sandbox
    /// at <see cref="MessageEntry.AttachmentsPath"/>. Default: none.
    /// </summary>
    public IReadOnlyList<MessageAttachment> Attachments { get; init; } = [];

    /// <summary>What it may do.</summary>
    public required AgentMode Mode { get; init; }

    /// <summary>The model behind <see cref="Model"/>.</summary>
    public required IModelClient Client { get; init; }

    /// <summary>The provider's name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>True when the model's entry says that it reasons.</summary>
    public bool Reasons { get; init; }

    /// <summary>As the provider names it; null for its default. Not sent unless <see cref="Reasons"/>.</summary>
    public string? ReasoningEffort { get; init; }

    /// <summary>The same for all requests of the attempt; the attempt's id does.</summary>
    public required string CacheKey { get; init; }

    /// <summary>Tokens the model can take in; null when unknown.</summary>
    public int? ContextWindow { get; init; }

    /// <summary>
    /// Tokens of a request from which on the conversation is compacted before the next one; 90 % of <see cref="ContextWindow"/> when that is less, or this is null. When neither is
    /// known, it is compacted when the provider finds it too long.
    /// </summary>
    public int? CompactAt { get; init; }

    /// <summary>True when a person asked to compact the conversation. Asked before each model request; stays true until an <see cref="AgentEvent.HistoryReplaced"/> is stored.</summary>
    public Func<CancellationToken, Task<bool>> TakeCompactRequest { get; init; } = static _ => Task.FromResult(false);

    /// <summary>The conversation so far; the turn adds to it.</summary>
    public required Conversation History { get; init; }

    /// <summary>What the log tells of the attempt's work so far, for the fact sheet of a compaction; the turn adds to it. Default: nothing was done before.</summary>
    public WorkFacts Facts { get; init; } = new();

    /// <summary>What only the host can tell for a fact sheet (the diff, the state of the checks), some lines of Markdown; null for nothing. Called for each compaction.</summary>
    public Func<CancellationToken, Task<string?>> HostFacts { get; init; } = static _ => Task.FromResult<string?>(null);

    /// <summary>Numbers the attempt's items; shared with whoever else writes to the log.</summary>
    public required ItemIds Ids { get; init; }

    /// <summary>Tokens this turn used before a restart; zero for a new turn.</summary>
    public TokenUsage UsedBefore { get; init; }

    /// <summary>Where commands run and files are. Stays the host's to dispose.</summary>
    public required ISandbox Sandbox { get; init; }

    /// <summary>The log.</summary>
    public required AppendEvents Append { get; init; }

    /// <summary>
    /// The queued messages, oldest first. Asked before each model request and once more before a turn ends; may give the same message until it is delivered
    /// (see <see cref="SteeringMessage"/>), never one that was.
    /// </summary>
    public Func<IReadOnlyList<SteeringMessage>> TakeSteering { get; init; } = static () => [];

    /// <summary>What a person is asked before it happens. Default: nothing. Needs <see cref="Ask"/>.</summary>
    public ApprovalMode Approval { get; init; }

    /// <summary>Asks a person. Null when nobody can be asked: then nothing is, whatever <see cref="Approval"/> says, and the model cannot ask questions.</summary>
    public AskPerson? Ask { get; init; }

    /// <summary>Questions of before a restart (<see cref="Resumption.Asked"/>): who asks the same again takes the item's id from here. Default: none.</summary>
    public IReadOnlyList<Item.Approval> Asked { get; init; } = [];

    /// <summary>Looked at before each step. True: the model is asked once more, without tools, to sum up, and the turn ends. Default: never.</summary>
    public Func<bool> WrapsUp { get; init; } = static () => false;

    /// <summary>Awaited before each model request, repeated ones too: the host may hold it. Its exceptions end the turn.</summary>
    public Func<CancellationToken, ValueTask> BeforeRequest { get; init; } = static _ => ValueTask.CompletedTask;

    /// <summary>What stopped the turn when its token is cancelled, in words without a full stop, for people and model. Default: the person did.</summary>
    public Func<string> WhyStopped { get; init; } = static () => "The person stopped the turn";

    /// <summary>
    /// Saves the workspace's files. Called after each step that may have changed them; runs beside the next model request and is awaited before the next tools run.
    /// Its exceptions end the turn.
    /// </summary>
    public Func<CancellationToken, Task> Checkpoint { get; init; } = static _ => Task.CompletedTask;

    /// <summary>Opens the place for the whole output of the command with this item id. The turn disposes the stream.</summary>
    public Func<string, Stream> OpenOutput { get; init; } = static _ => Stream.Null;

    /// <summary>The server's own instructions for all repositories, before the repository's; null for none.</summary>
    public string? GlobalInstructions { get; init; }

    /// <summary>File names of instructions to take in a folder that has neither AGENTS.override.md nor AGENTS.md. Default: none.</summary>
    public IReadOnlyList<string> InstructionFallbackNames { get; init; } = [];

    /// <summary>What the environment says to the model (check commands, set-up, network), a few lines of Markdown; null for nothing. The same for all turns of an attempt.</summary>
    public string? EnvironmentNotes { get; init; }

    /// <summary>Where the images of the conversation are kept; null when the host keeps none, and no tool can add one.</summary>
    public ImageFolder? Images { get; init; }

    /// <summary>True when the model's entry says that it takes images. Else it reads a line of text in place of each.</summary>
    public bool TakesImages { get; init; }

    /// <summary>MCP servers whose tools are offered, in this order. Started with the turn and ended with it; none in a review. Default: none.</summary>
    public IReadOnlyList<McpServerSpec> McpServers { get; init; } = [];

    /// <summary>What may be connected to on the turn's behalf. Default: the public internet, where something was configured to be there.</summary>
    public EgressPolicy Egress { get; init; } = EgressPolicy.Public;

    /// <summary>The form of the final message; null for free text. A message of another form is sent back once, with what is wrong with it.</summary>
    public OutputSchema? Output { get; init; }

    /// <summary>Where the turn ends by itself.</summary>
    public AgentLimits Limits { get; init; } = new();
}

/// <summary>How a turn ended. A stop by the token is an <see cref="OperationCanceledException"/> instead, thrown when all events are stored.</summary>
public abstract record TurnOutcome(TokenUsage Usage)
{
    /// <summary>The model wrote its answer or end report.</summary>
    public sealed record Completed(string FinalMessage, TokenUsage Usage) : TurnOutcome(Usage);

    /// <summary>It could not go on.</summary>
    /// <param name="Message">For people: what happened and what to do.</param>
    /// <param name="Failure">Set when the model's service was the cause.</param>
    public sealed record Failed(string Message, ModelFailure? Failure, TokenUsage Usage) : TurnOutcome(Usage);

    /// <summary>It reached a limit of <see cref="AgentLimits"/>; a follow-up goes on.</summary>
    /// <param name="Message">For people: which limit and what to do.</param>
    public sealed record LimitReached(string Message, TokenUsage Usage) : TurnOutcome(Usage);
}

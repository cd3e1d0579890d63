using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Tools;

/// <summary>Something the model can ask for. What goes wrong inside is text for the model, never the end of the turn.</summary>
internal abstract class Tool
{
    /// <summary>As the model is told of it.</summary>
    public abstract ToolDefinition Definition { get; }

    /// <summary>True when a call may have changed the workspace's files, so that they are saved after it.</summary>
    public virtual bool MayChangeFiles => false;

    /// <summary>True when this call changes nothing and may run beside others of the kind.</summary>
    public virtual bool OnlyReads(ConversationEntry.ToolCall call) => false;

    /// <summary>What a person has to allow before this call runs, in the modes that ask; null for nothing.</summary>
    /// <exception cref="ToolRefusedException">The call cannot be done as it stands: nobody need be asked.</exception>
    public virtual ValueTask<Permission?> PermissionAsync(ConversationEntry.ToolCall call, CancellationToken cancellationToken) => ValueTask.FromResult<Permission?>(null);

    /// <summary>Does it. When the token is cancelled it stops what it began and still answers, so that the log says how it ended.</summary>
    /// <exception cref="ToolRefusedException">The call cannot be done as it stands.</exception>
    public abstract Task<ToolAnswer> RunAsync(ConversationEntry.ToolCall call, CancellationToken cancellationToken);
}

/// <summary>What a tool answers.</summary>
/// <param name="Text">For the model.</param>
/// <param name="Events">Logged in one batch with the result.</param>
/// <param name="Folders">Workspace folders the call worked in, for the instructions that lie there.</param>
internal sealed record ToolAnswer(string Text, IReadOnlyList<AgentEvent> Events, IReadOnlyList<string> Folders)
{
    /// <summary>An answer that touched no folder.</summary>
    public ToolAnswer(string text, params IReadOnlyList<AgentEvent> events)
        : this(text, events, [])
    {
    }

    /// <summary>Shown to the model with the text; null for none.</summary>
    public IReadOnlyList<ImageReference>? Images { get; init; }
}

/// <summary>A call that cannot be done; the message tells the model what to do instead.</summary>
/// <param name="shown">What people see of it in the log; null for a notice with the message.</param>
internal sealed class ToolRefusedException(string message, Item? shown = null) : Exception(message)
{
    /// <summary>What people see of it; null for a notice with the message.</summary>
    public Item? Shown => shown;
}

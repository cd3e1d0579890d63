using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Tools;

/// <summary>Changes files by a patch; all of it or nothing.</summary>
internal sealed class ApplyPatchTool(AgentTurn turn, TurnLog log) : Tool
{
    private static readonly ToolDefinition.Custom Told = new("apply_patch", EmbeddedText.Read("Tools.ApplyPatch.md"), EmbeddedText.Read("Tools.ApplyPatch.lark"));

    /// <inheritdoc/>
    public override ToolDefinition Definition => Told;

    /// <inheritdoc/>
    public override bool MayChangeFiles => true;

    /// <summary>Applies the call's patch: free text, or, from a model that calls it as a function, the field <c>input</c> or <c>patch</c>.</summary>
    public override Task<ToolAnswer> RunAsync(ConversationEntry.ToolCall call, CancellationToken cancellationToken)
    {
        if (!call.Arguments.AsSpan().TrimStart().StartsWith("{", StringComparison.Ordinal))
        {
            return ApplyAsync(call.Arguments, cancellationToken);
        }

        var arguments = ToolArguments.Parse(call.Arguments);
        return ApplyAsync(arguments.OptionalText("input") ?? arguments.Text("patch"), cancellationToken);
    }

    /// <summary>Applies a patch.</summary>
    public async Task<ToolAnswer> ApplyAsync(string patch, CancellationToken cancellationToken)
    {
        var item = new Item.FileChange(log.Ids.Next(), [], ItemStatus.InProgress);
        await log.AppendAsync(new AgentEvent.ItemStarted(item));
        try
        {
            var result = await PatchApplier.ApplyAsync(patch, new SandboxPatchFiles(turn.Sandbox), cancellationToken);
            var folders = result.Changes.Select(static change => PatchPath.Folder(change.MovedTo ?? change.Path)).Distinct(StringComparer.Ordinal).ToList();
            return new ToolAnswer(result.Text, [new AgentEvent.ItemCompleted(item with { Changes = result.Changes, Status = ItemStatus.Completed })], folders);
        }
        catch (PatchException exception)
        {
            return new ToolAnswer(exception.Message, new AgentEvent.ItemCompleted(item with { Status = ItemStatus.Failed, Reason = exception.Message }));
        }
        catch (Sandboxes.SandboxException exception)
        {
            return new ToolAnswer(
                "The patch could not be applied: " + exception.Message, new AgentEvent.ItemCompleted(item with { Status = ItemStatus.Failed, Reason = exception.Message }));
        }
        catch (OperationCanceledException)
        {
            const string Stopped = "The person stopped the turn while this was written; look at the files for what was done.";
            return new ToolAnswer("aborted: " + Stopped, new AgentEvent.ItemCompleted(item with { Status = ItemStatus.Cancelled, Reason = Stopped }));
        }
    }
}

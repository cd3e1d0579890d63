using System.Globalization;
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

    /// <inheritdoc/>
    public override ValueTask<Permission?> PermissionAsync(ConversationEntry.ToolCall call, CancellationToken cancellationToken) => PermissionAsync(Text(call), cancellationToken);

    /// <inheritdoc/>
    public override Task<ToolAnswer> RunAsync(ConversationEntry.ToolCall call, CancellationToken cancellationToken) => ApplyAsync(Text(call), cancellationToken);

    /// <summary>What is asked before a patch is applied.</summary>
    /// <exception cref="ToolRefusedException">It does not fit the files as they are.</exception>
    public async ValueTask<Permission?> PermissionAsync(string patch, CancellationToken cancellationToken)
    {
        try
        {
            var changes = (await PatchApplier.VerifyAsync(patch, new SandboxPatchFiles(turn.Sandbox), cancellationToken)).Changes;
            return new Permission(ApprovalKind.Edit, Title(changes), patch, "all changes to files", "edit");
        }
        catch (PatchException exception)
        {
            throw Refused(exception.Message, exception.Message);
        }
        catch (Sandboxes.SandboxException exception)
        {
            throw Refused("The patch could not be applied: " + exception.Message, exception.Message);
        }
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

    /// <summary>The call's patch: free text, or, from a model that calls it as a function, the field <c>input</c> or <c>patch</c>.</summary>
    private static string Text(ConversationEntry.ToolCall call)
    {
        if (!call.Arguments.AsSpan().TrimStart().StartsWith("{", StringComparison.Ordinal))
        {
            return call.Arguments;
        }

        var arguments = ToolArguments.Parse(call.Arguments);
        return arguments.OptionalText("input") ?? arguments.Text("patch");
    }

    private static string Title(IReadOnlyList<ChangedFile> changes)
    {
        if (changes.Count == 0)
        {
            return "A patch without a change";
        }

        var first = Permission.FirstLine(changes[0].MovedTo ?? changes[0].Path);
        return string.Create(CultureInfo.InvariantCulture, $"{first}{(changes.Count == 1 ? "" : $" and {changes.Count - 1} more")} +{changes.Sum(static c => c.Added)} −{changes.Sum(static c => c.Removed)}");
    }

    private ToolRefusedException Refused(string text, string reason) => new(text, new Item.FileChange(log.Ids.Next(), [], ItemStatus.Failed, reason));
}

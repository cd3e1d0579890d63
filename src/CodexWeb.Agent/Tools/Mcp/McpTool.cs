using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Tools.Mcp;

/// <summary>A tool that an MCP server of the environment offers.</summary>
/// <param name="name">As the model calls it.</param>
internal sealed class McpTool(string name, McpToolListing listing, McpServer server, AgentTurn turn, TurnLog log, TimeProvider time) : Tool
{
    /// <inheritdoc/>
    public override ToolDefinition Definition { get; } = new ToolDefinition.Function(
        name, $"Tool `{listing.Name}` of the MCP server {server.Spec.Name}. Its description, by its author:\n{(listing.Description.Length == 0 ? "(none)" : listing.Description)}", listing.Schema);

    /// <summary>A program in the sandbox can write the workspace as commands can; a server with an address cannot.</summary>
    public override bool MayChangeFiles => turn.Mode is AgentMode.Code && server.Spec.Url is null;

    /// <inheritdoc/>
    public override ValueTask<Permission?> PermissionAsync(ConversationEntry.ToolCall call, CancellationToken cancellationToken)
    {
        var arguments = ToolArguments.Parse(call.Arguments).ToJson();
        return ValueTask.FromResult<Permission?>(new Permission(
            ApprovalKind.Tool,
            Permission.FirstLine($"{server.Spec.Name} · {listing.Name}"),
            arguments.Count == 0 ? null : arguments.ToJsonString(McpJson.Indented),
            "this tool, whatever it is given",
            Permission.Key("tool", server.Spec.Name, server.Spec.Url?.ToString() ?? server.Spec.Command!, listing.Name)));
    }

    /// <inheritdoc/>
    public override async Task<ToolAnswer> RunAsync(ConversationEntry.ToolCall call, CancellationToken cancellationToken)
    {
        var arguments = ToolArguments.Parse(call.Arguments).ToJson();
        var item = new Item.McpToolCall(log.Ids.Next(), server.Spec.Name, listing.Name, arguments.ToJsonString(McpJson.Plain), ItemStatus.InProgress);
        await log.AppendAsync(new AgentEvent.ItemStarted(item));
        var began = time.GetTimestamp();
        try
        {
            var answer = await AnswerAsync(item.Id, arguments, cancellationToken);
            return await AnsweredAsync(item with { DurationMs = Elapsed() }, answer, cancellationToken);
        }
        catch (McpServerException failure)
        {
            return await FailedAsync(item with { DurationMs = Elapsed() }, failure, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            const string Stopped = "The person stopped the turn while it ran.";
            return new ToolAnswer(
                $"Item: {item.Id}\naborted: {Stopped} What it did is not known.",
                new AgentEvent.ItemCompleted(item with { Status = ItemStatus.Cancelled, Reason = Stopped, DurationMs = Elapsed() }));
        }

        long Elapsed() => (long)time.GetElapsedTime(began).TotalMilliseconds;
    }

    /// <summary>Waits for the answer and shows what the tool says of its progress meanwhile.</summary>
    private async Task<McpAnswer> AnswerAsync(string itemId, JsonObject arguments, CancellationToken cancellationToken)
    {
        var progress = new McpProgress(itemId, log, time);
        var showing = progress.ShowAsync();
        try
        {
            return await server.CallAsync(listing.Name, arguments, itemId, progress.Add, cancellationToken);
        }
        finally
        {
            progress.End();
            await showing;
        }
    }

    private async Task<ToolAnswer> AnsweredAsync(Item.McpToolCall item, McpAnswer answer, CancellationToken cancellationToken)
    {
        var (images, notes) = await ImagesAsync(answer, cancellationToken);
        var bytes = Encoding.UTF8.GetBytes(string.Join('\n', ((string[])[answer.Text, .. notes]).Where(static part => part.Length > 0)));
        var shown = new HeadTailBuffer(McpLimits.ShownBytes);
        shown.Append(bytes);
        var gap = await KeepAsync(item.Id, bytes, cancellationToken);
        var ended = item with
        {
            Status = answer.IsError ? ItemStatus.Failed : ItemStatus.Completed,
            Output = shown.ToString(),
            Reason = string.Join(' ', ((string?[])[answer.IsError ? "The tool says that it failed." : null, gap]).OfType<string>()) is { Length: > 0 } reason ? reason : null,
        };
        var head = string.Create(CultureInfo.InvariantCulture, $"Item: {item.Id}\n{(answer.IsError ? "The tool says that it failed." : "The tool answered.")}\nWall time: {item.DurationMs / 1000.0:0.0##} s\nOutput:\n");
        var text = head + OutputBudget.Cut(KeptOutput.Whole(bytes), turn.Limits.ToolOutputTokens);
        return new ToolAnswer(text, new AgentEvent.ItemCompleted(ended)) { Images = images.Count == 0 ? null : images };
    }

    private async Task<ToolAnswer> FailedAsync(Item.McpToolCall item, McpServerException failure, CancellationToken cancellationToken)
    {
        await KeepAsync(item.Id, Encoding.UTF8.GetBytes(failure.Said ?? ""), cancellationToken);
        var said = failure.Said is null ? "" : $"\nThe last it wrote to standard error:\n{OutputBudget.Cut(KeptOutput.Whole(Encoding.UTF8.GetBytes(failure.Said)), 500)}";
        return new ToolAnswer(
            $"Item: {item.Id}\nThe MCP server {item.Server} did not do it. {failure.Message} What the call did until then is not known.{said}",
            new AgentEvent.ItemCompleted(item with { Status = ItemStatus.Failed, Reason = failure.Message, Output = failure.Said ?? "" }));
    }

    private async Task<(IReadOnlyList<ImageReference> Images, IReadOnlyList<string> Notes)> ImagesAsync(McpAnswer answer, CancellationToken cancellationToken)
    {
        var images = new List<ImageReference>();
        var notes = new List<string>();
        foreach (var (number, bytes) in answer.Images.Index())
        {
            try
            {
                images.Add(turn.Images is null
                    ? throw new ImageRefusedException("Images are not kept here.")
                    : await turn.Images.KeepAsync(bytes, cancellationToken));
            }
            catch (ImageRefusedException refused)
            {
                notes.Add(string.Create(CultureInfo.InvariantCulture, $"[Image {number + 1} is not shown. {refused.Message}]"));
            }
        }

        return (images, notes);
    }

    /// <summary>Keeps the whole answer for people; the item has its head and tail.</summary>
    private async Task<string?> KeepAsync(string itemId, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (bytes.IsEmpty)
        {
            return null;
        }

        await using var file = OutputFile.Open(turn, itemId);
        await file.WriteAsync(bytes, cancellationToken);
        return file.Gap;
    }
}

using System.Globalization;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Tools;

/// <summary>Shows the model an image file that the sandbox sees. One that is larger than models take is scaled by a program inside.</summary>
internal sealed class ViewImageTool(AgentTurn turn, TurnLog log, TimeProvider time) : Tool
{
    private static readonly ToolDefinition.Function Told = new("view_image", EmbeddedText.Read("Tools.ViewImage.md"), """
        {
          "type": "object",
          "properties": {
            "path": { "type": "string", "description": "The image file: relative to the workspace, or absolute in the sandbox." }
          },
          "required": ["path"],
          "additionalProperties": false
        }
        """);

    /// <inheritdoc/>
    public override ToolDefinition Definition => Told;

    /// <inheritdoc/>
    public override bool OnlyReads(ConversationEntry.ToolCall call) => true;

    /// <inheritdoc/>
    public override async Task<ToolAnswer> RunAsync(ConversationEntry.ToolCall call, CancellationToken cancellationToken)
    {
        var path = ToolArguments.Parse(call.Arguments).Text("path");
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0', StringComparison.Ordinal))
        {
            throw new ToolRefusedException("The field `path` must name a file.");
        }

        var item = new Item.ImageView(log.Ids.Next(), Shown(path), ItemStatus.InProgress);
        await log.AppendAsync(new AgentEvent.ItemStarted(item));
        try
        {
            var (image, text) = await LookAsync(path, cancellationToken);
            return new ToolAnswer(text, new AgentEvent.ItemCompleted(item with { Status = ItemStatus.Completed, Image = image })) { Images = [image] };
        }
        catch (Exception exception) when (exception is ToolRefusedException or ImageRefusedException or SandboxException)
        {
            return new ToolAnswer($"{item.Path} cannot be shown: {exception.Message}", new AgentEvent.ItemCompleted(item with { Status = ItemStatus.Failed, Reason = exception.Message }));
        }
        catch (OperationCanceledException)
        {
            const string Stopped = "The person stopped the turn before the image was there.";
            return new ToolAnswer("aborted: " + Stopped, new AgentEvent.ItemCompleted(item with { Status = ItemStatus.Cancelled, Reason = Stopped }));
        }
    }

    private async Task<(ImageReference Image, string Text)> LookAsync(string path, CancellationToken cancellationToken)
    {
        if (turn is not { TakesImages: true, Images: { } images })
        {
            throw new ToolRefusedException("The model of this task takes no images. Find out what you need by a program, or say in your report what could not be seen.");
        }

        var file = await turn.Sandbox.ReadFileAsync(path, ImageFolder.MaxBytes, cancellationToken);
        var bytes = file.Kind switch
        {
            SandboxFileKind.Regular => file.Content,
            SandboxFileKind.Missing => throw new ToolRefusedException("there is no such file."),
            SandboxFileKind.Directory => throw new ToolRefusedException("it is a folder."),
            SandboxFileKind.TooLarge => throw new ToolRefusedException($"it is larger than {ImageFolder.MaxBytes >> 20} MiB. Make a smaller copy and look at that."),
            _ => throw new ToolRefusedException("it is no regular file, or may not be read."),
        };
        var original = ImageFolder.Describe(bytes.Span);
        if (Math.Max(original.Width, original.Height) <= ImageScaling.LongestSide)
        {
            return (await images.KeepAsync(bytes, cancellationToken), Sentence(original, scaledFrom: null));
        }

        var scaled = await images.KeepAsync(await ImageScaling.FitAsync(turn.Sandbox, path, original, time, cancellationToken), cancellationToken);
        return (scaled, Sentence(scaled, original));
    }

    private static string Sentence(ImageReference image, ImageReference? scaledFrom) => string.Create(
        CultureInfo.InvariantCulture,
        $"The image has {image.Width} × {image.Height} pixels{(scaledFrom is null ? "" : $", scaled down from {scaledFrom.Width} × {scaledFrom.Height}")}.");

    // For the log: relative where it can be, without control characters.
    private static string Shown(string path)
    {
        var full = Path.GetFullPath(path, ISandbox.WorkspacePath);
        var relative = full.StartsWith(ISandbox.WorkspacePath + "/", StringComparison.Ordinal) ? full[(ISandbox.WorkspacePath.Length + 1)..] : full;
        return HiddenCharacters.RevealLine(relative.Length <= 1_000 ? relative : relative[..1_000] + "…");
    }
}

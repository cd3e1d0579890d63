using System.Globalization;
using System.Text;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Models;

/// <summary>A person's message as the model reads it: the text, where the files lie that came along, and the images.</summary>
public static class MessageEntry
{
    /// <summary>The folder inside the sandbox where attached files are, read-only, each under its name.</summary>
    public const string AttachmentsPath = "/attachments";

    /// <summary>The entry of a message.</summary>
    public static ConversationEntry.User Of(string text, IReadOnlyList<MessageAttachment>? attachments)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (attachments is not { Count: > 0 })
        {
            return new ConversationEntry.User(text);
        }

        var told = new StringBuilder(text).Append("\n\nThe person sent these files along. They are read-only:\n");
        foreach (var file in attachments)
        {
            var seen = file.Image is { } image ? string.Create(CultureInfo.InvariantCulture, $", {image.Width} × {image.Height} pixels") : "";
            told.Append(CultureInfo.InvariantCulture, $"\n- `{AttachmentsPath}/{file.Name}` ({file.MediaType}, {file.Bytes:N0} bytes{seen})");
        }

        IReadOnlyList<ImageReference> images = [.. attachments.Select(static file => file.Image).OfType<ImageReference>()];
        return new ConversationEntry.User(told.ToString(), images.Count > 0 ? images : null);
    }

    /// <summary>The item of a message, for people.</summary>
    /// <param name="source">See <see cref="Item.UserMessage.Source"/>.</param>
    internal static AgentEvent.ItemCompleted ItemOf(string id, string text, string source, IReadOnlyList<MessageAttachment>? attachments) =>
        new(new Item.UserMessage(id, text, source, attachments is { Count: > 0 } ? attachments : null));
}

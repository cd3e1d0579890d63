using CodexWeb.Data;

namespace CodexWeb.Tasks;

/// <summary>An image or file a person sent, or is about to send. Its bytes lie in the data folder under its id.</summary>
public sealed class Attachment
{
    /// <summary>Its id.</summary>
    public AttachmentId Id { get; init; }

    /// <summary>The task it belongs to; null until the message it was uploaded for is sent. One that is never sent is removed after a day.</summary>
    public TaskId? TaskId { get; set; }

    /// <summary>Who uploaded it, as shown.</summary>
    public string Author { get; init; } = "";

    /// <summary>As it was called: one path segment, without control characters, at most 120 characters. Unique within its task: a second one of a name gets a number.</summary>
    public string Name { get; set; } = "";

    /// <summary>By its content, not by what was claimed: <c>image/png</c>, …, <c>text/plain</c>, <c>application/octet-stream</c>.</summary>
    public string MediaType { get; init; } = "";

    /// <summary>Size in bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>Pixels; null when it is no image.</summary>
    public int? Width { get; init; }

    /// <summary>Pixels; null when it is no image.</summary>
    public int? Height { get; init; }

    /// <summary>When it came.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}

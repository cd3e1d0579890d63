using CodexWeb.Data;

namespace CodexWeb.Ui;

/// <summary>The files of a message as the browser has them.</summary>
/// <param name="Ids">Those that came to the server, in order.</param>
/// <param name="Problem">Why one did not, in a sentence; null when all did.</param>
public sealed record SentFiles(IReadOnlyList<AttachmentId> Ids, string? Problem)
{
    /// <summary>No files.</summary>
    public static SentFiles None { get; } = new([], Problem: null);
}

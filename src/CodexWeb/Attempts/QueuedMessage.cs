using CodexWeb.Data;

namespace CodexWeb.Attempts;

/// <summary>A message the person wrote while the attempt runs; it reaches the model at the next step. Until then it can be edited, moved and removed.</summary>
public sealed class QueuedMessage
{
    /// <summary>Unique.</summary>
    public Guid Id { get; init; }

    /// <summary>The attempt it is for.</summary>
    public AttemptId AttemptId { get; init; }

    /// <summary>Its place; lower goes first.</summary>
    public int Position { get; set; }

    /// <summary>Markdown, as typed.</summary>
    public string Text { get; set; } = "";

    /// <summary>Images and files sent along, in order.</summary>
    public List<Guid> Attachments { get; init; } = [];
}

namespace CodexWeb.Models.Demo;

/// <summary>One answer of the model: words, and the tools it asks for. Without any it is the final answer.</summary>
/// <param name="Say">Markdown for the person; may be empty when there are tools.</param>
/// <param name="Uses">Tool calls, made side by side.</param>
internal sealed record Step(string Say, params IReadOnlyList<ToolUse> Uses)
{
    /// <summary>The summary of the reasoning before it, or null.</summary>
    public string? Thought { get; init; }
}

namespace CodexWeb.Agent.Tools.Mcp;

/// <summary>An MCP server could not be started, called or understood.</summary>
/// <param name="message">A sentence for people and the model.</param>
/// <param name="said">The last it wrote to standard error; null for nothing.</param>
internal sealed class McpServerException(string message, string? said = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The last it wrote to standard error; null for nothing.</summary>
    public string? Said { get; } = said;
}

namespace CodexWeb.Agent.Tools.Mcp;

/// <summary>An MCP server whose tools a turn offers. Either <see cref="Command"/> or <see cref="Url"/> is set.</summary>
public sealed record McpServerSpec
{
    /// <summary>Unique among the turn's servers; the tools are named after it.</summary>
    public required string Name { get; init; }

    /// <summary>The program that is started inside the sandbox: looked up in PATH, or relative to the workspace. Null for a server with an address.</summary>
    public string? Command { get; init; }

    /// <summary>The program's arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Variables the program sees besides the sandbox's own. The agent can read them.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Where a server speaks streamable HTTP; null for a program.</summary>
    public Uri? Url { get; init; }

    /// <summary>Sent to <see cref="Url"/> and shown nowhere: what the server says of them is masked.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Names of the tools that are offered; empty for all.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];

    /// <summary>Why it cannot be used at all, a sentence; null when it can.</summary>
    public string? Problem { get; init; }

    /// <summary>How long it may take to start. Default 30 s.</summary>
    public TimeSpan StartTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one call may take. Default 300 s.</summary>
    public TimeSpan CallTime { get; init; } = TimeSpan.FromSeconds(300);
}

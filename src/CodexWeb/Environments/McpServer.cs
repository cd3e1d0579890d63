namespace CodexWeb.Environments;

/// <summary>An MCP server of an environment, as it is stored. Either <see cref="Command"/> or <see cref="Url"/> is set.</summary>
public sealed record McpServer
{
    /// <summary>Unique in the environment: 1 to 40 letters, digits, <c>-</c> and <c>_</c>. The tools are named after it.</summary>
    public required string Name { get; init; }

    /// <summary>False to keep it without offering it.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The program that is started inside the sandbox and speaks over its standard input and output; null for a server with an address.</summary>
    public string? Command { get; init; }

    /// <summary>The program's arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Variables the program sees. They lie in the sandbox, where the agent can read them.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The address of a server that speaks streamable HTTP; null for a program.</summary>
    public string? Url { get; init; }

    /// <summary>Headers sent to the address, each value encrypted. The agent never sees them.</summary>
    public IReadOnlyDictionary<string, string> EncryptedHeaders { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Tools that are offered; empty for all it has.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];

    /// <summary>Seconds it may take to start, 1 to 300. Default 30.</summary>
    public int StartSeconds { get; init; } = 30;

    /// <summary>Seconds one call may take, 1 to 3600. Default 300.</summary>
    public int CallSeconds { get; init; } = 300;
}

namespace CodexWeb.Environments;

/// <summary>An MCP server of an environment as it is shown. The values of its headers are never given out.</summary>
/// <param name="Command">Null for a server with an address.</param>
/// <param name="Url">Null for a program.</param>
/// <param name="Headers">Their names.</param>
/// <param name="Tools">Those that are offered; empty for all.</param>
public sealed record McpServerRow(
    string Name,
    bool Enabled,
    string? Command,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string> Variables,
    string? Url,
    IReadOnlyList<string> Headers,
    IReadOnlyList<string> Tools,
    int StartSeconds,
    int CallSeconds)
{
    internal static McpServerRow Of(McpServer server) => new(
        server.Name,
        server.Enabled,
        server.Command,
        server.Arguments,
        server.Variables,
        server.Url,
        [.. server.EncryptedHeaders.Keys.Order(StringComparer.OrdinalIgnoreCase)],
        server.Tools,
        server.StartSeconds,
        server.CallSeconds);

    /// <summary>The same as a change that changes nothing.</summary>
    public McpServerChange ToChange() => new()
    {
        Name = Name,
        Enabled = Enabled,
        Command = Command,
        Arguments = Arguments,
        Variables = Variables,
        Url = Url,
        Headers = Headers.ToDictionary(static name => name, static _ => (string?)null, StringComparer.OrdinalIgnoreCase),
        Tools = Tools,
        StartSeconds = StartSeconds,
        CallSeconds = CallSeconds,
    };
}

/// <summary>What somebody wants an MCP server to be. Either <see cref="Command"/> or <see cref="Url"/> is set.</summary>
public sealed record McpServerChange
{
    /// <summary>1 to 40 letters, digits, <c>-</c> and <c>_</c>; unique in the environment.</summary>
    public required string Name { get; init; }

    /// <summary>False to keep it without offering it.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>A program in the sandbox; null for a server with an address.</summary>
    public string? Command { get; init; }

    /// <summary>The program's arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Variables the program sees.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The address of a server that speaks streamable HTTP; null for a program.</summary>
    public string? Url { get; init; }

    /// <summary>Headers sent to the address. A null value keeps the stored one.</summary>
    public IReadOnlyDictionary<string, string?> Headers { get; init; } = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Tools that are offered; empty for all.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];

    /// <summary>Seconds it may take to start, 1 to 300.</summary>
    public int StartSeconds { get; init; } = 30;

    /// <summary>Seconds one call may take, 1 to 3600.</summary>
    public int CallSeconds { get; init; } = 300;
}

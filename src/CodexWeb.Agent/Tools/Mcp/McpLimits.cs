namespace CodexWeb.Agent.Tools.Mcp;

/// <summary>The most that is taken of what an MCP server says.</summary>
internal static class McpLimits
{
    /// <summary>Bytes of one message of a program, and of one answer over HTTP.</summary>
    public const int MessageBytes = 16 << 20;

    /// <summary>Tools of all servers of a turn together; providers refuse requests with more than about 128.</summary>
    public const int Tools = 100;

    /// <summary>Pages of one server's list of tools.</summary>
    public const int Pages = 20;

    /// <summary>Characters of a tool's description.</summary>
    public const int Description = 2_000;

    /// <summary>Characters of the JSON Schema of a tool's arguments.</summary>
    public const int Schema = 16_000;

    /// <summary>Images of one answer.</summary>
    public const int Images = 8;

    /// <summary>Bytes of an answer that the log shows.</summary>
    public const int ShownBytes = 64 << 10;

    /// <summary>Bytes of progress that one call may write into the log.</summary>
    public const int ProgressBytes = 16 << 10;

    /// <summary>Characters of a message that explains a failure.</summary>
    public const int Message = 1_000;

    /// <summary>Bytes of standard error that are kept to explain an end.</summary>
    public const int ErrorBytes = 8 << 10;
}

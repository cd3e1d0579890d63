namespace CodexWeb.Environments;

/// <summary>Settings of MCP servers.</summary>
public sealed class McpOptions
{
    /// <summary>The group's name.</summary>
    public const string Section = "Mcp";

    /// <summary>
    /// Host names or addresses of MCP servers that may lie on this machine or in its network, and may be spoken to without TLS. Default: none, so that an environment cannot be used to reach
    /// what only the server can.
    /// </summary>
    public List<string> AllowedPrivateHosts { get; set; } = [];
}

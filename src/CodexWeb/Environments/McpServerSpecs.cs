using CodexWeb.Agent.Sandboxes.Egress;
using CodexWeb.Agent.Tools.Mcp;

namespace CodexWeb.Environments;

/// <summary>Makes of an environment's stored MCP servers what the agent starts. The one place where their headers are opened.</summary>
public sealed class McpServerSpecs(McpSecrets secrets, EgressPolicy egress)
{
    /// <summary>What may be connected to.</summary>
    public EgressPolicy Egress => egress;

    /// <summary>Those that are offered, in their order.</summary>
    public IReadOnlyList<McpServerSpec> Of(CodexEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return [.. environment.McpServers.Where(static server => server.Enabled).Select(Of)];
    }

    /// <summary>One of them.</summary>
    public McpServerSpec Of(McpServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        var headers = server.EncryptedHeaders.ToDictionary(static header => header.Key, header => secrets.Open(header.Value), StringComparer.OrdinalIgnoreCase);
        return new McpServerSpec
        {
            Name = server.Name,
            Command = server.Command,
            Arguments = server.Arguments,
            Variables = server.Variables,
            Url = server.Url is null ? null : new Uri(server.Url),
            Headers = headers.Where(static header => header.Value is not null).ToDictionary(static header => header.Key, static header => header.Value!, StringComparer.OrdinalIgnoreCase),
            Problem = headers.ContainsValue(null) ? "Its headers cannot be opened: the folder keys in the data folder is not the one they were stored with. Enter them again in the environment." : null,
            Tools = server.Tools,
            StartTime = TimeSpan.FromSeconds(server.StartSeconds),
            CallTime = TimeSpan.FromSeconds(server.CallSeconds),
        };
    }
}

using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Sandboxes.Egress;

namespace CodexWeb.Agent.Tools.Mcp;

/// <summary>What came of trying an MCP server.</summary>
/// <param name="Listing">Its tools; none when it failed.</param>
/// <param name="Took">From the start to the list.</param>
/// <param name="Failure">Why it could not be had, in a sentence; null when it could.</param>
/// <param name="Said">The last it wrote to standard error before it failed; null for nothing.</param>
public sealed record McpProbeResult(McpListing Listing, TimeSpan Took, string? Failure = null, string? Said = null);

/// <summary>Tries an MCP server: starts it, asks for its tools, ends it.</summary>
public static class McpProbe
{
    /// <summary>Tries one. All its tools are listed, whichever are chosen.</summary>
    /// <param name="sandbox">Where a program is started; may be null for a server with an address.</param>
    public static async Task<McpProbeResult> RunAsync(McpServerSpec server, ISandbox? sandbox, EgressPolicy egress, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(server);
        var around = new McpSurroundings(sandbox, egress, static (_, _, _) => ValueTask.CompletedTask, time);
        await using var live = new McpServer(server with { Tools = [] }, around);
        var start = await live.StartAsync(cancellationToken);
        return new McpProbeResult(start.Listing, start.Took, start.Failure?.Message, start.Failure?.Said);
    }
}

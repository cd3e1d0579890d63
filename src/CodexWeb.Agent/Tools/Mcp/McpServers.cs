using System.Globalization;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Tools.Mcp;

/// <summary>The MCP servers of a turn: started when it begins, ended when it does. One that does not start costs its tools, not the turn.</summary>
internal sealed class McpServers : IAsyncDisposable
{
    private readonly AgentTurn _turn;
    private readonly TurnLog _log;
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<McpServer> _servers;

    /// <summary>Starts nothing yet.</summary>
    public McpServers(AgentTurn turn, TurnLog log, TimeProvider time)
    {
        (_turn, _log, _time) = (turn, log, time);
        var around = new McpSurroundings(turn.Sandbox, turn.Egress, ContactedAsync, time);
        // What is reviewed was written by others, and no person looks on: a review works with the sandbox alone.
        _servers = turn.Mode is AgentMode.Review ? [] : [.. turn.McpServers.Select(server => new McpServer(server, around))];
    }

    /// <summary>Starts them side by side, and says in the log what came of it.</summary>
    /// <returns>Their tools, always in the same order, so that requests begin alike.</returns>
    public async Task<IReadOnlyList<Tool>> StartAsync(CancellationToken cancellationToken)
    {
        var started = await Task.WhenAll(_servers.Select(server => server.StartAsync(cancellationToken)));
        var names = new HashSet<string>(StringComparer.Ordinal);
        var tools = new List<Tool>();
        var notices = new List<Item.Notice>();
        foreach (var (server, start) in _servers.Zip(started))
        {
            var offered = start.Listing.Tools.Take(McpLimits.Tools - tools.Count).ToList();
            tools.AddRange(offered.Select(tool => new McpTool(McpToolName.Of(server.Spec.Name, tool.Name, names), tool, server, _turn, _log, _time)));
            notices.Add(Notice(server.Spec.Name, start, offered.Count));
        }

        await _log.AppendAsync([.. notices.Select(static notice => new AgentEvent.ItemCompleted(notice))]);
        return tools;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await Task.WhenAll(_servers.Select(static server => server.DisposeAsync().AsTask()));

    private Item.Notice Notice(string server, McpStart start, int offered)
    {
        if (start.Failure is { } failure)
        {
            var said = failure.Said is null ? null : OutsideText.Quote($"standard error of the MCP server {server}", failure.Said);
            return new Item.Notice(_log.Ids.Next(), "mcp", $"The MCP server {server} could not be started, and the turn goes on without its tools. {failure.Message}", Detail: said);
        }

        var left = start.Listing.Tools.Count - offered;
        IReadOnlyList<string> problems = left == 0 ? start.Listing.Problems : [.. start.Listing.Problems, string.Create(CultureInfo.InvariantCulture, $"{left} tools are left out: all servers together may offer {McpLimits.Tools}.")];
        var text = string.Create(CultureInfo.InvariantCulture, $"The MCP server {server} offers {offered} {(offered == 1 ? "tool" : "tools")}, started in {start.Took.TotalSeconds:0.0} s.");
        return problems.Count == 0
            ? new Item.Notice(_log.Ids.Next(), "mcp", text)
            : new Item.Notice(_log.Ids.Next(), "mcp", $"{text} Not everything could be offered.", Detail: string.Join('\n', problems.Select(static problem => $"- {problem}")));
    }

    private ValueTask ContactedAsync(string server, Sandboxes.Egress.EgressAttempt attempt, CancellationToken cancellationToken) =>
        _log.AppendAsync(new AgentEvent.HostContacted(attempt.Host, attempt.Port, attempt.Allowed, $"mcp:{server}"));
}

using System.Text.Json.Nodes;

namespace CodexWeb.Agent.Tools.Mcp;

/// <summary>What came of a server's start.</summary>
/// <param name="Listing">Its tools; none when it failed.</param>
/// <param name="Failure">Why it could not be started; null when it was.</param>
internal sealed record McpStart(McpListing Listing, TimeSpan Took, McpServerException? Failure = null);

/// <summary>One MCP server through a turn. When it has ended it is started again once, at the next call.</summary>
internal sealed class McpServer(McpServerSpec spec, McpSurroundings around) : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1, 1);
    private McpConnection? _connection;
    private bool _startedAgain;

    /// <summary>What it was made of.</summary>
    public McpServerSpec Spec => spec;

    /// <summary>Starts it and asks for its tools.</summary>
    public async Task<McpStart> StartAsync(CancellationToken cancellationToken)
    {
        var began = around.Time.GetTimestamp();
        try
        {
            _connection = await McpConnection.OpenAsync(spec, around, cancellationToken);
            return new McpStart(await _connection.ListToolsAsync(cancellationToken), around.Time.GetElapsedTime(began));
        }
        catch (McpServerException failure)
        {
            await EndAsync();
            return new McpStart(new McpListing([], []), around.Time.GetElapsedTime(began), failure);
        }
    }

    /// <summary>Calls one of its tools.</summary>
    /// <exception cref="McpServerException">It ended, did not answer in time, or refused.</exception>
    public async Task<McpAnswer> CallAsync(string tool, JsonObject arguments, string token, Action<string> progress, CancellationToken cancellationToken) =>
        await (await LiveAsync(cancellationToken)).CallAsync(tool, arguments, token, progress, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _starting.Dispose();
    }

    private async Task<McpConnection> LiveAsync(CancellationToken cancellationToken)
    {
        await _starting.WaitAsync(cancellationToken);
        try
        {
            if (_connection is { Ended: false } live)
            {
                return live;
            }

            if (_startedAgain)
            {
                throw new McpServerException("It has ended twice in this turn and is not started again.");
            }

            _startedAgain = true;
            await EndAsync();
            return _connection = await McpConnection.OpenAsync(spec, around, cancellationToken);
        }
        finally
        {
            _starting.Release();
        }
    }

    private async Task EndAsync()
    {
        if (Interlocked.Exchange(ref _connection, null) is { } connection)
        {
            await connection.DisposeAsync();
        }
    }
}

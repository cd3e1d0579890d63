using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Sandboxes.Egress;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace CodexWeb.Agent.Tools.Mcp;

/// <summary>What MCP servers are connected to with.</summary>
/// <param name="Sandbox">Where programs are started; null when there is none, which is enough for servers with an address.</param>
/// <param name="Egress">What may be connected to.</param>
/// <param name="Contacted">Told of each connection, with the server's name.</param>
internal sealed record McpSurroundings(ISandbox? Sandbox, EgressPolicy Egress, Func<string, EgressAttempt, CancellationToken, ValueTask> Contacted, TimeProvider Time);

/// <summary>A connection to one MCP server. Requests go out and answers come back as JSON, not as the SDK's records: those refuse a whole list for one odd entry.</summary>
internal sealed class McpConnection : IAsyncDisposable
{
    private static readonly TimeSpan EndTime = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan LongestProbe = TimeSpan.FromSeconds(5);

    private readonly McpServerSpec _server;
    private readonly McpClient _client;
    private readonly SandboxedServer? _program;
    private readonly HttpClientTransport? _requests;
    private readonly SecretMask _mask;
    private readonly TimeProvider _time;
    private readonly IAsyncDisposable _progressing;
    private readonly ConcurrentDictionary<string, Action<string>> _progress = new(StringComparer.Ordinal);

    private McpConnection(McpServerSpec server, McpClient client, SandboxedServer? program, HttpClientTransport? requests, SecretMask mask, TimeProvider time)
    {
        (_server, _client, _program, _requests, _mask, _time) = (server, client, program, requests, mask, time);
        _progressing = client.RegisterNotificationHandler(NotificationMethods.ProgressNotification, TakeProgress);
    }

    /// <summary>True when the server has ended.</summary>
    public bool Ended => _program?.Ended == true || _client.Completion.IsCompleted;

    /// <summary>Connects to a server.</summary>
    /// <exception cref="McpServerException">It could not be started or reached within its time.</exception>
    public static async Task<McpConnection> OpenAsync(McpServerSpec server, McpSurroundings around, CancellationToken cancellationToken)
    {
        if (server.Problem is { } problem)
        {
            throw new McpServerException(problem);
        }

        var mask = new SecretMask(server.Headers.Values);
        using var patience = new CancellationTokenSource(server.StartTime, around.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        var requests = server.Url is null ? null : Http(server, around);
        SandboxedServer? program = null;
        try
        {
            program = requests is null ? await StartAsync(server, around, either.Token) : null;
            IClientTransport transport = program is null ? requests! : new StreamClientTransport(program.Input, program.Output);
            var client = await McpClient.CreateAsync(transport, Options(server, around.Time), loggerFactory: null, either.Token);
            var connection = new McpConnection(server, client, program, requests, mask, around.Time);
            (program, requests) = (null, null);
            return connection;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw await ExplainAsync(exception, Late(server.StartTime), program, mask);
        }
        finally
        {
            if (program is not null)
            {
                await program.DisposeAsync();
            }

            if (requests is not null)
            {
                await requests.DisposeAsync();
            }
        }
    }

    /// <summary>Asks for the tools, in the order of their names.</summary>
    /// <exception cref="McpServerException">It did not answer, or not with a list.</exception>
    public async Task<McpListing> ListToolsAsync(CancellationToken cancellationToken)
    {
        var reading = new McpListingReader(_server, _mask);
        string? cursor = null;
        for (var page = 0; page < McpLimits.Pages; page++)
        {
            var result = await AskAsync(RequestMethods.ToolsList, cursor is null ? [] : new JsonObject { ["cursor"] = cursor }, _server.StartTime, cancellationToken);
            cursor = reading.Take(result);
            if (cursor is null)
            {
                break;
            }
        }

        return reading.Listing();
    }

    /// <summary>Calls a tool.</summary>
    /// <param name="token">Unique among the calls of this connection.</param>
    /// <param name="progress">Told what the tool says of its progress, from any thread.</param>
    /// <exception cref="McpServerException">The server ended, did not answer in time, or refused.</exception>
    public async Task<McpAnswer> CallAsync(string tool, JsonObject arguments, string token, Action<string> progress, CancellationToken cancellationToken)
    {
        _progress[token] = progress;
        try
        {
            var call = new JsonObject { ["name"] = tool, ["arguments"] = arguments, ["_meta"] = new JsonObject { ["progressToken"] = token } };
            var answer = McpAnswer.Read(await AskAsync(RequestMethods.ToolsCall, call, _server.CallTime, cancellationToken));
            return answer with { Text = _mask.Hide(answer.Text) };
        }
        finally
        {
            _progress.TryRemove(token, out _);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // A server that does not answer the goodbye is left; what it holds goes with its program or its connections.
        var end = EndAsync();
        await Task.WhenAny(end, Task.Delay(EndTime, _time));
        if (_program is not null)
        {
            await _program.DisposeAsync();
        }

        if (_requests is not null)
        {
            await _requests.DisposeAsync();
        }
    }

    private async Task EndAsync()
    {
        try
        {
            await _progressing.DisposeAsync();
            await _client.DisposeAsync();
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or OperationCanceledException or ObjectDisposedException or ModelContextProtocol.McpException)
        {
            // It was gone already.
        }
    }

    private async Task<JsonNode?> AskAsync(string method, JsonObject parameters, TimeSpan time, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(time, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        var request = new JsonRpcRequest { Method = method, Params = parameters };
        try
        {
            return (await _client.SendRequestAsync(request, either.Token)).Result;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw await ExplainAsync(exception, Late(time), _program, _mask);
        }
    }

    private ValueTask TakeProgress(JsonRpcNotification notification, CancellationToken cancellationToken)
    {
        if (notification.Params is JsonObject fields && McpJson.Text(fields, "progressToken") is { } token && _progress.TryGetValue(token, out var progress))
        {
            var words = McpJson.Text(fields, "message") ?? string.Join(" of ", ((JsonNode?[])[fields["progress"], fields["total"]]).OfType<JsonValue>().Select(static number => number.ToJsonString()));
            progress(McpProblems.Quote(words, _mask));
        }

        return ValueTask.CompletedTask;
    }

    private static async Task<SandboxedServer> StartAsync(McpServerSpec server, McpSurroundings around, CancellationToken cancellationToken) =>
        await SandboxedServer.StartAsync(around.Sandbox ?? throw new SandboxException("There is no sandbox to start it in."), server, around.Time, cancellationToken);

    private static HttpClientTransport Http(McpServerSpec server, McpSurroundings around)
    {
        var requests = new HttpClient(around.Egress.Open(server.Url!, McpLimits.MessageBytes, (attempt, cancellationToken) => around.Contacted(server.Name, attempt, cancellationToken)))
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        var options = new HttpClientTransportOptions
        {
            Endpoint = server.Url!,
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = new Dictionary<string, string>(server.Headers, StringComparer.OrdinalIgnoreCase),
            ConnectionTimeout = server.StartTime,
            EnableStandaloneGetStream = false,
        };
        return new HttpClientTransport(options, requests, loggerFactory: null, ownsHttpClient: true);
    }

    private static McpClientOptions Options(McpServerSpec server, TimeProvider time) => new()
    {
        ClientInfo = new Implementation { Name = "CodexWeb", Version = typeof(McpConnection).Assembly.GetName().Version?.ToString(3) ?? "1" },
        InitializationTimeout = server.StartTime,
        // A server of an older revision may keep silent at the first question; there must be time left for the second.
        DiscoverProbeTimeout = server.StartTime / 3 < LongestProbe ? server.StartTime / 3 : LongestProbe,
        TimeProvider = time,
    };

    /// <summary>What went wrong. The SDK lets out whatever a broken server provokes in it, so any exception may come here.</summary>
    private static async Task<McpServerException> ExplainAsync(Exception exception, string late, SandboxedServer? program, SecretMask mask)
    {
        var timedOut = exception is OperationCanceledException or TimeoutException;
        var (end, said) = program is null ? (null, "") : await program.LastWordsAsync(timedOut ? TimeSpan.Zero : EndTime);
        var message = end ?? (timedOut ? late : McpProblems.Sentence(exception, mask));
        return new McpServerException(message, said.Length == 0 ? null : said, exception);
    }

    private static string Late(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"It did not answer within {time.TotalSeconds:0.#} s.");
}

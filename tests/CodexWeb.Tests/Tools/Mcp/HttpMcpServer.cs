using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace CodexWeb.Tests.Tools.Mcp;

/// <summary>An MCP server on loopback that speaks streamable HTTP, made of the SDK's own server; and addresses beside it where something else answers.</summary>
internal sealed class HttpMcpServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _requests;

    private HttpMcpServer(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public Uri Url => new(Address, "/mcp");

    /// <summary>Requests that came, wherever to.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public static async Task<HttpMcpServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var server = new HttpMcpServer(app);
        app.Use(async (http, next) =>
        {
            Interlocked.Increment(ref server._requests);
            await next(http);
        });
        app.MapPost("/mcp", AnswerAsync);
        app.MapPost("/moved", () => Results.Redirect("/mcp", permanent: true, preserveMethod: true));
        app.MapPost("/closed", static () => Results.Text("who are you?", statusCode: StatusCodes.Status401Unauthorized));
        app.MapPost("/page", static () => Results.Text("<h1>Hello</h1>", "text/html"));
        app.MapPost("/endless", EndlessAsync);
        await app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task AnswerAsync(HttpContext http, CancellationToken cancellationToken)
    {
        var message = await http.Request.ReadFromJsonAsync<JsonRpcMessage>(McpJsonUtilities.DefaultOptions, cancellationToken);
        var secret = http.Request.Headers.Authorization.ToString();
        var tools = new McpServerPrimitiveCollection<McpServerTool>
        {
            McpServerTool.Create((string text) => $"you said {text}", new McpServerToolCreateOptions { Name = "echo", Description = $"Says it. Called by {secret}." }),
            McpServerTool.Create(() => $"you are {secret}", new McpServerToolCreateOptions { Name = "who" }),
            McpServerTool.Create(WaitAsync, new McpServerToolCreateOptions { Name = "wait" }),
        };
        await using var transport = new StreamableHttpServerTransport { Stateless = true };
        await using var server = McpServer.Create(transport, new McpServerOptions { ServerInfo = new Implementation { Name = "remote", Version = "1" }, ToolCollection = tools }, serviceProvider: http.RequestServices);
        _ = server.RunAsync(cancellationToken);
        http.Response.ContentType = "text/event-stream";
        if (!await transport.HandlePostRequestAsync(message!, http.Response.Body, cancellationToken))
        {
            http.Response.Headers.ContentType = default;
            http.Response.StatusCode = StatusCodes.Status202Accepted;
        }
    }

    private static async Task<string> WaitAsync(IProgress<ProgressNotificationValue> progress, CancellationToken cancellationToken)
    {
        progress.Report(new ProgressNotificationValue { Progress = 1, Total = 3 });
        await Task.Delay(Timeout.Infinite, cancellationToken);
        return "";
    }

    private static async Task EndlessAsync(HttpContext http, CancellationToken cancellationToken)
    {
        http.Response.ContentType = "text/event-stream";
        var line = new byte[1 << 20];
        Array.Fill(line, (byte)'x');
        await http.Response.Body.WriteAsync("data: "u8.ToArray(), cancellationToken);
        for (var sent = 0; sent < 64; sent++)
        {
            await http.Response.Body.WriteAsync(line, cancellationToken);
        }
    }
}

using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CodexWeb.Tests.Models;

/// <summary>A model server on the loopback, of both protocols: real HTTP, real server-sent events, answers given in advance. Keeps every request as it came.</summary>
internal sealed class ResponsesServer : IAsyncDisposable
{
    private readonly ConcurrentQueue<Reply> _replies = new();
    private readonly List<string> _bodies = [];
    private readonly WebApplication _app;

    private ResponsesServer(WebApplication app) => _app = app;

    /// <summary>With the version, as a provider's address has it.</summary>
    public Uri BaseUrl => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/v1");

    /// <summary>The bodies of the requests so far.</summary>
    public IReadOnlyList<string> Bodies
    {
        get
        {
            lock (_bodies)
            {
                return [.. _bodies];
            }
        }
    }

    /// <summary>The headers of the last request.</summary>
    public IReadOnlyDictionary<string, string> LastHeaders { get; private set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public static async Task<ResponsesServer> StartAsync(params IReadOnlyList<Reply> replies)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Limits.MaxRequestBodySize = null);
        var app = builder.Build();
        var server = new ResponsesServer(app);
        server.Then(replies);
        app.MapPost("/v1/responses", server.AnswerAsync);
        app.MapPost("/v1/chat/completions", server.AnswerAsync);
        app.MapGet("/v1/models", context => (server.ModelList ?? Reply.Raw("{}", 404, "application/json")).WriteAsync(context));
        await app.StartAsync();
        return server;
    }

    /// <summary>Tokens of a request, 4 bytes each.</summary>
    public static int TokensOf(HttpContext request) => BodyOf(request).Length / 4;

    /// <summary>The body of a request.</summary>
    public static string BodyOf(HttpContext request) => (string)request.Items[nameof(BodyOf)]!;

    /// <summary>Adds answers for the requests to come.</summary>
    public void Then(params IReadOnlyList<Reply> replies)
    {
        foreach (var reply in replies)
        {
            _replies.Enqueue(reply);
        }
    }

    /// <summary>The answer to who asks for the list of models; null for a server that has none.</summary>
    public Reply? ModelList { get; set; }

    /// <summary>Answers not given yet.</summary>
    public int Remaining => _replies.Count;

    /// <summary>Leaves the next answer out.</summary>
    public void Skip() => _replies.TryDequeue(out _);

    /// <summary>The input items of a request.</summary>
    public JsonArray InputOf(int request) => JsonNode.Parse(Bodies[request])!["input"]!.AsArray();

    /// <summary>The messages of a request of Chat Completions.</summary>
    public JsonArray MessagesOf(int request) => JsonNode.Parse(Bodies[request])!["messages"]!.AsArray();

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        LastHeaders = context.Request.Headers.ToDictionary(static header => header.Key, static header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        context.Items[nameof(BodyOf)] = body;
        lock (_bodies)
        {
            _bodies.Add(body);
        }

        if (!_replies.TryDequeue(out var reply))
        {
            reply = Reply.Error(400, "script_ended", "The script of this server has ended.");
        }

        try
        {
            await reply.WriteAsync(context);
        }
        catch (Exception exception) when (context.RequestAborted.IsCancellationRequested && exception is OperationCanceledException or IOException)
        {
            // The client went away, as it may.
        }
    }
}

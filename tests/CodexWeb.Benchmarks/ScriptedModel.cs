using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CodexWeb.Benchmarks;

/// <summary>A Responses server on the loopback that gives prepared answers in order and notes when each request came and was answered.</summary>
internal sealed class ScriptedModel : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _answers = new();
    private readonly ConcurrentQueue<ModelCall> _calls = new();
    private readonly WebApplication _app;

    private ScriptedModel(WebApplication app) => _app = app;

    /// <summary>How long it waits before each answer. Default: not at all.</summary>
    internal TimeSpan Thinks { get; set; }

    /// <summary>What a server has to be started with to ask this model.</summary>
    internal IReadOnlyDictionary<string, string> ServerEnvironment => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["OPENAI_API_KEY"] = "none",
        ["OPENAI_BASE_URL"] = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/v1",
    };

    internal static async Task<ScriptedModel> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Limits.MaxRequestBodySize = null);
        var app = builder.Build();
        var model = new ScriptedModel(app);
        app.MapPost("/v1/responses", model.AnswerAsync);
        await app.StartAsync();
        return model;
    }

    /// <summary>Prepares the answer to the next request that has none: one item, as the protocol has it.</summary>
    internal void Then(JsonObject item) => _answers.Enqueue(Stream(item));

    /// <summary>The requests since the last call of this, all answered.</summary>
    internal IReadOnlyList<ModelCall> TakeCalls()
    {
        if (!_answers.IsEmpty)
        {
            throw new InvalidOperationException($"{_answers.Count} prepared answers were not asked for.");
        }

        List<ModelCall> calls = [.. _calls];
        _calls.Clear();
        return calls;
    }

    internal static JsonObject Message(string text) => new()
    {
        ["id"] = "msg_1",
        ["type"] = "message",
        ["status"] = "completed",
        ["role"] = "assistant",
        ["content"] = new JsonArray(new JsonObject { ["type"] = "output_text", ["text"] = text, ["annotations"] = new JsonArray(), ["logprobs"] = new JsonArray() }),
    };

    internal static JsonObject Function(string callId, string name, JsonObject arguments) => new()
    {
        ["id"] = $"fc_{callId}",
        ["type"] = "function_call",
        ["status"] = "completed",
        ["call_id"] = callId,
        ["name"] = name,
        ["arguments"] = arguments.ToJsonString(),
    };

    internal static JsonObject Custom(string callId, string name, string input) => new()
    {
        ["id"] = $"ctc_{callId}",
        ["type"] = "custom_tool_call",
        ["status"] = "completed",
        ["call_id"] = callId,
        ["name"] = name,
        ["input"] = input,
    };

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var arrived = Stopwatch.GetTimestamp();
        await context.Request.Body.CopyToAsync(System.IO.Stream.Null, context.RequestAborted);
        if (!_answers.TryDequeue(out var answer))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync("""{"error":{"message":"The script has ended.","type":"script_ended","code":"script_ended"}}""", context.RequestAborted);
            return;
        }

        if (Thinks > TimeSpan.Zero)
        {
            await Task.Delay(Thinks, context.RequestAborted);
        }

        context.Response.ContentType = "text/event-stream; charset=utf-8";
        await context.Response.WriteAsync(answer, context.RequestAborted);
        await context.Response.CompleteAsync();
        _calls.Enqueue(new ModelCall(arrived, Stopwatch.GetTimestamp()));
    }

    private static string Stream(JsonObject item)
    {
        var added = item.DeepClone().AsObject();
        added["status"] = "in_progress";
        List<JsonObject> events =
        [
            new() { ["type"] = "response.created", ["response"] = Response("in_progress", []) },
            new() { ["type"] = "response.output_item.added", ["output_index"] = 0, ["item"] = added },
            new() { ["type"] = "response.output_item.done", ["output_index"] = 0, ["item"] = item.DeepClone() },
            new() { ["type"] = "response.completed", ["response"] = Response("completed", [item]) },
        ];
        var text = new StringBuilder();
        foreach (var (number, json) in events.Index())
        {
            json["sequence_number"] = number;
            text.Append(CultureInfo.InvariantCulture, $"event: {json["type"]}\ndata: {json.ToJsonString()}\n\n");
        }

        return text.ToString();
    }

    private static JsonObject Response(string status, JsonArray output) => new()
    {
        ["id"] = "resp_1",
        ["object"] = "response",
        ["created_at"] = 1_750_000_000,
        ["status"] = status,
        ["model"] = "scripted",
        ["output"] = output,
        ["parallel_tool_calls"] = true,
        ["tool_choice"] = "auto",
        ["tools"] = new JsonArray(),
        ["usage"] = new JsonObject
        {
            ["input_tokens"] = 1000,
            ["input_tokens_details"] = new JsonObject { ["cached_tokens"] = 800 },
            ["output_tokens"] = 50,
            ["output_tokens_details"] = new JsonObject { ["reasoning_tokens"] = 0 },
            ["total_tokens"] = 1050,
        },
    };
}

/// <summary>One request to the model, by <see cref="Stopwatch"/> timestamps.</summary>
/// <param name="Arrived">When its head was there.</param>
/// <param name="Answered">When the last byte of the answer was written.</param>
internal sealed record ModelCall(long Arrived, long Answered)
{
    internal double Milliseconds => Stopwatch.GetElapsedTime(Arrived, Answered).TotalMilliseconds;
}

using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace CodexWeb.Tests.Models;

/// <summary>One item of an answer, as the Responses API has it, with the events that stream it.</summary>
internal sealed record OutputItem(JsonObject Done, IReadOnlyList<JsonObject> Events)
{
    public static OutputItem Message(string text)
    {
        var id = Id("msg");
        var events = new List<JsonObject>
        {
            Event("response.content_part.added", ("item_id", id), ("content_index", 0), ("part", Part(""))),
        };
        events.AddRange(Pieces(text).Select(piece => Event("response.output_text.delta", ("item_id", id), ("content_index", 0), ("delta", piece), ("logprobs", new JsonArray()))));
        events.Add(Event("response.output_text.done", ("item_id", id), ("content_index", 0), ("text", text), ("logprobs", new JsonArray())));
        events.Add(Event("response.content_part.done", ("item_id", id), ("content_index", 0), ("part", Part(text))));
        return new OutputItem(
            new JsonObject { ["id"] = id, ["type"] = "message", ["status"] = "completed", ["role"] = "assistant", ["content"] = new JsonArray(Part(text)) }, events);
    }

    public static OutputItem Reasoning(string summary, string? encrypted = "c2VjcmV0")
    {
        var id = Id("rs");
        var events = new List<JsonObject>
        {
            Event("response.reasoning_summary_part.added", ("item_id", id), ("summary_index", 0), ("part", Summary(""))),
        };
        events.AddRange(Pieces(summary).Select(piece => Event("response.reasoning_summary_text.delta", ("item_id", id), ("summary_index", 0), ("delta", piece))));
        events.Add(Event("response.reasoning_summary_text.done", ("item_id", id), ("summary_index", 0), ("text", summary)));
        events.Add(Event("response.reasoning_summary_part.done", ("item_id", id), ("summary_index", 0), ("part", Summary(summary))));
        return new OutputItem(
            new JsonObject { ["id"] = id, ["type"] = "reasoning", ["summary"] = new JsonArray(Summary(summary)), ["encrypted_content"] = encrypted, ["status"] = "completed" }, events);
    }

    public static OutputItem Function(string callId, string name, string arguments)
    {
        var id = Id("fc");
        var events = Pieces(arguments).Select(piece => Event("response.function_call_arguments.delta", ("item_id", id), ("delta", piece))).ToList();
        events.Add(Event("response.function_call_arguments.done", ("item_id", id), ("arguments", arguments)));
        return new OutputItem(
            new JsonObject { ["id"] = id, ["type"] = "function_call", ["status"] = "completed", ["call_id"] = callId, ["name"] = name, ["arguments"] = arguments }, events);
    }

    public static OutputItem Exec(string callId, string command, params (string Name, JsonNode Value)[] more)
    {
        var arguments = new JsonObject { ["cmd"] = command };
        foreach (var (name, value) in more)
        {
            arguments[name] = value;
        }

        return Function(callId, "exec_command", arguments.ToJsonString());
    }

    public static OutputItem Custom(string callId, string name, string input)
    {
        var id = Id("ctc");
        var events = Pieces(input).Select(piece => Event("response.custom_tool_call_input.delta", ("item_id", id), ("delta", piece))).ToList();
        events.Add(Event("response.custom_tool_call_input.done", ("item_id", id), ("input", input)));
        return new OutputItem(new JsonObject { ["id"] = id, ["type"] = "custom_tool_call", ["status"] = "completed", ["call_id"] = callId, ["name"] = name, ["input"] = input }, events);
    }

    public static JsonObject Event(string type, params (string Name, JsonNode? Value)[] fields)
    {
        var json = new JsonObject { ["type"] = type };
        foreach (var (name, value) in fields)
        {
            json[name] = value;
        }

        return json;
    }

    private static string Id(string prefix) => $"{prefix}_{Guid.NewGuid():N}";

    private static JsonObject Part(string text) => new() { ["type"] = "output_text", ["text"] = text, ["annotations"] = new JsonArray(), ["logprobs"] = new JsonArray() };

    private static JsonObject Summary(string text) => new() { ["type"] = "summary_text", ["text"] = text };

    private static IEnumerable<string> Pieces(string text) => text.Chunk(7).Select(static piece => new string(piece));
}

/// <summary>What the server does with one request.</summary>
internal sealed class Reply(Func<HttpContext, Task> write)
{
    public static Reply Answer(params IReadOnlyList<OutputItem> items) => Stream(items, "response.completed", "completed");

    /// <summary>An answer that counts its request: 4 bytes are a token.</summary>
    public static Reply Counted(params IReadOnlyList<OutputItem> items) => new(context =>
        SendAsync(context, Events(items).Append(OutputItem.Event("response.completed", ("response", Response("completed", items, null, null, ResponsesServer.TokensOf(context)))))));

    /// <summary>An answer that is held back until the gate opens.</summary>
    public static Reply AnswerAfter(Task gate, params IReadOnlyList<OutputItem> items) => new(async context =>
    {
        await gate.WaitAsync(context.RequestAborted);
        await Answer(items).WriteAsync(context);
    });

    /// <summary>An answer that the provider cut.</summary>
    public static Reply Incomplete(string reason, params IReadOnlyList<OutputItem> items) =>
        Stream(items, "response.incomplete", "incomplete", incomplete: new JsonObject { ["reason"] = reason });

    /// <summary>An answer that ends with <c>response.failed</c>.</summary>
    public static Reply Failed(string code, string message, params IReadOnlyList<OutputItem> items) =>
        Stream(items, "response.failed", "failed", error: new JsonObject { ["code"] = code, ["message"] = message });

    /// <summary>The connection is closed after so many events.</summary>
    public static Reply Dropped(int afterEvents, params IReadOnlyList<OutputItem> items) => new(async context =>
    {
        await SendAsync(context, Events(items).Take(afterEvents));
        context.Abort();
    });

    /// <summary>The stream ends politely, but without its last event.</summary>
    public static Reply Unfinished(params IReadOnlyList<OutputItem> items) => new(context => SendAsync(context, Events(items)));

    /// <summary>So many events, then silence until the client goes away.</summary>
    public static Reply Hang(int afterEvents, TaskCompletionSource? silent, params IReadOnlyList<OutputItem> items) => new(async context =>
    {
        if (afterEvents > 0)
        {
            await SendAsync(context, Events(items).Take(afterEvents));
        }

        silent?.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
    });

    public static Reply Error(int status, string code, string message, params (string Name, string Value)[] headers) => new(context =>
    {
        context.Response.StatusCode = status;
        foreach (var (name, value) in headers)
        {
            context.Response.Headers[name] = value;
        }

        return context.Response.WriteAsJsonAsync(new { error = new { message, type = code, code, param = (string?)null } });
    });

    /// <summary>Any bytes as an event stream.</summary>
    public static Reply Raw(string body, int status = 200, string contentType = "text/event-stream") => new(context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        return context.Response.WriteAsync(body);
    });

    public Task WriteAsync(HttpContext context) => write(context);

    private static Reply Stream(IReadOnlyList<OutputItem> items, string last, string status, JsonObject? incomplete = null, JsonObject? error = null) => new(context =>
        SendAsync(context, Events(items).Append(OutputItem.Event(last, ("response", Response(status, items, incomplete, error))))));

    private static IEnumerable<JsonObject> Events(IReadOnlyList<OutputItem> items)
    {
        yield return OutputItem.Event("response.created", ("response", Response("in_progress", [], null, null)));
        yield return OutputItem.Event("response.in_progress", ("response", Response("in_progress", [], null, null)));
        for (var index = 0; index < items.Count; index++)
        {
            var added = items[index].Done.DeepClone().AsObject();
            added["status"] = "in_progress";
            yield return OutputItem.Event("response.output_item.added", ("output_index", index), ("item", added));
            foreach (var part in items[index].Events)
            {
                var numbered = part.DeepClone().AsObject();
                numbered["output_index"] = index;
                yield return numbered;
            }

            yield return OutputItem.Event("response.output_item.done", ("output_index", index), ("item", items[index].Done.DeepClone()));
        }
    }

    private static JsonObject Response(string status, IReadOnlyList<OutputItem> items, JsonObject? incomplete, JsonObject? error, int input = 1000) => new()
    {
        ["id"] = "resp_1",
        ["object"] = "response",
        ["created_at"] = 1_750_000_000,
        ["status"] = status,
        ["model"] = "test-model",
        ["output"] = new JsonArray([.. items.Select(static item => item.Done.DeepClone())]),
        ["incomplete_details"] = incomplete,
        ["error"] = error,
        ["parallel_tool_calls"] = true,
        ["tool_choice"] = "auto",
        ["tools"] = new JsonArray(),
        ["usage"] = status == "in_progress" ? null : new JsonObject
        {
            ["input_tokens"] = input,
            ["input_tokens_details"] = new JsonObject { ["cached_tokens"] = input * 8 / 10 },
            ["output_tokens"] = 50,
            ["output_tokens_details"] = new JsonObject { ["reasoning_tokens"] = 20 },
            ["total_tokens"] = input + 50,
        },
    };

    private static async Task SendAsync(HttpContext context, IEnumerable<JsonObject> events)
    {
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        var number = 0;
        foreach (var json in events)
        {
            json["sequence_number"] = number++;
            await context.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"event: {json["type"]}\ndata: {json.ToJsonString()}\n\n"), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }
}

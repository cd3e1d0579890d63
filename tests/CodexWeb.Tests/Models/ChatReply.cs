using System.Text.Json.Nodes;

namespace CodexWeb.Tests.Models;

/// <summary>What a server of Chat Completions answers: well-behaved, or chunk by chunk as it is told.</summary>
internal static class ChatReply
{
    public const string Done = "[DONE]";

    /// <summary>An answer as OpenAI streams it.</summary>
    public static Reply Answer(string? text = null, params IReadOnlyList<(string Id, string Name, string Arguments)> calls) => Stream(
    [
        .. Beginning(text, calls),
        Finish(calls.Count > 0 ? "tool_calls" : "stop"),
        Usage(),
        Done,
    ]);

    /// <summary>The same answer, whose connection is closed after so many chunks.</summary>
    public static Reply Dropped(int after, string? text = null, params IReadOnlyList<(string Id, string Name, string Arguments)> calls) => new(async context =>
    {
        context.Response.ContentType = "text/event-stream";
        foreach (var chunk in Beginning(text, calls).Take(after))
        {
            await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, $"data: {chunk}\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }

        context.Abort();
    });

    /// <summary>Chunks, each one event.</summary>
    public static Reply Stream(params IReadOnlyList<string> chunks) => Reply.Raw(string.Concat(chunks.Select(static chunk => $"data: {chunk}\n\n")));

    /// <summary>A chunk with a delta of these fields.</summary>
    public static string Delta(string fields) => $$$"""{"id":"c1","object":"chat.completion.chunk","created":1750000000,"model":"test-model","choices":[{"index":0,"delta":{{{{fields}}}},"finish_reason":null}]}""";

    public static string Text(string text) => Delta($"\"content\":{Quote(text)}");

    public static string Call(int? index, string? id, string? name, string arguments) => Delta(
        $$$"""
        "tool_calls":[{{{{(index is null ? "" : $"\"index\":{index},")}}}{{{(id is null ? "" : $"\"id\":{Quote(id)},")}}}"type":"function","function":{{{{(name is null ? "" : $"\"name\":{Quote(name)},")}}}"arguments":{{{Quote(arguments)}}}}}]
        """);

    public static string Finish(string reason) => $$$"""{"choices":[{"index":0,"delta":{},"finish_reason":"{{{reason}}}"}]}""";

    public static string Usage() =>
        """{"choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":50,"prompt_tokens_details":{"cached_tokens":800},"completion_tokens_details":{"reasoning_tokens":20}}}""";

    public static string Quote(string text) => JsonValue.Create(text).ToJsonString();

    private static IEnumerable<string> Beginning(string? text, IReadOnlyList<(string Id, string Name, string Arguments)> calls)
    {
        yield return Delta("\"role\":\"assistant\",\"content\":\"\"");
        foreach (var piece in (text ?? "").Chunk(7))
        {
            yield return Text(new string(piece));
        }

        for (var index = 0; index < calls.Count; index++)
        {
            yield return Call(index, calls[index].Id, calls[index].Name, "");
            foreach (var piece in calls[index].Arguments.Chunk(7))
            {
                yield return Call(index, null, null, new string(piece));
            }
        }
    }
}

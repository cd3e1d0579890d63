using System.Text.Json.Nodes;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http;
using static CodexWeb.Tests.Models.ChatClientRig;

namespace CodexWeb.Tests.Models;

public sealed class ChatModelClientTests
{
    [Fact]
    public async Task An_answer_streams_its_text_and_its_calls_and_ends_with_its_tokens()
    {
        await using var server = await ResponsesServer.StartAsync(ChatReply.Answer(
            "I will look.", ("call_1", "exec_command", """{"cmd":"ls"}"""), ("call_2", "apply_patch", """{"input":"*** Begin Patch\n"}""")));

        var updates = await AskAsync(server);

        Assert.Equal("I will look.", TextOf(updates));
        Assert.True(updates.OfType<ModelUpdate.TextDelta>().Count() > 1);
        Assert.Equal(
            [
                new ConversationEntry.Assistant("I will look."),
                new ConversationEntry.ToolCall("call_1", "exec_command", """{"cmd":"ls"}"""),
                new ConversationEntry.ToolCall("call_2", "apply_patch", "*** Begin Patch\n", Custom: true),
            ],
            EntriesOf(updates));
        Assert.Equal(new ModelUpdate.Completed(new TokenUsage(1000, 800, 50, 20)), updates[^1]);
    }

    [Fact]
    public async Task A_request_asks_for_nothing_that_a_server_need_not_know()
    {
        await using var server = await ResponsesServer.StartAsync(ChatReply.Answer("Done."));

        await AskAsync(server, Request() with { ReasoningEffort = "high", Reasons = true });

        var body = JsonNode.Parse(server.Bodies[0])!.AsObject();
        Assert.Equal(
            ["messages", "model", "parallel_tool_calls", "prompt_cache_key", "reasoning_effort", "stream", "stream_options", "tools"],
            body.Select(static field => field.Key).Order(StringComparer.Ordinal));
        Assert.Equal("""[{"role":"system","content":"Be good."},{"role":"user","content":"Hello"}]""", body["messages"]!.ToJsonString());
        Assert.Equal(("high", "attempt-1"), ((string)body["reasoning_effort"]!, (string)body["prompt_cache_key"]!));
        Assert.Equal(["function", "function", "function"], body["tools"]!.AsArray().Select(static tool => (string)tool!["type"]!));
        Assert.Equal("""["input"]""", body["tools"]![2]!["function"]!["parameters"]!["required"]!.ToJsonString());
        Assert.Equal("Bearer key-1", server.LastHeaders["Authorization"]);
    }

    [Fact]
    public async Task A_server_that_wants_no_key_is_sent_none()
    {
        await using var server = await ResponsesServer.StartAsync(ChatReply.Answer("Done."));

        await AskAsync(ClientOf(server, key: ""));

        Assert.False(server.LastHeaders.ContainsKey("Authorization"));
    }

    [Fact]
    public async Task The_form_of_the_final_message_is_asked_for_and_stands_in_the_instructions_too()
    {
        await using var server = await ResponsesServer.StartAsync(ChatReply.Answer("{}"));

        await AskAsync(server, Request() with { Output = new OutputSchema("report", """{"type":"object"}""", static _ => null) });

        Assert.Equal("json_schema", (string?)JsonNode.Parse(server.Bodies[0])!["response_format"]!["type"]);
        Assert.Contains("""{"type":"object"}""", (string)server.MessagesOf(0)[0]!["content"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Unrecognized request argument supplied: stream_options", "stream_options")]
    [InlineData("parallel_tool_calls is not supported by this model", "parallel_tool_calls")]
    [InlineData("Extra inputs are not permitted: prompt_cache_key", "prompt_cache_key")]
    [InlineData("Unsupported parameter: 'reasoning_effort'", "reasoning_effort")]
    [InlineData("Cannot use custom grammar constraints with tools.", "response_format")]
    public async Task A_field_that_a_server_refuses_is_left_out_at_once_and_from_then_on(string refusal, string field)
    {
        await using var server = await ResponsesServer.StartAsync(Reply.Error(400, "invalid_request_error", refusal), ChatReply.Answer("Done."), ChatReply.Answer("Again."));
        var client = ClientOf(server);
        var request = Request() with { ReasoningEffort = "low", Reasons = true, Output = new OutputSchema("report", """{"type":"object"}""", static _ => null) };

        Assert.Equal("Done.", TextOf(await AskAsync(client, request)));
        Assert.Equal("Again.", TextOf(await AskAsync(client, request)));

        Assert.Equal([true, false, false], server.Bodies.Select(body => JsonNode.Parse(body)!.AsObject().ContainsKey(field)));
    }

    [Fact]
    public async Task Several_refused_fields_are_left_out_one_after_the_other_also_when_the_server_names_them_in_its_frameworks_words()
    {
        await using var server = await ResponsesServer.StartAsync(
            Reply.Raw("""{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]}""", 422, "application/json"),
            Reply.Raw("""{"object":"error","message":"Extra field: parallel_tool_calls"}""", 422, "application/json"),
            ChatReply.Answer("Done."));

        Assert.Equal("Done.", TextOf(await AskAsync(server)));
        Assert.Equal(3, server.Bodies.Count);
    }

    [Fact]
    public async Task A_server_that_knows_no_system_messages_is_given_the_instructions_with_the_first_words_of_the_person()
    {
        await using var server = await ResponsesServer.StartAsync(
            Reply.Raw("""{"error":{"code":500,"message":"Jinja Exception: System role not supported","type":"server_error"}}""", 500, "application/json"), ChatReply.Answer("Done."));

        await AskAsync(server, Request(new ConversationEntry.User("One."), new ConversationEntry.User("Two.")));

        Assert.Equal("""[{"role":"user","content":"Be good.\n\nOne.\n\nTwo."}]""", server.MessagesOf(1).ToJsonString());
    }

    [Fact]
    public async Task A_refusal_that_names_nothing_optional_is_told_as_it_is()
    {
        await using var server = await ResponsesServer.StartAsync(Reply.Error(400, "invalid_request_error", "registry.ollama.ai/library/tiny does not support tools"));

        var refused = await Assert.ThrowsAsync<ModelException>(() => AskAsync(server));

        Assert.Equal((ModelFailure.Refused, "HTTP 400: registry.ollama.ai/library/tiny does not support tools"), (refused.Failure, refused.Message));
        Assert.Single(server.Bodies);
    }

    [Fact]
    public async Task A_server_that_counts_no_tokens_has_them_estimated()
    {
        var updates = await AskAsync(ChatReply.Text("Twelve bytes"), ChatReply.Finish("stop"), ChatReply.Done);

        var completed = Assert.IsType<ModelUpdate.Completed>(updates[^1]);
        Assert.True(completed.UsageEstimated);
        Assert.Equal(3, completed.Usage.OutputTokens);
        Assert.InRange(completed.Usage.InputTokens, 40, 90);
    }

    [Theory]
    [InlineData("""{"prompt_tokens":100,"completion_tokens":7,"prompt_cache_hit_tokens":60}""", 60)]
    [InlineData("""{"prompt_tokens":100,"completion_tokens":7,"cached_tokens":50}""", 50)]
    [InlineData("""{"prompt_tokens":100,"completion_tokens":7,"cached_tokens":5000000,"prompt_tokens_details":null}""", 100)]
    [InlineData("""{"prompt_tokens":100,"completion_tokens":7}""", 0)]
    public async Task Tokens_are_counted_as_each_provider_counts_them(string usage, long cached)
    {
        var updates = await AskAsync(ChatReply.Text("Hi"), $$$"""{"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{{{usage}}}}""");

        Assert.Equal(new ModelUpdate.Completed(new TokenUsage(100, cached, 7, 0)), updates[^1]);
    }

    [Fact]
    public async Task A_stream_without_its_mark_at_the_end_is_whole_when_the_model_finished()
    {
        Assert.IsType<ModelUpdate.Completed>((await AskAsync(ChatReply.Text("Hi"), ChatReply.Finish("stop")))[^1]);
        Assert.IsType<ModelUpdate.Completed>((await AskAsync(ChatReply.Text("Hi"), ChatReply.Done))[^1]);
        Assert.IsType<ModelUpdate.Completed>((await AskAsync(ChatReply.Text("Hi"), ChatReply.Finish("eos_token")))[^1]);
    }

    [Fact]
    public async Task A_stream_that_ends_before_the_model_finished_counts_as_broken()
    {
        var failed = await Assert.ThrowsAsync<ModelException>(() => AskAsync(ChatReply.Text("Half of")));

        Assert.Equal((ModelFailure.Unavailable, "The model's answer broke off before its end."), (failed.Failure, failed.Message));
    }

    [Fact]
    public async Task A_stream_that_stays_open_after_the_model_finished_is_whole_after_a_while()
    {
        await using var server = await ResponsesServer.StartAsync(Hanging(ChatReply.Text("Hi"), ChatReply.Finish("stop")));

        var updates = await AskAsync(ClientOf(server, TimeSpan.FromMilliseconds(300))).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.True(Assert.IsType<ModelUpdate.Completed>(updates[^1]).UsageEstimated);
    }

    [Fact]
    public async Task A_silent_stream_is_given_up_but_comments_are_no_silence()
    {
        await using var server = await ResponsesServer.StartAsync(Hanging(ChatReply.Text("Hi")), KeptAlive());

        var failed = await Assert.ThrowsAsync<ModelException>(() => AskAsync(ClientOf(server, TimeSpan.FromMilliseconds(300))).WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Contains("silent", failed.Message, StringComparison.Ordinal);

        Assert.Equal("Hi", TextOf(await AskAsync(ClientOf(server, TimeSpan.FromSeconds(2))).WaitAsync(TimeSpan.FromSeconds(30))));
    }

    [Fact]
    public async Task A_stop_ends_a_silent_stream_at_once()
    {
        var silent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await ResponsesServer.StartAsync(Hanging(silent, ChatReply.Text("Hi"), ChatReply.Finish("stop")));
        using var stop = new CancellationTokenSource();

        var asking = AskAsync(ClientOf(server), cancellationToken: stop.Token);
        await silent.Task;
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking.WaitAsync(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task An_answer_that_was_not_streamed_is_read_as_one()
    {
        await using var server = await ResponsesServer.StartAsync(Reply.Raw(
            """{"choices":[{"index":0,"message":{"role":"assistant","content":"Hi","tool_calls":[{"id":"a","type":"function","function":{"name":"list","arguments":"{}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":9,"completion_tokens":1}}""",
            contentType: "application/json"));

        var updates = await AskAsync(server);

        Assert.Equal(("Hi", new TokenUsage(9, 0, 1, 0)), (TextOf(updates), Assert.IsType<ModelUpdate.Completed>(updates[^1]).Usage));
        Assert.Equal([("list", "{}")], CallsOf(updates));
    }

    [Theory]
    [InlineData("length", ModelFailure.Unavailable)]
    [InlineData("content_filter", ModelFailure.Refused)]
    [InlineData("error", ModelFailure.Unavailable)]
    public async Task The_reason_an_answer_ended_for_is_heard(string reason, ModelFailure failure)
    {
        var asking = AskAsync(ChatReply.Text("Half a sen"), ChatReply.Finish(reason), ChatReply.Done);
        if (reason == "length")
        {
            Assert.True(Assert.IsType<ModelUpdate.Completed>((await asking)[^1]).OutputLimitReached);
        }
        else
        {
            Assert.Equal(failure, (await Assert.ThrowsAsync<ModelException>(() => asking)).Failure);
        }
    }

    [Theory]
    [InlineData("""{"error":{"message":"Rate limit. Try again in 3s.","code":429}}""", ModelFailure.RateLimited)]
    [InlineData("""{"error":{"message":"Overloaded","code":"server_error"}}""", ModelFailure.Unavailable)]
    [InlineData("""{"error":{"message":"No credit","type":"insufficient_quota"}}""", ModelFailure.QuotaExceeded)]
    [InlineData("""{"error":{"message":"This model's maximum context length is 4096 tokens.","type":"invalid_request_error"}}""", ModelFailure.ContextTooLong)]
    [InlineData("""{"error":{"message":"Invalid prompt","code":"invalid_request_error"}}""", ModelFailure.Refused)]
    [InlineData("""{"error":"out of memory"}""", ModelFailure.Unavailable)]
    [InlineData("""{"object":"error","message":"worker died"}""", ModelFailure.Unavailable)]
    public async Task An_error_inside_a_good_stream_is_sorted_by_what_it_says(string chunk, ModelFailure failure) =>
        Assert.Equal(failure, (await Assert.ThrowsAsync<ModelException>(() => AskAsync(ChatReply.Text("Half"), chunk))).Failure);

    [Theory]
    [InlineData(400, """{"error":{"message":"This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.","type":"BadRequestError","code":400}}""", ModelFailure.ContextTooLong)]
    [InlineData(400, """{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}""", ModelFailure.ContextTooLong)]
    [InlineData(400, """{"error":{"message":"Invalid request: Your request exceeded model token limit: 131072","type":"invalid_request_error"}}""", ModelFailure.ContextTooLong)]
    [InlineData(402, """{"error":{"message":"Insufficient Balance","type":"unknown_error"}}""", ModelFailure.QuotaExceeded)]
    [InlineData(429, """{"error":{"message":"Your account is suspended","type":"exceeded_current_quota_error"}}""", ModelFailure.QuotaExceeded)]
    [InlineData(401, """{"error":{"message":"Invalid Authentication","type":"invalid_authentication_error"}}""", ModelFailure.Denied)]
    [InlineData(404, """{"error":"model 'x' not found"}""", ModelFailure.Refused)]
    [InlineData(502, "<html><body>Bad Gateway</body></html>", ModelFailure.Unavailable)]
    public async Task A_refusal_is_sorted_by_what_it_says_also_without_the_codes_of_OpenAI(int status, string body, ModelFailure failure)
    {
        await using var server = await ResponsesServer.StartAsync(Reply.Raw(body, status, body[0] == '<' ? "text/html" : "application/json"));

        var refused = await Assert.ThrowsAsync<ModelException>(() => AskAsync(server));

        Assert.Equal(failure, refused.Failure);
        Assert.DoesNotContain('<', refused.Message);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_but_named()
    {
        await using var server = await ResponsesServer.StartAsync(new Reply(static context =>
        {
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = "http://elsewhere.example/v1";
            return Task.CompletedTask;
        }));

        var refused = await Assert.ThrowsAsync<ModelException>(() => AskAsync(server));

        Assert.Equal(ModelFailure.Refused, refused.Failure);
        Assert.Contains("http://elsewhere.example/v1", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data: {\n\n")]
    [InlineData("data: []\n\n")]
    [InlineData("data: {\"choices\":7}\n\n")]
    [InlineData("data: {\"choices\":[null]}\n\n")]
    [InlineData("data: {\"choices\":[{\"delta\":[]}]}\n\n")]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":{},\"tool_calls\":[7,{\"function\":[]}]}}]}\n\n")]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":[7,{\"thinking\":[7]}]}}],\"usage\":{\"prompt_tokens\":1e99}}\n\n")]
    [InlineData("data: {\"error\":7}\n\n")]
    [InlineData("\0\u0001 nonsense \uFFFD\n\n:::\n")]
    [InlineData("<html><body>It works!</body></html>")]
    [InlineData("")]
    public async Task Garbage_instead_of_chunks_is_no_more_than_a_broken_stream(string body)
    {
        await using var server = await ResponsesServer.StartAsync(Reply.Raw(body));

        Assert.Equal(ModelFailure.Unavailable, (await Assert.ThrowsAsync<ModelException>(() => AskAsync(server))).Failure);
    }

    [Fact]
    public async Task Any_chunks_at_all_are_an_answer_or_a_broken_stream()
    {
        var parts = Gen.Elements(
            "data: ", "\n\n", "{", "}", "[", "]", "null", "7", ",", "\"choices\":[{\"delta\":{", "\"tool_calls\":[{", "\"function\":{", "\"name\":\"list\"", "\"arguments\":\"{\"", "\"index\":0",
            "\"content\":\"x\"", "}}]}", "\"finish_reason\":\"stop\"", "data: [DONE]\n\n");
        await using var server = await ResponsesServer.StartAsync();
        foreach (var body in Gen.Sample(parts.ListOf(), 60).Select(static sample => string.Concat(sample)))
        {
            server.Then(Reply.Raw(body));
            var failure = await Record.ExceptionAsync(() => AskAsync(server));
            Assert.True(failure is null or ModelException, body + failure);
        }
    }

    [Fact]
    public async Task A_stream_that_is_dropped_half_way_can_be_asked_for_again()
    {
        foreach (var chunks in Enumerable.Range(0, 6))
        {
            await using var server = await ResponsesServer.StartAsync(ChatReply.Dropped(chunks, "A longer message, in pieces, each of them sent."));
            Assert.Equal(ModelFailure.Unavailable, (await Assert.ThrowsAsync<ModelException>(() => AskAsync(server))).Failure);
        }
    }

    private static Reply Hanging(params string[] chunks) => Hanging(null, chunks);

    private static Reply Hanging(TaskCompletionSource? silent, params string[] chunks) => new(async context =>
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync(string.Concat(chunks.Select(static chunk => $"data: {chunk}\n\n")), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        silent?.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
    });

    /// <summary>Comments for longer than a silence may last, then the answer.</summary>
    private static Reply KeptAlive() => new(async context =>
    {
        context.Response.ContentType = "text/event-stream";
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var i = 0; i < 30; i++)
        {
            await context.Response.WriteAsync(": keep-alive\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await beat.WaitForNextTickAsync(context.RequestAborted);
        }

        await context.Response.WriteAsync($"data: {ChatReply.Text("Hi")}\n\ndata: {ChatReply.Finish("stop")}\n\ndata: [DONE]\n\n", context.RequestAborted);
    });
}

using System.Text.Json.Nodes;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using FsCheck.Fluent;

namespace CodexWeb.Tests.Models;

public sealed class ResponsesModelClientTests
{
    private static readonly ToolDefinition[] Tools =
    [
        new ToolDefinition.Function("exec_command", "Runs a command.", """{"type":"object","properties":{"cmd":{"type":"string"}},"required":["cmd"]}"""),
        new ToolDefinition.Custom("apply_patch", "Changes files.", "start: \"x\""),
    ];

    [Fact]
    public async Task An_answer_streams_its_reasoning_its_text_and_its_calls_and_ends_with_its_tokens()
    {
        await using var server = await ResponsesServer.StartAsync(Reply.Answer(
            OutputItem.Reasoning("Looking around."), OutputItem.Message("I will look."), OutputItem.Exec("call_1", "ls"), OutputItem.Custom("call_2", "apply_patch", "*** Begin Patch\n")));

        var updates = await AskAsync(server);

        Assert.Equal("Looking around.", string.Concat(updates.OfType<ModelUpdate.ReasoningDelta>().Select(static delta => delta.Text)));
        Assert.Equal("I will look.", string.Concat(updates.OfType<ModelUpdate.TextDelta>().Select(static delta => delta.Text)));
        Assert.Collection(
            updates.OfType<ModelUpdate.EntryCompleted>().Select(static completed => completed.Entry),
            static entry => Assert.Contains("\"encrypted_content\":\"c2VjcmV0\"", Assert.IsType<ConversationEntry.Reasoning>(entry).ProviderItem, StringComparison.Ordinal),
            static entry => Assert.Equal("I will look.", Assert.IsType<ConversationEntry.Assistant>(entry).Text),
            static entry => Assert.Equal(("call_1", "exec_command", """{"cmd":"ls"}""", false), CallOf(entry)),
            static entry => Assert.Equal(("call_2", "apply_patch", "*** Begin Patch\n", true), CallOf(entry)));
        Assert.Equal(new ModelUpdate.Completed(new TokenUsage(1000, 800, 50, 20)), updates[^1]);
    }

    [Fact]
    public async Task A_request_is_stateless_and_says_all_that_the_provider_needs()
    {
        await using var server = await ResponsesServer.StartAsync(Reply.Answer(OutputItem.Message("Done.")));

        await AskAsync(server, Request() with { ReasoningEffort = "high", Reasons = true });

        var body = JsonNode.Parse(server.Bodies[0])!.AsObject();
        Assert.Equal(
            """
            {"model":"test-model","instructions":"Be good.","store":false,"stream":true,"parallel_tool_calls":true,"prompt_cache_key":"attempt-1","include":["reasoning.encrypted_content"],"reasoning":{"effort":"high","summary":"auto"},"tool_choice":"auto"}
            """.Trim(),
            Only(body, "model", "instructions", "store", "stream", "parallel_tool_calls", "prompt_cache_key", "include", "reasoning", "tool_choice"));
        Assert.Equal(
            """{"type":"custom","name":"apply_patch","description":"Changes files.","format":{"type":"grammar","definition":"start: \u0022x\u0022","syntax":"lark"}}""",
            Only(body["tools"]![1]!.AsObject(), "type", "name", "description", "format"));
        Assert.Equal("function", (string?)body["tools"]![0]!["type"]);
        Assert.Equal("Bearer key-1", server.LastHeaders["Authorization"]);
    }

    [Fact]
    public async Task A_model_that_does_not_reason_is_not_asked_for_reasoning()
    {
        await using var server = await ResponsesServer.StartAsync(Reply.Answer(OutputItem.Message("Done.")));

        await AskAsync(server, Request() with { ReasoningEffort = "high" });

        var body = JsonNode.Parse(server.Bodies[0])!.AsObject();
        Assert.False(body.ContainsKey("reasoning"));
        Assert.False(body.ContainsKey("include") && body["include"]!.AsArray().Count > 0);
    }

    [Fact]
    public async Task What_the_model_said_goes_back_unchanged_but_for_what_a_stateless_request_may_not_carry()
    {
        var newer = OutputItem.Message("A field of tomorrow.");
        newer.Done["phase"] = "commentary";
        OutputItem[] said = [OutputItem.Reasoning("Hm."), newer, OutputItem.Message("Look: é <b>"), OutputItem.Exec("call_1", "ls"), OutputItem.Custom("call_2", "apply_patch", "text")];
        await using var server = await ResponsesServer.StartAsync(Reply.Answer(said), Reply.Answer(OutputItem.Message("Done.")));
        var entries = (await AskAsync(server)).OfType<ModelUpdate.EntryCompleted>().Select(static completed => completed.Entry);

        ConversationEntry[] conversation =
        [
            new ConversationEntry.User("Hello"), .. entries, new ConversationEntry.ToolResult("call_1", "a.txt"), new ConversationEntry.ToolResult("call_2", "Success.", Custom: true),
        ];
        await AskAsync(server, Request() with { Input = conversation });

        var sent = server.InputOf(1);
        foreach (var (item, index) in said.Select(static (item, index) => (item, index)))
        {
            var expected = item.Done.DeepClone().AsObject();
            expected.Remove("id");
            expected.Remove("status");
            Assert.True(JsonNode.DeepEquals(expected, sent[index + 1]), $"{expected.ToJsonString()} became {sent[index + 1]!.ToJsonString()}");
        }

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"type":"function_call_output","call_id":"call_1","output":"a.txt"}"""), sent[6]), sent[6]!.ToJsonString());
        Assert.Equal("custom_tool_call_output", (string?)sent[7]!["type"]);
    }

    [Fact]
    public async Task Reasoning_without_its_encrypted_content_is_not_kept_for_it_could_not_be_sent_back()
    {
        await using var server = await ResponsesServer.StartAsync(Reply.Answer(OutputItem.Reasoning("Hm.", encrypted: null), OutputItem.Message("Done.")));

        var updates = await AskAsync(server);

        Assert.Single(updates.OfType<ModelUpdate.EntryCompleted>());
    }

    [Fact]
    public async Task Reasoning_that_the_provider_cannot_open_is_left_out_from_then_on_and_newer_reasoning_is_not()
    {
        await using var server = await ResponsesServer.StartAsync(
            Reply.Error(400, "invalid_encrypted_content", "The encrypted content gAAA could not be verified."), Reply.Answer(OutputItem.Message("One.")), Reply.Answer(OutputItem.Message("Two.")));
        var client = new ResponsesModelClient(new ProviderEndpoint(server.BaseUrl, "key-1"), TimeProvider.System);
        ConversationEntry[] before =
        [
            new ConversationEntry.User("Hello"), new ConversationEntry.Reasoning("""{"type":"reasoning","summary":[],"encrypted_content":"T2xk"}"""),
            new ConversationEntry.ToolCall("a", "exec_command", "{}"), new ConversationEntry.ToolResult("a", "x"),
        ];

        await ChatClientRig.AskAsync(client, Request() with { Input = before });
        await ChatClientRig.AskAsync(client, Request() with { Input = [.. before, new ConversationEntry.Reasoning("""{"type":"reasoning","summary":[],"encrypted_content":"TmV3"}"""), new ConversationEntry.ToolCall("b", "exec_command", "{}"), new ConversationEntry.ToolResult("b", "x")] });

        Assert.Equal([true, false, false], server.Bodies.Select(static body => body.Contains("T2xk", StringComparison.Ordinal)));
        Assert.Contains("TmV3", server.Bodies[2], StringComparison.Ordinal);
    }

    public static TheoryData<int, string, string, ModelFailure, double?> Refusals => new()
    {
        { 429, "rate_limit_exceeded", "Rate limit reached. Please try again in 11 s.", ModelFailure.RateLimited, 11 },
        { 429, "rate_limit_exceeded", "Please try again in 11.5s. Visit the site.", ModelFailure.RateLimited, 11.5 },
        { 429, "rate_limit_exceeded", "Please try again in 340ms.", ModelFailure.RateLimited, 0.34 },
        { 429, "rate_limit_exceeded", "Please try again in 1m30s.", ModelFailure.RateLimited, 90 },
        { 429, "rate_limit_exceeded", "Slow down.", ModelFailure.RateLimited, null },
        { 429, "insufficient_quota", "You exceeded your current quota.", ModelFailure.QuotaExceeded, null },
        { 401, "invalid_api_key", "Incorrect API key provided.", ModelFailure.Denied, null },
        { 403, "forbidden", "Not for this project.", ModelFailure.Denied, null },
        { 400, "context_length_exceeded", "Your input exceeds the context window.", ModelFailure.ContextTooLong, null },
        { 400, "invalid_value", "Unknown parameter.", ModelFailure.Refused, null },
        { 404, "model_not_found", "No such model.", ModelFailure.Refused, null },
        { 500, "server_error", "Oops.", ModelFailure.Unavailable, null },
        { 503, "overloaded", "Busy, try again in 2s.", ModelFailure.Unavailable, 2 },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_refusal_says_what_can_be_done_about_it(int status, string code, string message, ModelFailure failure, double? wait)
    {
        await using var server = await ResponsesServer.StartAsync(Reply.Error(status, code, message));

        var refused = await Assert.ThrowsAsync<ModelException>(() => AskAsync(server));

        Assert.Equal((failure, wait), (refused.Failure, refused.RetryAfter?.TotalSeconds));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.Single(server.Bodies);
    }

    [Theory]
    [InlineData("Retry-After", "7", 7)]
    [InlineData("retry-after-ms", "250", 0.25)]
    public async Task A_header_says_when_to_come_back(string header, string value, double seconds)
    {
        await using var server = await ResponsesServer.StartAsync(Reply.Error(429, "rate_limit_exceeded", "Please try again in 99s.", (header, value)));

        var refused = await Assert.ThrowsAsync<ModelException>(() => AskAsync(server));

        Assert.Equal(seconds, refused.RetryAfter?.TotalSeconds);
    }

    [Fact]
    public async Task A_stream_that_is_dropped_half_way_can_be_asked_for_again()
    {
        foreach (var events in Enumerable.Range(0, 9))
        {
            await using var server = await ResponsesServer.StartAsync(Reply.Dropped(events, OutputItem.Message("A longer message.")));
            Assert.Equal(ModelFailure.Unavailable, (await Assert.ThrowsAsync<ModelException>(() => AskAsync(server))).Failure);
        }
    }

    [Fact]
    public async Task A_stream_without_its_last_event_counts_as_broken()
    {
        await using var server = await ResponsesServer.StartAsync(Reply.Unfinished(OutputItem.Message("All of it.")));

        Assert.Equal(ModelFailure.Unavailable, (await Assert.ThrowsAsync<ModelException>(() => AskAsync(server))).Failure);
    }

    [Theory]
    [InlineData("data: {\n\n")]
    [InlineData("data: []\n\n")]
    [InlineData("data: null\n\n")]
    [InlineData("data: {\"type\":7}\n\n")]
    [InlineData("data: {\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":[]}\n\n")]
    [InlineData("data: {\"type\":\"response.output_item.done\",\"output_index\":\"x\",\"item\":null}\n\n")]
    [InlineData("data: {\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":{\"type\":\"message\",\"content\":7}}\n\n")]
    [InlineData("data: {\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":{\"type\":\"message\"}}\n\n")]
    [InlineData("data: {\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":{\"type\":\"function_call\"}}\n\n")]
    [InlineData("data: {\"type\":\"response.completed\"}\n\ndata: {")]
    [InlineData("data: {\"type\":\"response.failed\"}\n\n")]
    [InlineData("data: {\"type\":\"error\"}\n\n")]
    [InlineData("\0\u0001\u0002 nonsense \uFFFD\n\n\n:::\n")]
    [InlineData("<html><body>It works!</body></html>")]
    [InlineData("")]
    public async Task Garbage_instead_of_events_is_no_more_than_a_broken_stream(string body)
    {
        await using var server = await ResponsesServer.StartAsync(Reply.Raw(body));

        var failure = await Record.ExceptionAsync(() => AskAsync(server));

        Assert.True(failure is null or ModelException { Failure: ModelFailure.Unavailable }, failure?.ToString());
    }

    [Theory]
    [InlineData(200, "text/html", "The model service answered, but not with a stream of the Responses API. Is the address that of the API?")]
    [InlineData(503, "text/plain", "HTTP 503 (Service Unavailable), without an explanation.")]
    public async Task An_answer_of_something_else_than_the_API_is_told_in_one_line(int status, string contentType, string message)
    {
        await using var server = await ResponsesServer.StartAsync(Reply.Raw("<html>\n<body>Hello</body></html>", status, contentType));

        var failed = await Assert.ThrowsAsync<ModelException>(() => AskAsync(server));

        Assert.Equal((ModelFailure.Unavailable, message), (failed.Failure, failed.Message));
    }

    [Fact]
    public async Task Any_bytes_at_all_are_no_more_than_a_broken_stream()
    {
        var bodies = Gen.Sample(Gen.Elements("data: ", "event: ", "\n", "\n\n", "{", "}", "\"type\":", "\"response.completed\"", "null", "[", "]", "7", ",", "é", "\"response\":{").ListOf(), 40);
        await using var server = await ResponsesServer.StartAsync();
        foreach (var body in bodies.Select(static parts => string.Concat(parts)))
        {
            server.Then(Reply.Raw(body));
            var failure = await Record.ExceptionAsync(() => AskAsync(server));
            Assert.True(failure is null or ModelException, body + failure);
        }
    }

    [Theory]
    [InlineData("rate_limit_exceeded", "Rate limit. Please try again in 3s.", ModelFailure.RateLimited)]
    [InlineData("server_error", "Oops.", ModelFailure.Unavailable)]
    [InlineData("insufficient_quota", "No credit.", ModelFailure.QuotaExceeded)]
    [InlineData("context_length_exceeded", "Too long.", ModelFailure.ContextTooLong)]
    [InlineData("invalid_prompt", "Policy.", ModelFailure.Refused)]
    public async Task An_answer_that_fails_inside_its_stream_is_sorted_by_its_code(string code, string message, ModelFailure failure)
    {
        await using var server = await ResponsesServer.StartAsync(Reply.Failed(code, message, OutputItem.Message("Half")));

        var failed = await Assert.ThrowsAsync<ModelException>(() => AskAsync(server));

        Assert.Equal((failure, message), (failed.Failure, failed.Message));
    }

    [Fact]
    public async Task An_answer_cut_at_the_output_limit_says_so()
    {
        await using var server = await ResponsesServer.StartAsync(Reply.Incomplete("max_output_tokens", OutputItem.Message("Half a sen")));

        var updates = await AskAsync(server);

        Assert.True(Assert.IsType<ModelUpdate.Completed>(updates[^1]).OutputLimitReached);
    }

    [Fact]
    public async Task An_answer_the_content_filter_stopped_is_a_refusal()
    {
        await using var server = await ResponsesServer.StartAsync(Reply.Incomplete("content_filter", OutputItem.Message("Half")));

        Assert.Equal(ModelFailure.Refused, (await Assert.ThrowsAsync<ModelException>(() => AskAsync(server))).Failure);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public async Task A_silent_stream_is_given_up(int eventsBeforeSilence)
    {
        await using var server = await ResponsesServer.StartAsync(Reply.Hang(eventsBeforeSilence, silent: null, OutputItem.Message("Hello there.")));

        var failed = await Assert.ThrowsAsync<ModelException>(() => AskAsync(server, idleLimit: TimeSpan.FromMilliseconds(300)).WaitAsync(TimeSpan.FromSeconds(20)));

        Assert.Equal(ModelFailure.Unavailable, failed.Failure);
        Assert.Contains("silent", failed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public async Task A_stop_ends_a_silent_stream_at_once(int eventsBeforeSilence)
    {
        var silent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await ResponsesServer.StartAsync(Reply.Hang(eventsBeforeSilence, silent, OutputItem.Message("Hello there.")));
        using var stop = new CancellationTokenSource();

        var asking = AskAsync(server, cancellationToken: stop.Token);
        await silent.Task;
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking.WaitAsync(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task A_provider_that_is_not_there_can_be_asked_again()
    {
        Uri gone;
        await using (var server = await ResponsesServer.StartAsync())
        {
            gone = server.BaseUrl;
        }

        var client = new ResponsesModelClient(new ProviderEndpoint(gone, "key-1"), TimeProvider.System);
        var failed = await Assert.ThrowsAsync<ModelException>(async () => await client.StreamAsync(Request(), CancellationToken.None).GetAsyncEnumerator().MoveNextAsync());

        Assert.Equal(ModelFailure.Unavailable, failed.Failure);
    }

    [Fact]
    public void A_key_is_not_shown_with_its_endpoint() =>
        Assert.DoesNotContain("key-1", new ProviderEndpoint(new Uri("http://localhost/v1"), "key-1").ToString(), StringComparison.Ordinal);

    private static ModelRequest Request() => new("test-model", null, "Be good.", [new ConversationEntry.User("Hello")], Tools, "attempt-1");

    private static async Task<List<ModelUpdate>> AskAsync(
        ResponsesServer server, ModelRequest? request = null, TimeSpan? idleLimit = null, CancellationToken cancellationToken = default)
    {
        var client = new ResponsesModelClient(new ProviderEndpoint(server.BaseUrl, "key-1"), TimeProvider.System, idleLimit);
        var updates = new List<ModelUpdate>();
        await foreach (var update in client.StreamAsync(request ?? Request(), cancellationToken))
        {
            updates.Add(update);
        }

        return updates;
    }

    private static (string, string, string, bool) CallOf(ConversationEntry entry)
    {
        var call = Assert.IsType<ConversationEntry.ToolCall>(entry);
        return (call.CallId, call.Name, call.Arguments, call.Custom);
    }

    /// <summary>The named fields in the order given, as JSON.</summary>
    private static string Only(JsonObject json, params string[] names) => new JsonObject(names.Select(name => KeyValuePair.Create(name, json[name]?.DeepClone()))).ToJsonString();
}

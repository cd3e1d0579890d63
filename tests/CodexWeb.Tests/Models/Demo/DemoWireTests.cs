using System.ClientModel;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using CodexWeb.Models.Demo;
using OpenAI.Responses;

namespace CodexWeb.Tests.Models.Demo;

public sealed class DemoWireTests(DemoServer server) : IClassFixture<DemoServer>
{
    private static object Request(bool stream, object? input = null) => new
    {
        model = "scripted",
        stream,
        input = input ?? "```sh\necho hi\n```",
        reasoning = new { summary = "auto" },
        include = new[] { "reasoning.encrypted_content" },
        tools = new[] { new { type = "function", name = "exec_command", parameters = new { type = "object" } } },
    };

    [Fact]
    public async Task The_stream_has_every_event_in_order_with_its_number()
    {
        using var response = await server.Http.PostAsJsonAsync("responses", Request(stream: true, "Find the loose ends"));
        var events = (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(text => text.Split('\n')).Select(lines => (Name: lines[0]["event: ".Length..], Json: JsonDocument.Parse(lines[1]["data: ".Length..]).RootElement)).ToList();

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.All(events, e => Assert.Equal(e.Name, e.Json.GetProperty("type").GetString()));
        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(e => e.Json.GetProperty("sequence_number").GetInt32()));
        string[] expected =
        [
            "response.created", "response.in_progress",
            "response.output_item.added", "response.reasoning_summary_part.added", "response.reasoning_summary_text.delta", "response.reasoning_summary_text.done",
            "response.reasoning_summary_part.done", "response.output_item.done",
            "response.output_item.added", "response.content_part.added", "response.output_text.delta", "response.output_text.done", "response.content_part.done",
            "response.output_item.done",
            "response.output_item.added", "response.function_call_arguments.delta", "response.function_call_arguments.done", "response.output_item.done",
            "response.completed",
        ];
        Assert.Equal(expected, events.Select(e => e.Name).Where((name, i) => i == 0 || !name.Equals(events[i - 1].Name, StringComparison.Ordinal)));
        var deltas = string.Concat(events.Where(e => e.Name is "response.output_text.delta").Select(e => e.Json.GetProperty("delta").GetString()));
        Assert.Equal(events.Single(e => e.Name is "response.output_text.done").Json.GetProperty("text").GetString(), deltas);
    }

    [Fact]
    public async Task Without_streaming_the_whole_response_comes_at_once()
    {
        using var response = await server.Http.PostAsJsonAsync("responses", Request(stream: false));
        var json = await response.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal("completed", json.GetProperty("status").GetString());
        Assert.Equal(["message", "function_call"], json.GetProperty("output").EnumerateArray().Select(item => item.GetProperty("type").GetString()!));
        Assert.True(json.GetProperty("usage").GetProperty("input_tokens").GetInt32() > 0);
    }

    [Fact]
    public async Task The_vendors_own_client_understands_both_forms_of_call()
    {
        var client = new ResponsesClient(new ApiKeyCredential(DemoModel.ApiKey), new ResponsesClientOptions { Endpoint = new Uri(server.BaseUrl.AbsoluteUri.TrimEnd('/')) });
        var options = new CreateResponseOptions { Model = "scripted", StreamingEnabled = true };
        options.InputItems.Add(ResponseItem.CreateUserMessageItem("```patch\n*** Begin Patch\n*** Add File: a\n+b\n*** End Patch\n```"));
        options.Tools.Add(new CustomTool("apply_patch"));
        var items = new List<ResponseItem>();
        await foreach (var update in await client.CreateResponseStreamingAsync(options))
        {
            if (update is StreamingResponseOutputItemDoneUpdate done)
            {
                items.Add(done.Item);
            }
        }

        var call = Assert.IsType<CustomToolCallItem>(items[1]);
        Assert.Equal("*** Begin Patch\n*** Add File: a\n+b\n*** End Patch\n", call.Input);
    }

    [Theory]
    [InlineData("nonsense", 400, null)]
    [InlineData("[]", 400, null)]
    [InlineData("{}", 400, "missing_required_parameter")]
    [InlineData("""{"model":"gpt","input":"x"}""", 404, "model_not_found")]
    [InlineData("""{"model":"scripted"}""", 400, "missing_required_parameter")]
    [InlineData("""{"model":"scripted","input":5}""", 400, "invalid_type")]
    [InlineData("""{"model":"scripted","input":[5]}""", 400, "invalid_type")]
    [InlineData("""{"model":"scripted","input":"x","stream":"yes"}""", 400, "invalid_type")]
    [InlineData("""{"model":"scripted","input":[{"role":"robot","content":"x"}]}""", 400, "invalid_value")]
    [InlineData("""{"model":"scripted","input":[{"type":"function_call_output","call_id":"c","output":"x"}]}""", 400, null)]
    [InlineData("""{"model":"scripted","input":[{"type":"function_call","call_id":"c","name":"n","arguments":"{}"}]}""", 400, null)]
    [InlineData("""{"model":"scripted","input":"x","previous_response_id":"resp_1"}""", 400, "previous_response_not_found")]
    public async Task A_bad_request_is_answered_as_the_real_service_does(string body, int status, string? code)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await server.Http.PostAsync("responses", content);
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");

        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
    }

    [Fact]
    public async Task A_request_that_a_proxy_passes_on_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "responses") { Content = JsonContent.Create(Request(stream: false)) };
        request.Headers.Add("X-Forwarded-For", "192.0.2.1");
        using var response = await server.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task The_list_of_models_has_the_one()
    {
        var models = await server.Http.GetFromJsonAsync<JsonElement>("models");

        Assert.Equal("scripted", models.GetProperty("data")[0].GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("one")]
    [InlineData("one two  three\nfour ")]
    [InlineData("𝒳𝒴 a")]
    public void Words_put_together_again_are_the_text(string text) => Assert.Equal(text, string.Concat(ResponseStream.Pieces(text)));
}

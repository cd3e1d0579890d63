using System.Text.Json.Nodes;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Tests.Sandboxes;
using FsCheck.Fluent;
using static CodexWeb.Tests.Models.ChatClientRig;

namespace CodexWeb.Tests.Models;

public sealed class ChatHistoryMapperTests
{
    [Fact]
    public async Task An_answer_is_one_message_and_its_results_follow_it_in_the_order_of_its_calls()
    {
        var messages = await SentAsync(
            new ConversationEntry.User("# AGENTS.md"),
            new ConversationEntry.User("Fix it."),
            new ConversationEntry.Assistant("I look.", """{"type":"message","id":"msg_1"}"""),
            new ConversationEntry.Assistant("And patch."),
            new ConversationEntry.ToolCall("a", "exec_command", """{"cmd":"ls"}""", ProviderItem: """{"type":"function_call"}"""),
            new ConversationEntry.ToolCall("b", "apply_patch", "*** Begin Patch\n", Custom: true),
            new ConversationEntry.ToolResult("a", "a.txt"),
            new ConversationEntry.ToolResult("b", "Success.", Custom: true),
            new ConversationEntry.Assistant("Done."));

        Assert.Equal(
            """[{"role":"system","content":"Be good."},{"role":"user","content":"# AGENTS.md"},{"role":"user","content":"Fix it."},{"role":"assistant","content":"I look.\n\nAnd patch.","tool_calls":[{"id":"a","type":"function","function":{"name":"exec_command","arguments":"{\u0022cmd\u0022:\u0022ls\u0022}"}},{"id":"b","type":"function","function":{"name":"apply_patch","arguments":"{\u0022input\u0022:\u0022*** Begin Patch\\n\u0022}"}}]},{"role":"tool","tool_call_id":"a","content":"a.txt"},{"role":"tool","tool_call_id":"b","content":"Success."},{"role":"assistant","content":"Done."}]""",
            messages.ToJsonString());
    }

    [Theory]
    [InlineData("", "{}")]
    [InlineData("{\"cmd\": ls}", """{"unreadable_arguments":"{\u0022cmd\u0022: ls}"}""")]
    [InlineData("[1]", """{"unreadable_arguments":"[1]"}""")]
    public async Task Arguments_go_back_as_an_object_whatever_the_model_wrote(string written, string sent)
    {
        var messages = await SentAsync(new ConversationEntry.User("Hi"), new ConversationEntry.ToolCall("a", "exec_command", written), new ConversationEntry.ToolResult("a", "The arguments are not valid JSON."));

        Assert.Equal(sent, (string?)messages[2]!["tool_calls"]![0]!["function"]!["arguments"]);
    }

    [Fact]
    public async Task Images_of_tool_results_follow_the_last_of_them_as_a_message_of_the_person()
    {
        using var folder = new TemporaryFolder();
        var images = new ImageFolder(folder.Path);
        var image = await images.KeepAsync(Pictures.Png(2, 1), CancellationToken.None);
        ConversationEntry[] input =
        [
            new ConversationEntry.User("Compare with this.", [image]),
            new ConversationEntry.ToolCall("a", "view_image", "{}"),
            new ConversationEntry.ToolCall("b", "list", "{}"),
            new ConversationEntry.ToolResult("a", "Shown.", Images: [image]),
            new ConversationEntry.ToolResult("b", "nothing"),
            new ConversationEntry.User("Go on."),
        ];

        var shown = await SentAsync(Request(input) with { Images = images });
        var told = await SentAsync(Request(input));

        Assert.Equal(["system", "user", "assistant", "tool", "tool", "user", "user"], shown.Select(static message => (string)message!["role"]!));
        Assert.Equal(["text", "image_url"], shown[5]!["content"]!.AsArray().Select(static part => (string)part!["type"]!));
        Assert.StartsWith("data:image/png;base64,", (string)shown[1]!["content"]![1]!["image_url"]!["url"]!, StringComparison.Ordinal);
        Assert.Equal($"Compare with this.\n\n{ImageFolder.InPlaceOf(image, taken: false)}", (string?)told[1]!["content"]);
    }

    [Fact]
    public async Task A_server_that_refuses_images_is_told_of_them_instead()
    {
        using var folder = new TemporaryFolder();
        var images = new ImageFolder(folder.Path);
        var image = await images.KeepAsync(Pictures.Png(2, 1), CancellationToken.None);
        await using var server = await ResponsesServer.StartAsync(Reply.Error(400, "BadRequestError", "At most 0 image(s) may be provided in one request."), ChatReply.Answer("Done."));

        await AskAsync(server, Request(new ConversationEntry.User("Look.", [image])) with { Images = images });

        Assert.Contains("is not shown", (string)server.MessagesOf(1)[1]!["content"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_conversation_that_grows_by_a_step_repeats_its_messages_byte_for_byte()
    {
        var step = Gen.Elements<ConversationEntry[]>(
            [new ConversationEntry.Assistant("Said é <b>.")],
            [new ConversationEntry.User("Steered.")],
            [new ChatReasoning("reasoning", "Hm.").ToEntry(), new ConversationEntry.ToolCall("a", "list", "{}"), new ConversationEntry.ToolResult("a", "out")],
            [new ConversationEntry.Assistant("Both."), new ConversationEntry.ToolCall("a", "list", "{"), new ConversationEntry.ToolCall("b", "apply_patch", "x", Custom: true), new ConversationEntry.ToolResult("a", "1"), new ConversationEntry.ToolResult("b", "2", Custom: true)]);
        foreach (var steps in Gen.Sample(step.ListOf(), 30))
        {
            // Between two answers there is always a message or a result.
            ConversationEntry[] all = [new ConversationEntry.User("Hi"), .. steps.SelectMany(static entries => entries is [ConversationEntry.Assistant] ? [.. entries, new ConversationEntry.User("And?")] : entries)];
            string[] sent = [.. await Task.WhenAll(Ends(all).Select(async end => (await SentAsync(all[..end])).ToJsonString()[..^1]))];
            Assert.All(sent.Zip(sent.Skip(1)), static pair => Assert.StartsWith(pair.First, pair.Second, StringComparison.Ordinal));
        }
    }

    // Where a request is sent: after a message of the person, or after the last result of an answer.
    private static IEnumerable<int> Ends(ConversationEntry[] entries) => Enumerable.Range(1, entries.Length)
        .Where(end => entries[end - 1] is ConversationEntry.User or ConversationEntry.ToolResult && (end == entries.Length || entries[end] is not ConversationEntry.ToolResult));

    private static Task<JsonArray> SentAsync(params ConversationEntry[] input) => SentAsync(Request(input));

    private static async Task<JsonArray> SentAsync(ModelRequest request)
    {
        await using var server = await ResponsesServer.StartAsync(ChatReply.Answer("Done."));
        await AskAsync(server, request);
        return server.MessagesOf(0);
    }
}

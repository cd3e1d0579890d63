using System.Text.Json.Nodes;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using static CodexWeb.Tests.Models.ChatClientRig;

namespace CodexWeb.Tests.Models;

public sealed class ChatReasoningTests
{
    [Theory]
    [InlineData("reasoning_content")]
    [InlineData("reasoning")]
    public async Task Thoughts_are_shown_and_go_back_with_the_calls_they_led_to_in_the_field_they_came_in(string field)
    {
        await using var server = await ResponsesServer.StartAsync(
            ChatReply.Stream(ChatReply.Delta($"\"{field}\":\"Look \""), ChatReply.Delta($"\"{field}\":\"first.\""), ChatReply.Call(0, "a", "list", "{}"), ChatReply.Finish("tool_calls")),
            ChatReply.Answer("Done."));
        var updates = await AskAsync(server);

        await AskAsync(server, Request([new ConversationEntry.User("Hello"), .. EntriesOf(updates), new ConversationEntry.ToolResult("a", "nothing")]));

        Assert.Equal("Look first.", ThoughtOf(updates));
        var said = server.MessagesOf(1)[2]!;
        Assert.Equal("Look first.", (string?)said[field]);
        Assert.True(said.AsObject().TryGetPropertyValue("content", out var content) && content is null);
    }

    [Fact]
    public async Task Thoughts_before_a_final_answer_are_shown_but_not_kept()
    {
        var updates = await AskAsync(ChatReply.Delta("\"reasoning_content\":\"Hm.\""), ChatReply.Text("Done."), ChatReply.Finish("stop"));

        Assert.Equal("Hm.", ThoughtOf(updates));
        Assert.Equal([new ConversationEntry.Assistant("Done.")], EntriesOf(updates));
    }

    [Fact]
    public async Task A_server_that_refuses_thoughts_is_not_sent_them()
    {
        await using var server = await ResponsesServer.StartAsync(Reply.Error(400, "invalid_request_error", "messages[1]: property 'reasoning_content' is unsupported"), ChatReply.Answer("Done."));

        await AskAsync(server, Request(
            new ConversationEntry.User("Hello"), new ChatReasoning("reasoning_content", "Hm.").ToEntry(), new ConversationEntry.ToolCall("a", "list", "{}"), new ConversationEntry.ToolResult("a", "x")));

        Assert.Contains("reasoning_content", server.Bodies[0], StringComparison.Ordinal);
        Assert.DoesNotContain("reasoning_content", server.Bodies[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<think>Look first.</think>\n\nDone.", "Look first.", "Done.")]
    [InlineData("\n<think>\nLook first.\n</think>Done.", "Look first.\n", "Done.")]
    [InlineData("<think></think>Done.", "", "Done.")]
    [InlineData("<think>Never closed", "Never closed", "")]
    [InlineData("<thin air", "", "<thin air")]
    [InlineData("\n\nDone <think>not</think>", "", "Done <think>not</think>")]
    public async Task A_block_of_thoughts_in_the_text_is_told_from_it_however_it_is_cut(string content, string thought, string text)
    {
        foreach (var size in (int[])[1, 3, 100])
        {
            var updates = await AskAsync([.. content.Chunk(size).Select(static piece => ChatReply.Text(new string(piece))), ChatReply.Finish("stop")]);

            Assert.Equal((thought, text), (ThoughtOf(updates), TextOf(updates)));
            Assert.Equal(text, string.Concat(EntriesOf(updates).Cast<ConversationEntry.Assistant>().Select(static said => said.Text)));
        }
    }

    [Fact]
    public async Task Thoughts_whose_beginning_the_template_swallowed_do_not_stay_in_the_message()
    {
        var updates = await AskAsync(ChatReply.Text("I should look.\n</think>\n"), ChatReply.Text("\nDone."), ChatReply.Finish("stop"));

        Assert.Equal([new ConversationEntry.Assistant("Done.")], EntriesOf(updates));
    }

    [Fact]
    public async Task Thoughts_in_the_text_go_back_as_they_came_with_the_calls_they_led_to()
    {
        await using var server = await ResponsesServer.StartAsync(
            ChatReply.Stream(ChatReply.Text("<think>Look.</think>I look."), ChatReply.Call(0, "a", "list", "{}"), ChatReply.Finish("tool_calls")), ChatReply.Answer("Done."));
        var updates = await AskAsync(server);

        await AskAsync(server, Request([new ConversationEntry.User("Hello"), .. EntriesOf(updates), new ConversationEntry.ToolResult("a", "nothing")]));

        Assert.Equal("<think>\nLook.</think>\n\nI look.", (string?)server.MessagesOf(1)[2]!["content"]);
    }

    [Fact]
    public async Task Parts_of_a_message_that_are_thoughts_are_shown_as_such()
    {
        var updates = await AskAsync(
            ChatReply.Delta("""
                "content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm."}]}]
                """),
            ChatReply.Delta("""
                "content":[{"type":"text","text":"Done."}]
                """),
            ChatReply.Finish("stop"));

        Assert.Equal(("Hm.", "Done."), (ThoughtOf(updates), TextOf(updates)));
    }

    [Fact]
    public async Task What_a_model_thought_on_one_protocol_is_not_sent_to_one_on_the_other()
    {
        ConversationEntry sealedThought = new ConversationEntry.Reasoning("""{"type":"reasoning","encrypted_content":"c2VjcmV0"}""");
        await using var server = await ResponsesServer.StartAsync(ChatReply.Answer("Done."), Reply.Answer(OutputItem.Message("Done.")));
        var request = Request(new ConversationEntry.User("Hello"), sealedThought, new ChatReasoning("reasoning", "Hm.").ToEntry(), new ConversationEntry.ToolCall("a", "list", "{}"), new ConversationEntry.ToolResult("a", "x"));

        await AskAsync(server, request);
        await AskAsync(new ResponsesModelClient(new ProviderEndpoint(server.BaseUrl, "key-1"), TimeProvider.System), request);

        Assert.DoesNotContain("encrypted_content", server.Bodies[0], StringComparison.Ordinal);
        Assert.DoesNotContain("Hm.", server.Bodies[1], StringComparison.Ordinal);
        Assert.Equal(4, JsonNode.Parse(server.Bodies[1])!["input"]!.AsArray().Count);
    }
}

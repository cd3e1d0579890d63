using System.Text.Json.Nodes;
using CodexWeb.Agent;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Tests.Models;

namespace CodexWeb.Tests;

public sealed class AgentLoopReviewTests
{
    private const string Report = """{"findings":[],"verdict":"patch is correct","explanation":"Nothing is wrong.","confidence":0.9}""";

    [Fact]
    public async Task A_review_looks_without_changing_anything_and_ends_with_the_schemas_object()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Review, Reply.Answer(OutputItem.Exec("call_1", "cat a.txt; echo x > a.txt")), Reply.Answer(OutputItem.Message(Report)));
        rig.Write("a.txt", "one\n");

        var outcome = await RunAsync(rig);

        Assert.Equal(Report, Assert.IsType<TurnOutcome.Completed>(outcome).FinalMessage);
        Assert.Equal("one\n", rig.Read("a.txt"));
        var request = JsonNode.Parse(rig.Server.Bodies[0])!;
        Assert.Equal(("json_schema", "code_review", true), ((string)request["text"]!["format"]!["type"]!, (string)request["text"]!["format"]!["name"]!, (bool)request["text"]!["format"]!["strict"]!));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(ReviewReport.Schema.Json), request["text"]!["format"]!["schema"]));
        Assert.Contains("Code Review Rules", (string)request["instructions"]!, StringComparison.Ordinal);
        Assert.DoesNotContain("apply_patch", request["tools"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_schema_none_is_sent()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Ask, Reply.Answer(OutputItem.Message("Done.")));

        await rig.RunAsync();

        Assert.Null(JsonNode.Parse(rig.Server.Bodies[0])!["text"]?["format"]);
    }

    [Fact]
    public async Task A_message_of_another_form_is_sent_back_once_with_what_is_wrong()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Review, Reply.Answer(OutputItem.Message("Looks good!")), Reply.Answer(OutputItem.Message(Report)));

        var outcome = await RunAsync(rig);

        Assert.Equal(Report, Assert.IsType<TurnOutcome.Completed>(outcome).FinalMessage);
        Assert.StartsWith(
            "Your final message could not be used: There is no JSON object in it. Write it again",
            (string)rig.Server.InputOf(1).Last()!["content"]![0]!["text"]!,
            StringComparison.Ordinal);
        Assert.Equal([Report], rig.Completed.OfType<Item.AgentMessage>().Where(static message => message.Final).Select(static message => message.Text));
    }

    [Fact]
    public async Task A_second_message_of_another_form_fails_the_turn_with_a_sentence()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Review, Reply.Answer(OutputItem.Message("Looks good!")), Reply.Answer(OutputItem.Message("{}")), Reply.Answer(OutputItem.Message(Report)));

        var outcome = await RunAsync(rig);

        Assert.Equal(
            "The model's final message could not be used, and its correction neither. In the report findings is missing. Retry asks it again; a larger model may do better.",
            Assert.IsType<TurnOutcome.Failed>(outcome).Message);
        Assert.Equal(1, rig.Server.Remaining);
        Assert.DoesNotContain(rig.Completed, static item => item is Item.AgentMessage { Final: true });
    }

    [Fact]
    public async Task A_log_that_ends_with_a_message_of_another_form_goes_on_with_another_request()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Review, Reply.Answer(OutputItem.Message(Report)));
        IReadOnlyList<AgentEvent> log = [new AgentEvent.TurnStarted(1), new AgentEvent.HistoryAppended([new ConversationEntry.User("Review it."), new ConversationEntry.Assistant("Looks good!")])];

        var outcome = await LoopRig.RunAsync(rig.Turn(prompt: null, Resumption.From(log)) with { Output = ReviewReport.Schema });

        Assert.Equal(Report, Assert.IsType<TurnOutcome.Completed>(outcome).FinalMessage);
    }

    private static Task<TurnOutcome> RunAsync(LoopRig rig) => LoopRig.RunAsync(rig.Turn("Review it.") with { Output = ReviewReport.Schema });
}

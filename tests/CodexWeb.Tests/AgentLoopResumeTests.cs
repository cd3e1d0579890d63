using CodexWeb.Agent;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Tests.Models;

namespace CodexWeb.Tests;

public sealed class AgentLoopResumeTests
{
    private const string Patch = "*** Begin Patch\n*** Add File: made.txt\n+x\n*** End Patch\n";

    [Fact]
    public async Task A_log_that_ends_anywhere_gives_a_conversation_a_model_can_take()
    {
        var log = await RichLogAsync();

        for (var length = 0; length <= log.Count; length++)
        {
            var cut = log.Take(length).ToList();
            var state = Resumption.From(cut);

            AgentLoopTests.AssertPaired(state.History.Entries);
            Assert.Equal(state.History.Entries, Conversation.Rebuild([.. cut, .. state.Closing]).Entries);
            Assert.Empty(Resumption.From([.. cut, .. state.Closing]).Closing);
            Assert.DoesNotContain(state.Ids.Next(), cut.OfType<AgentEvent.ItemStarted>().Select(static started => started.Item.Id));
        }
    }

    [Fact]
    public async Task A_turn_goes_on_from_wherever_its_log_ends()
    {
        var batches = await RichBatchesAsync();
        await using var rig = await LoopRig.StartAsync(AgentMode.Code);
        for (var length = 1; length <= batches.Count; length++)
        {
            // A batch is stored whole or not at all.
            var state = Resumption.From([.. batches.Take(length).SelectMany(static batch => batch)]);
            if (!state.TurnOpen)
            {
                continue;
            }

            var asked = rig.Server.Bodies.Count;
            rig.Server.Then(Reply.Answer(OutputItem.Message("Went on.")));
            var outcome = Assert.IsType<TurnOutcome.Completed>(await LoopRig.RunAsync(rig.Turn(prompt: null, state)));

            Assert.Equal("Went on.", outcome.FinalMessage);
            var sent = rig.Server.InputOf(asked);
            var calls = sent.Where(static item => ((string)item!["type"]!).EndsWith("_call", StringComparison.Ordinal)).Select(static item => (string)item!["call_id"]!);
            var results = sent.Where(static item => ((string)item!["type"]!).EndsWith("_call_output", StringComparison.Ordinal)).Select(static item => (string)item!["call_id"]!);
            Assert.Equal(calls, results);
        }
    }

    [Fact]
    public async Task What_was_under_way_is_closed_as_unknown_and_told_to_people_and_model()
    {
        var log = await RichLogAsync();
        var running = log.ToList().FindIndex(static @event => @event is AgentEvent.ItemStarted { Item: Item.CommandExecution { Command: "echo one" } });

        var state = Resumption.From([.. log.Take(running + 1)]);

        var command = state.Closing.OfType<AgentEvent.ItemCompleted>().Select(static completed => completed.Item).OfType<Item.CommandExecution>().Single();
        Assert.Equal(ItemStatus.Unknown, command.Status);
        Assert.Contains(state.Closing, static @event => @event is AgentEvent.ItemCompleted { Item: Item.Notice { Kind: "resumed" } });
        Assert.Contains(state.History.Entries, static entry => entry is ConversationEntry.ToolResult { Output: Conversation.AbortedByServerEnd });
        Assert.Contains("(echo one)", Assert.IsType<ConversationEntry.User>(state.History.Entries[^1]).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_was_being_written_is_dropped_for_it_will_be_written_again()
    {
        var log = await RichLogAsync();
        var written = log.ToList().FindLastIndex(static @event => @event is AgentEvent.ItemUpdated { Delta: not null });

        var state = Resumption.From([.. log.Take(written + 1)]);

        var notice = Assert.IsType<Item.Notice>(Assert.IsType<AgentEvent.ItemCompleted>(Assert.Single(state.Closing, static @event => @event is AgentEvent.ItemCompleted { Item: Item.Notice })).Item);
        Assert.Equal([((AgentEvent.ItemUpdated)log[written]).ItemId], notice.Discards);
    }

    [Fact]
    public async Task An_answer_that_is_in_the_log_is_not_asked_for_again()
    {
        var log = await RichLogAsync();
        var cut = log.TakeWhile(static @event => @event is not AgentEvent.TurnCompleted).ToList();
        cut.Add(log.OfType<AgentEvent.HistoryAppended>().Last());
        await using var rig = await LoopRig.StartAsync(AgentMode.Code);

        var outcome = await LoopRig.RunAsync(rig.Turn(prompt: null, Resumption.From(cut)));

        Assert.Equal("All done.", Assert.IsType<TurnOutcome.Completed>(outcome).FinalMessage);
        Assert.Empty(rig.Server.Bodies);
    }

    /// <summary>A turn with all there can be: reasoning, messages, a broken stream, commands side by side and in the background, a patch, a plan, steering, wrong calls.</summary>
    private static async Task<IReadOnlyList<IReadOnlyList<AgentEvent>>> RichBatchesAsync()
    {
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Code,
            Reply.Answer(OutputItem.Reasoning("Plan."), OutputItem.Message("I plan."), OutputItem.Function("call_1", "update_plan", """{"plan":[{"step":"a","status":"in_progress"}]}""")),
            Reply.Answer(OutputItem.Exec("call_2", "echo one"), OutputItem.Exec("call_3", "echo two"), OutputItem.Function("call_4", "nope", "{")),
            Reply.Dropped(8, OutputItem.Message("This breaks off somewhere.")),
            Reply.Answer(OutputItem.Exec("call_5", "echo live; sleep 1000", ("yield_time_ms", 300)), OutputItem.Custom("call_6", "apply_patch", Patch)),
            Reply.Answer(OutputItem.Function("call_7", "write_stdin", """{"session_id":SESSION,"chars":"\u0003"}""".Replace("SESSION", "11", StringComparison.Ordinal))),
            Reply.Answer(OutputItem.Message("All done.")));
        rig.Steer("steer_1", "Mind the gap.");
        Assert.IsType<TurnOutcome.Completed>(await rig.RunAsync());
        return rig.Batches;
    }

    private static async Task<IReadOnlyList<AgentEvent>> RichLogAsync() => [.. (await RichBatchesAsync()).SelectMany(static batch => batch)];
}

using System.Text.Json.Nodes;
using CodexWeb.Agent;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Tests.Models;

public sealed class CompactionTests
{
    private const string Patch = "*** Begin Patch\n*** Add File: src/made.txt\n+one\n+two\n*** End Patch\n";
    private const string Plan = """{"plan":[{"step":"Look","status":"completed"},{"step":"Mend the parser","status":"in_progress"}]}""";
    private const string Summary = "## What remains\nMend `Parser.Read`, then run `make check`.";

    [Fact]
    public async Task A_conversation_that_nears_the_window_is_compacted_and_goes_on()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, [.. Work(), Reply.Counted(OutputItem.Message(Summary)), Reply.Counted(OutputItem.Message("All done."))]);
        rig.ContextWindow = 10_000;
        rig.Write("AGENTS.md", "Be kind.");

        var outcome = Assert.IsType<TurnOutcome.Completed>(await rig.RunAsync("Mend the parser.\n\nReview comments on the diff:\n\n- `src/a.cs:12`: Too long."));

        Assert.Equal("All done.", outcome.FinalMessage);
        var texts = rig.Server.InputOf(rig.Server.Bodies.Count - 1).Select(static item => (string)item!["content"]![0]!["text"]!).ToList();
        Assert.Equal(3, texts.Count);
        Assert.StartsWith("# AGENTS.md instructions for /workspace\n", texts[0], StringComparison.Ordinal);
        Assert.StartsWith("Mend the parser.", texts[1], StringComparison.Ordinal);
        Assert.EndsWith(Summary, texts[2], StringComparison.Ordinal);
        foreach (var fact in (string[])[
            "- `src/made.txt` new, +2 −0", "- done: Look", "- under way: Mend the parser", "- `src/a.cs:12`: Too long.", "`sh -c 'exit 3'`: exit code 3", "`yes abcdefghi | head -3000`: exit code 0"])
        {
            Assert.Contains(fact, texts[2], StringComparison.Ordinal);
        }

        var notice = rig.Completed.OfType<Item.Notice>().Single(static notice => notice.Kind == "compaction");
        Assert.Matches("^The conversation was compacted, from about [0-9,]+ to about [0-9,]+ tokens\\. It came near the limit\\. What was dropped", notice.Text);
        Assert.Contains(Summary, notice.Detail, StringComparison.Ordinal);
        Assert.Contains("src/made.txt", notice.Detail, StringComparison.Ordinal);
        Assert.Equal(Conversation.Rebuild(rig.Events).Entries, [.. Assert.Single(rig.Events.OfType<AgentEvent.HistoryReplaced>()).Entries, new ConversationEntry.Assistant("All done.", ProviderItemOf(rig))]);
        var percents = rig.Events.OfType<AgentEvent.UsageReported>().Select(static usage => usage.ContextPercent ?? 0).ToList();
        // The estimate after it is near to what the next request is counted at.
        Assert.InRange(percents[^2], percents[^1] - 5, percents[^1] + 5);
        Assert.InRange(percents[^2], 1, 50);
        AgentLoopTests.AssertSettled(rig.Events);
    }

    [Fact]
    public async Task The_request_for_the_hand_over_begins_as_the_one_before_it()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, [.. Work(), Reply.Counted(OutputItem.Message(Summary)), Reply.Counted(OutputItem.Message("All done."))]);
        rig.ContextWindow = 10_000;

        await rig.RunAsync();

        var (before, asked) = (rig.Server.Bodies.Count - 3, rig.Server.Bodies.Count - 2);
        Assert.Equal(rig.Server.InputOf(before).Select(static item => item!.ToJsonString()), rig.Server.InputOf(asked).Take(rig.Server.InputOf(before).Count).Select(static item => item!.ToJsonString()));
        Assert.Contains("Write that hand-over.", (string)rig.Server.InputOf(asked)[^1]!["content"]![0]!["text"]!, StringComparison.Ordinal);
        foreach (var name in (string[])["instructions", "tools", "prompt_cache_key"])
        {
            Assert.Equal(Field(rig, before, name), Field(rig, asked, name));
        }
    }

    [Fact]
    public async Task A_request_the_provider_finds_too_long_is_compacted_and_asked_again()
    {
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Code, [.. Work(), TooLong(), Reply.Answer(OutputItem.Message(Summary)), Reply.Answer(OutputItem.Message("All done."))]);
        rig.ContextWindow = null;

        Assert.IsType<TurnOutcome.Completed>(await rig.RunAsync());

        Assert.Contains("The model could not take it in any more.", Notice(rig).Text, StringComparison.Ordinal);
        // What was too long as a request is not sent again for the hand-over.
        Assert.Contains("tokens truncated…", rig.Server.Bodies[^2], StringComparison.Ordinal);
        Assert.EndsWith(Summary, (string)rig.Server.InputOf(rig.Server.Bodies.Count - 1)[^1]!["content"]![0]!["text"]!, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Unusable => new() { { "empty", "it was empty" }, { "tool", "it called a tool" }, { "refused", "HTTP 400: No." } };

    [Theory]
    [MemberData(nameof(Unusable))]
    public async Task Without_a_hand_over_the_facts_stand_alone_and_the_log_says_why(string kind, string reason)
    {
        var reply = kind switch
        {
            "empty" => Reply.Answer(OutputItem.Reasoning("Hm.")),
            "tool" => Reply.Answer(OutputItem.Message("I go on."), OutputItem.Exec("call_9", "touch never")),
            _ => Reply.Error(400, "invalid_prompt", "No."),
        };
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, [.. Work(), reply, Reply.Counted(OutputItem.Message("All done."))]);
        rig.ContextWindow = 10_000;

        Assert.IsType<TurnOutcome.Completed>(await rig.RunAsync());

        Assert.Contains($"The model's hand-over could not be used ({reason.TrimEnd('.')}); the server's facts stand alone in its place.", Notice(rig).Text, StringComparison.Ordinal);
        Assert.Contains("src/made.txt", (string)rig.Server.InputOf(rig.Server.Bodies.Count - 1)[^1]!["content"]![0]!["text"]!, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(rig.Workspace, "never")));
    }

    [Fact]
    public async Task An_earlier_hand_over_outlives_one_that_cannot_be_used()
    {
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Code,
            [.. Work(), Reply.Counted(OutputItem.Message(Summary)), .. Work(), Reply.Answer(OutputItem.Reasoning("Hm.")), Reply.Counted(OutputItem.Message("All done."))]);
        rig.ContextWindow = 10_000;

        Assert.IsType<TurnOutcome.Completed>(await rig.RunAsync());

        Assert.EndsWith(Summary, (string)rig.Server.InputOf(rig.Server.Bodies.Count - 1)[^1]!["content"]![0]!["text"]!, StringComparison.Ordinal);
        Assert.Contains("its earlier one", rig.Completed.OfType<Item.Notice>().Last(static notice => notice.Kind == "compaction").Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_conversation_too_long_for_its_own_hand_over_is_given_shorter_and_shorter()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, [.. Work(), TooLong(), TooLong(), TooLong(), Reply.Answer(OutputItem.Message("All done."))]);
        rig.ContextWindow = null;

        Assert.IsType<TurnOutcome.Completed>(await rig.RunAsync());

        var lengths = rig.Server.Bodies.Select(static body => body.Length).ToList();
        Assert.True(lengths[^4] > lengths[^3] && lengths[^3] > lengths[^2], string.Join(' ', lengths));
        Assert.Contains("the server's facts stand alone", Notice(rig).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_too_long_also_after_a_compaction_is_a_failure_a_larger_window_mends()
    {
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Code, [.. Work(), TooLong(), Reply.Answer(OutputItem.Message(Summary)), TooLong(), Reply.Answer(OutputItem.Message("All done."))]);
        rig.ContextWindow = null;

        var failed = Assert.IsType<TurnOutcome.Failed>(await rig.RunAsync());

        Assert.Equal(ModelFailure.ContextTooLong, failed.Failure);
        Assert.Contains("choose a model with a larger window", failed.Message, StringComparison.Ordinal);
        Assert.IsType<TurnOutcome.Completed>(await LoopRig.RunAsync(rig.Turn(prompt: null, Resumption.From(rig.Events))));
        AgentLoopTests.AssertSettled(rig.Events);
    }

    [Fact]
    public async Task A_prompt_that_fills_the_window_by_itself_fails_without_a_compaction()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, TooLong());
        rig.ContextWindow = 6_000;

        Assert.Equal(ModelFailure.ContextTooLong, Assert.IsType<TurnOutcome.Failed>(await rig.RunAsync(new string('x', 40_000))).Failure);

        Assert.Single(rig.Server.Bodies);
        Assert.Empty(rig.Events.OfType<AgentEvent.HistoryReplaced>());
    }

    [Fact]
    public async Task A_person_can_ask_for_it_before_the_next_request()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Ask, Reply.Answer(OutputItem.Message("It is a parser.")));
        await rig.RunAsync("What is it?");
        rig.Server.Then(Reply.Answer(OutputItem.Message(Summary)), Reply.Answer(OutputItem.Message("In Perl.")));
        var asked = true;
        var turn = rig.Turn("In which language?", Resumption.From(rig.Events)) with { TakeCompactRequest = _ => Task.FromResult(asked && !(asked = false)) };

        Assert.Equal("In Perl.", Assert.IsType<TurnOutcome.Completed>(await LoopRig.RunAsync(turn)).FinalMessage);

        Assert.Contains("A person asked for it.", Notice(rig).Text, StringComparison.Ordinal);
        var texts = rig.Server.InputOf(2).Select(static item => (string)item!["content"]![0]!["text"]!).ToList();
        Assert.Equal(["What is it?", "In which language?"], texts[..2]);
        Assert.EndsWith(Summary, texts[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asked_for_with_nothing_to_compact_it_says_so()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Ask, Reply.Answer(OutputItem.Message("It is a parser.")));

        await LoopRig.RunAsync(rig.Turn("What is it?") with { TakeCompactRequest = static _ => Task.FromResult(true) });

        Assert.Equal("There is nothing in the conversation yet that could be compacted.", Notice(rig).Text);
        Assert.Single(rig.Server.Bodies);
    }

    [Fact]
    public async Task Service_trouble_while_it_is_written_leaves_the_conversation_whole()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, [.. Work(), Reply.Error(401, "invalid_api_key", "Wrong key.")]);
        rig.ContextWindow = 10_000;

        Assert.Equal(ModelFailure.Denied, Assert.IsType<TurnOutcome.Failed>(await rig.RunAsync()).Failure);

        Assert.Empty(rig.Events.OfType<AgentEvent.HistoryReplaced>());
        Assert.Equal("The conversation was not compacted: the turn ended before.", Notice(rig).Text);
        AgentLoopTests.AssertSettled(rig.Events);
        rig.Server.Then(Reply.Counted(OutputItem.Message(Summary)), Reply.Counted(OutputItem.Message("All done.")));
        Assert.IsType<TurnOutcome.Completed>(await LoopRig.RunAsync(rig.Turn(prompt: null, Resumption.From(rig.Events))));
        Assert.Single(rig.Events.OfType<AgentEvent.HistoryReplaced>());
    }

    [Fact]
    public async Task A_stop_while_it_is_written_leaves_the_conversation_whole()
    {
        var silent = new TaskCompletionSource();
        using var stop = new CancellationTokenSource();
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, [.. Work(), Reply.Hang(3, silent, OutputItem.Message(Summary))]);
        rig.ContextWindow = 10_000;

        var run = rig.RunAsync("Do it.", stop.Token);
        await silent.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await stop.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(() => run);
        Assert.Empty(rig.Events.OfType<AgentEvent.HistoryReplaced>());
        Assert.Equal("The conversation was not compacted: the turn ended before.", Notice(rig).Text);
        AgentLoopTests.AssertPaired(Conversation.Rebuild(rig.Events).Entries);
    }

    [Fact]
    public async Task A_server_that_ends_at_any_moment_of_it_goes_on_with_the_old_or_the_new_conversation()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, [.. Work(), Reply.Counted(OutputItem.Message(Summary)), Reply.Counted(OutputItem.Message("All done."))]);
        rig.ContextWindow = 10_000;
        await rig.RunAsync();
        var batches = rig.Batches;
        var begun = batches.ToList().FindIndex(static batch => batch.Any(static @event => @event is AgentEvent.ItemStarted { Item: Item.Notice }));
        var replaced = batches.ToList().FindIndex(static batch => batch.Any(static @event => @event is AgentEvent.HistoryReplaced));
        Assert.Equal(begun + 1, replaced);

        for (var length = begun; length <= replaced + 1; length++)
        {
            var log = batches.Take(length).SelectMany(static batch => batch).ToList();
            var state = Resumption.From(log);
            AgentLoopTests.AssertPaired(state.History.Entries);
            Assert.Empty(Resumption.From([.. log, .. state.Closing]).Closing);
            var asked = rig.Server.Bodies.Count;
            rig.Server.Then(length > replaced ? [Reply.Counted(OutputItem.Message("Went on."))] : [Reply.Counted(OutputItem.Message(Summary)), Reply.Counted(OutputItem.Message("Went on."))]);

            Assert.Equal("Went on.", Assert.IsType<TurnOutcome.Completed>(await LoopRig.RunAsync(rig.Turn(prompt: null, state))).FinalMessage);
            Assert.Equal(0, rig.Server.Remaining);
            Assert.EndsWith(Summary, (string)rig.Server.InputOf(rig.Server.Bodies.Count - 1)[^1]!["content"]![0]!["text"]!, StringComparison.Ordinal);
            Assert.Equal(length > replaced ? 1 : 2, rig.Server.Bodies.Count - asked);
        }
    }

    [Fact]
    public async Task A_call_id_that_comes_again_after_a_compaction_has_its_own_result()
    {
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Code, [.. Work(), Reply.Counted(OutputItem.Message(Summary)), Reply.Counted(OutputItem.Exec("call_1", "echo later")), Reply.Counted(OutputItem.Message("All done."))]);
        rig.ContextWindow = 10_000;

        Assert.IsType<TurnOutcome.Completed>(await rig.RunAsync());

        Assert.Contains("later", Assert.Single(Conversation.Rebuild(rig.Events).Entries.OfType<ConversationEntry.ToolResult>()).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Instructions_of_a_folder_are_given_again_when_it_is_worked_in_again()
    {
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Code,
            [Reply.Counted(OutputItem.Exec("call_0", "ls", ("workdir", "sub"))), .. Work(), Reply.Counted(OutputItem.Message(Summary)), Reply.Counted(OutputItem.Exec("call_8", "ls", ("workdir", "sub"))), Reply.Counted(OutputItem.Message("All done."))]);
        rig.ContextWindow = 10_000;
        rig.Write("sub/AGENTS.md", "Sub rules.");

        Assert.IsType<TurnOutcome.Completed>(await rig.RunAsync());

        var last = rig.Server.InputOf(rig.Server.Bodies.Count - 1).Select(static item => item!.ToJsonString()).ToList();
        Assert.Single(last, static item => item.Contains("Sub rules.", StringComparison.Ordinal));
        Assert.Contains("Sub rules.", last[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Newest_messages_are_kept_whole_and_what_crosses_the_limit_is_cut()
    {
        ConversationEntry[] entries =
        [
            new ConversationEntry.User("oldest " + new string('a', 4_000)), new ConversationEntry.User("from the server", FromServer: true), new ConversationEntry.Assistant("Hm."),
            new ConversationEntry.User("crosses " + new string('b', 4_000)), new ConversationEntry.User("newest", [new ImageReference(new string('0', 64), "image/png", 1, 1)]),
        ];

        var kept = HandOver.NewestMessages(entries, 1_600);

        Assert.Equal(entries[^1], kept[^1]);
        Assert.StartsWith("crosses bbb", kept[0].Text, StringComparison.Ordinal);
        Assert.Contains("tokens truncated…", kept[0].Text, StringComparison.Ordinal);
        Assert.Equal(2, kept.Count);
    }

    private static string? ProviderItemOf(LoopRig rig) =>
        rig.Events.OfType<AgentEvent.HistoryAppended>().SelectMany(static appended => appended.Entries).OfType<ConversationEntry.Assistant>().Last().ProviderItem;

    // Some 10,000 tokens with prompt and tools: more than 90 % of 10,000, and less before the last.
    private static IReadOnlyList<Reply> Work() =>
    [
        Reply.Counted(OutputItem.Function("call_1", "update_plan", Plan), OutputItem.Custom("call_2", "apply_patch", Patch), OutputItem.Exec("call_3", "sh -c 'exit 3'")),
        Reply.Counted(OutputItem.Exec("call_4", "yes abcdefghi | head -3000", ("max_output_tokens", 7000))),
    ];

    private static Reply TooLong() => Reply.Error(400, "context_length_exceeded", "Too many tokens.");

    private static Item.Notice Notice(LoopRig rig) => rig.Completed.OfType<Item.Notice>().Single(static notice => notice.Kind == "compaction");

    private static string Field(LoopRig rig, int request, string name) => JsonNode.Parse(rig.Server.Bodies[request])![name]!.ToJsonString();
}

using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;

namespace CodexWeb.Tests.Attempts;

public sealed class StepBoundaryTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    // Two steps, of which the second one's files are saved while the model is asked for the answer.
    private static readonly IReadOnlyList<LoggedEvent> Log = Logged(
        /* 1 */ new AgentEvent.StatusChanged(AttemptStatus.Queued, "Waits."),
        /* 2 */ new AgentEvent.TurnStarted(1),
        /* 3 */ new AgentEvent.ItemCompleted(new Item.UserMessage("item_1", "Do it.", "prompt")),
        /* 4 */ new AgentEvent.HistoryAppended([new ConversationEntry.User("Do it.")]),
        /* 5 */ new AgentEvent.UsageReported(new TokenUsage(10, 0, 5, 0), 12),
        /* 6 */ new AgentEvent.HistoryAppended([new ConversationEntry.Reasoning("{\"secret\":1}"), Call("a"), Call("b")]),
        /* 7 */ new AgentEvent.ItemStarted(new Item.CommandExecution("item_2", "make", "", ItemStatus.InProgress)),
        /* 8 */ new AgentEvent.ItemUpdated("item_2", "out"),
        /* 9 */ new AgentEvent.ItemCompleted(new Item.CommandExecution("item_2", "make", "", ItemStatus.Completed, "out", 3, 0)),
        /* 10 */ new AgentEvent.HistoryAppended([Result("a")]),
        /* 11 */ new AgentEvent.HistoryAppended([Result("b")]),
        /* 12 */ new AgentEvent.Checkpoint("c1", 1, 1, 0),
        /* 13 */ new AgentEvent.UsageReported(new TokenUsage(20, 10, 5, 0), 15),
        /* 14 */ new AgentEvent.HistoryAppended([Call("c")]),
        /* 15 */ new AgentEvent.ItemStarted(new Item.CommandExecution("item_3", "make more", "", ItemStatus.InProgress)),
        /* 16 */ new AgentEvent.ItemCompleted(new Item.CommandExecution("item_3", "make more", "", ItemStatus.Completed, "", 0, 0)),
        /* 17 */ new AgentEvent.HistoryAppended([Result("c")]),
        /* 18 */ new AgentEvent.ItemStarted(new Item.AgentMessage("item_4", "")),
        /* 19 */ new AgentEvent.Checkpoint("c2", 2, 2, 0),
        /* 20 */ new AgentEvent.ItemCompleted(new Item.AgentMessage("item_4", "Done.", Final: true)),
        /* 21 */ new AgentEvent.HistoryAppended([new ConversationEntry.Assistant("Done.", "{\"id\":\"m\"}")]),
        /* 22 */ new AgentEvent.TurnCompleted(1, new TokenUsage(30, 10, 10, 0)),
        /* 23 */ new AgentEvent.StatusChanged(AttemptStatus.Completed, "Done."),
        /* 24 */ new AgentEvent.ItemCompleted(new Item.Notice("item_5", "rewind", "Rewound.")),
        /* 25 */ new AgentEvent.HistoryAppended([new ConversationEntry.User("Rewound.")]),
        /* 26 */ new AgentEvent.Checkpoint("c3", 1, 1, 0));

    [Theory]
    [InlineData(1, 1, null)]
    [InlineData(3, 1, null)]
    [InlineData(4, 4, null)]
    [InlineData(10, 5, null)]
    [InlineData(11, 11, "c1")]
    [InlineData(12, 12, "c1")]
    [InlineData(16, 13, "c1")]
    [InlineData(17, 17, "c2")]
    [InlineData(19, 19, "c2")]
    [InlineData(23, 23, "c2")]
    [InlineData(26, 26, "c3")]
    [InlineData(99, 26, "c3")]
    public void It_is_where_every_call_has_its_result_and_has_the_files_of_that_step(long seq, long boundary, string? commit)
    {
        var found = StepBoundary.At(Log, seq)!;

        Assert.Equal((boundary, commit), (found.Seq, found.Files?.Commit));
    }

    [Fact]
    public void Before_anything_there_is_none() => Assert.Null(StepBoundary.At(Log, 0));

    [Fact]
    public void A_forks_log_is_the_log_up_to_the_step_with_nothing_spent_and_nothing_left_open()
    {
        var events = ForkedLog.Of(Log, StepBoundary.At(Log, 17)!, sameModel: true, "Forked from there.");

        Assert.DoesNotContain(events, e => e is AgentEvent.StatusChanged or AgentEvent.ItemUpdated);
        Assert.All(events.OfType<AgentEvent.UsageReported>(), usage => Assert.Equal(default, usage.Usage));
        Assert.Equal(["c1", "c2"], events.OfType<AgentEvent.Checkpoint>().Select(checkpoint => checkpoint.Commit));
        Assert.Equal("Forked from there.", Assert.Single(events.OfType<AgentEvent.ItemCompleted>().Select(e => e.Item).OfType<Item.Notice>()).Text);
        Assert.Equal(new AgentEvent.TurnCompleted(1, default), events[^1]);
        var resumed = CodexWeb.Agent.Models.Resumption.From(events);
        Assert.Equal((false, default), (resumed.TurnOpen, resumed.Used));
        Assert.Empty(resumed.Closing);
        Assert.Equal(3, resumed.History.Entries.OfType<ConversationEntry.ToolResult>().Count());
    }

    [Fact]
    public void What_was_being_said_when_it_was_forked_is_not_in_the_fork()
    {
        var events = ForkedLog.Of(Log, StepBoundary.At(Log, 19)!, sameModel: true, "Forked.");

        Assert.DoesNotContain(events, e => e is AgentEvent.ItemStarted { Item: Item.AgentMessage });
    }

    [Fact]
    public void Another_model_is_given_nothing_that_only_the_first_ones_provider_can_read()
    {
        var same = Json(ForkedLog.Of(Log, StepBoundary.At(Log, 23)!, sameModel: true, "Forked."));
        var other = Json(ForkedLog.Of(Log, StepBoundary.At(Log, 23)!, sameModel: false, "Forked."));

        Assert.Contains("secret", same, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", other, StringComparison.Ordinal);
        Assert.DoesNotContain("provider_item\":\"", other.Replace("providerItem", "provider_item", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("Done.", other, StringComparison.Ordinal);
    }

    [Fact]
    public void In_the_transcript_a_step_ends_with_the_block_that_changed_the_files()
    {
        var transcript = new Transcript();
        foreach (var logged in Log)
        {
            transcript.Apply(logged);
        }

        var turn = Assert.Single(transcript.Turns);
        Assert.Equal([new TranscriptStep(19, "c2"), new TranscriptStep(26, "c3")], turn.Blocks.Select(block => block.Step).OfType<TranscriptStep>());
        Assert.Equal(new TranscriptStep(26, "c3"), turn.Step);
    }

    [Fact]
    public void A_rewind_makes_every_check_stale()
    {
        AgentEvent[] log =
        [
            new AgentEvent.TurnStarted(1),
            new AgentEvent.ItemCompleted(new Item.FileChange("item_1", [new ChangedFile("a", FileChangeKind.Update, 1, 1)], ItemStatus.Completed)),
            new AgentEvent.Checkpoint("c1", 1, 1, 1),
            new AgentEvent.UsageReported(default, null),
            new AgentEvent.ItemCompleted(new Item.CommandExecution("item_2", "make test", "", ItemStatus.Completed, "", 0, 0)),
            new AgentEvent.TurnCompleted(1, default),
        ];

        Assert.False(Evidence.Of(log, ["make test"], null).Checks[0].Stale);
        Assert.True(Evidence.Of([.. log, new AgentEvent.ItemCompleted(new Item.Notice("item_3", "rewind", "Rewound.")), new AgentEvent.Checkpoint("c2", 0, 0, 0)], ["make test"], null).Checks[0].Stale);
    }

    private static string Json(IReadOnlyList<AgentEvent> events) => string.Join('\n', events.Select(ProtocolJson.Write));

    private static ConversationEntry.ToolCall Call(string id) => new(id, "exec_command", "{}", Custom: false, "{\"type\":\"function_call\"}");

    private static ConversationEntry.ToolResult Result(string id) => new(id, "ok");

    private static LoggedEvent[] Logged(params AgentEvent[] events) => [.. events.Select((e, i) => new LoggedEvent(i + 1, At, ProtocolJson.Write(e)))];
}

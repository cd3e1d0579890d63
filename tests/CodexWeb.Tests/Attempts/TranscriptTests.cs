using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using FsCheck;
using FsCheck.Fluent;

namespace CodexWeb.Tests.Attempts;

public sealed class TranscriptTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_whole_attempt_reads_as_it_went()
    {
        var transcript = Fold(
            new AgentEvent.StatusChanged(AttemptStatus.Preparing, "Makes the workspace."),
            new AgentEvent.PhaseChanged(AttemptPhase.Queue, PhaseState.Completed, 40),
            new AgentEvent.TurnStarted(1),
            new AgentEvent.ItemCompleted(new Item.UserMessage("item_1", "Fix it.", "prompt")),
            new AgentEvent.PhaseChanged(AttemptPhase.Agent, PhaseState.Started),
            new AgentEvent.ItemStarted(new Item.Reasoning("item_2", "")),
            new AgentEvent.ItemUpdated("item_2", "Look first."),
            new AgentEvent.ItemCompleted(new Item.Reasoning("item_2", "Look first.")),
            new AgentEvent.ItemStarted(Command("item_3", "prove -l", ItemStatus.InProgress)),
            new AgentEvent.ItemUpdated("item_3", "not ok 1\n"),
            new AgentEvent.ItemCompleted(Command("item_3", "prove -l", ItemStatus.Completed, 1, "not ok 1\n")),
            new AgentEvent.ItemCompleted(new Item.FileChange("item_4", [new ChangedFile("lib/A.pm", FileChangeKind.Update, 2, 1)], ItemStatus.Completed)),
            new AgentEvent.ItemStarted(new Item.AgentMessage("item_5", "")),
            new AgentEvent.ItemUpdated("item_5", "Do"),
            new AgentEvent.ItemUpdated("item_5", "ne."),
            new AgentEvent.ItemCompleted(new Item.AgentMessage("item_5", "Done.", Final: true)),
            new AgentEvent.TurnCompleted(1, default),
            new AgentEvent.PhaseChanged(AttemptPhase.Agent, PhaseState.Completed, 900),
            new AgentEvent.StatusChanged(AttemptStatus.Completed, "The diff is ready."));

        Assert.Equal(
            """
            turn 1 ended
            Queue Completed 0.04 s
            Agent Completed 0.90 s
            Alone: UserMessage 'Fix it.'
            Work: Reasoning 'Look first.'; CommandExecution 'prove -l' 1 'not ok 1\n'
            Changes: FileChange lib/A.pm
            Alone: AgentMessage 'Done.'
            Completed: The diff is ready.
            """,
            Describe(transcript));
    }

    [Fact]
    public void What_broke_off_and_is_asked_for_again_is_dropped()
    {
        var transcript = Fold(
            new AgentEvent.TurnStarted(1),
            new AgentEvent.ItemStarted(new Item.Reasoning("item_1", "Hm")),
            new AgentEvent.ItemStarted(new Item.AgentMessage("item_2", "Half a sen")),
            new AgentEvent.ItemCompleted(new Item.Notice("item_3", "retry", "The stream broke off.", Discards: ["item_1", "item_2"])),
            new AgentEvent.ItemUpdated("item_2", "tence"),
            new AgentEvent.ItemCompleted(new Item.AgentMessage("item_4", "A whole one.")));

        Assert.Equal(["Notice", "AgentMessage"], transcript.Turns[0].Blocks.Select(b => b.Items[0].Item.GetType().Name));
    }

    [Fact]
    public void The_plan_stands_once_where_it_first_came_up()
    {
        var transcript = Fold(
            new AgentEvent.ItemCompleted(new Item.Plan("item_1", [new PlanStep("Look", PlanStepStatus.InProgress)])),
            new AgentEvent.ItemCompleted(Command("item_2", "ls", ItemStatus.Completed, 0)),
            new AgentEvent.ItemCompleted(new Item.Plan("item_3", [new PlanStep("Look", PlanStepStatus.Completed)])));

        Assert.Equal([BlockKind.Plan, BlockKind.Work], transcript.Turns[0].Blocks.Select(b => b.Kind));
        Assert.Equal(PlanStepStatus.Completed, ((Item.Plan)transcript.Turns[0].Blocks[0].Items[0].Item).Steps[0].Status);
    }

    [Fact]
    public void Commands_of_another_phase_stand_in_a_group_of_their_own()
    {
        var transcript = Fold(
            new AgentEvent.PhaseChanged(AttemptPhase.SetUp, PhaseState.Started),
            new AgentEvent.ItemCompleted(Command("item_1", "make deps", ItemStatus.Completed, 0)),
            new AgentEvent.PhaseChanged(AttemptPhase.SetUp, PhaseState.Completed, 5),
            new AgentEvent.PhaseChanged(AttemptPhase.Agent, PhaseState.Started),
            new AgentEvent.ItemCompleted(Command("item_2", "ls", ItemStatus.Completed, 0)));

        Assert.Equal([AttemptPhase.SetUp, AttemptPhase.Agent], transcript.Turns[0].Blocks.Select(b => b.Phase));
    }

    [Fact]
    public void A_follow_up_opens_a_turn_and_a_message_sent_meanwhile_does_not()
    {
        var transcript = Fold(
            new AgentEvent.TurnStarted(1),
            new AgentEvent.ItemCompleted(new Item.UserMessage("item_1", "One", "prompt")),
            new AgentEvent.ItemCompleted(new Item.UserMessage("item_2", "And mind the rounding", "steer")),
            new AgentEvent.TurnCompleted(1, default),
            new AgentEvent.StatusChanged(AttemptStatus.Completed, "Done."),
            new AgentEvent.StatusChanged(AttemptStatus.Queued, "Waits."),
            new AgentEvent.PhaseChanged(AttemptPhase.Queue, PhaseState.Started),
            new AgentEvent.TurnStarted(2),
            new AgentEvent.ItemCompleted(new Item.UserMessage("item_3", "Two", "follow_up")));

        Assert.Equal([(1, 2), (2, 1)], transcript.Turns.Select(t => (t.Number, t.Blocks.Count)));
        Assert.Equal(2, transcript.Prompts);
        Assert.True(transcript.IsActive);
    }

    [Fact]
    public void What_still_ran_when_the_attempt_was_stopped_is_at_rest()
    {
        var transcript = Fold(
            new AgentEvent.PhaseChanged(AttemptPhase.Agent, PhaseState.Started),
            new AgentEvent.ItemStarted(Command("item_1", "sleep 60", ItemStatus.InProgress)),
            new AgentEvent.StatusChanged(AttemptStatus.Cancelled, "Stopped by Local user."));

        var turn = transcript.Turns[0];
        Assert.False(turn.Blocks[0].Items[0].Live);
        Assert.Equal((PhaseState.Cancelled, AttemptStatus.Cancelled, "Stopped by Local user."), (turn.Phases[0].State, turn.Outcome, turn.Cause));
    }

    [Fact]
    public void A_phase_that_is_gone_on_with_adds_its_stretches()
    {
        var transcript = Fold(
            new AgentEvent.PhaseChanged(AttemptPhase.Agent, PhaseState.Started),
            new AgentEvent.PhaseChanged(AttemptPhase.Agent, PhaseState.Completed, 1_000),
            new AgentEvent.PhaseChanged(AttemptPhase.Agent, PhaseState.Started),
            new AgentEvent.PhaseChanged(AttemptPhase.Agent, PhaseState.Failed, 500, "The model refused.", "Check the key."));

        var phase = Assert.Single(transcript.Turns[0].Phases);
        Assert.Equal(new TranscriptPhase(AttemptPhase.Agent, PhaseState.Failed, Start.AddSeconds(2), TimeSpan.FromSeconds(1.5), "The model refused.", "Check the key."), phase);
    }

    [Fact]
    public void A_running_command_keeps_the_end_of_its_output()
    {
        var transcript = Fold(
            new AgentEvent.ItemStarted(Command("item_1", "yes", ItemStatus.InProgress)),
            new AgentEvent.ItemUpdated("item_1", new string('a', TranscriptBlock.LiveOutputLength)),
            new AgentEvent.ItemUpdated("item_1", "the end"));

        var output = ((Item.CommandExecution)transcript.Turns[0].Blocks[0].Items[0].Item).Output;
        Assert.Equal(TranscriptBlock.LiveOutputLength, output.Length);
        Assert.EndsWith("athe end", output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_that_comes_twice_counts_once()
    {
        var transcript = new Transcript();
        var logged = Log(new AgentEvent.UsageReported(new TokenUsage(10, 0, 2, 0), 5))[0];
        transcript.Apply(logged);
        transcript.Apply(logged);

        Assert.Equal(new TokenUsage(10, 0, 2, 0), transcript.Usage);
    }

    [Fact]
    public void Who_comes_late_sees_what_those_saw_who_watched() =>
        Prop.ForAll(Events().ToArbitrary(), events =>
        {
            var log = Log([.. events]);
            var watched = new Transcript();
            foreach (var logged in log)
            {
                watched.Apply(logged);
                // What is looked at in between must not change what comes after.
                _ = Describe(watched);
            }

            // From the stored text, in one go, with a part of it given twice.
            var late = new Transcript();
            foreach (var logged in log.Concat(log.Take(log.Count / 2)).Select(l => new LoggedEvent(l.Seq, l.At, l.Json)))
            {
                late.Apply(logged);
            }

            return Describe(watched) == Describe(late);
        }).QuickCheckThrowOnFailure();

    private static Gen<List<AgentEvent>> Events() => Gen.ListOf(Gen.OneOf(
        Gen.Choose(1, 3).Select(n => (AgentEvent)new AgentEvent.TurnStarted(n)),
        Gen.Choose(1, 3).Select(n => (AgentEvent)new AgentEvent.TurnCompleted(n, default)),
        Gen.Choose(1, 3).Select(n => (AgentEvent)new AgentEvent.TurnFailed(n, "No.")),
        Gen.Elements(Enum.GetValues<AttemptStatus>()).Select(s => (AgentEvent)new AgentEvent.StatusChanged(s, "Because.")),
        Gen.Elements(Enum.GetValues<AttemptPhase>()).SelectMany(p => Gen.Elements(Enum.GetValues<PhaseState>()).Select(s => (AgentEvent)new AgentEvent.PhaseChanged(p, s))),
        Items().Select(i => (AgentEvent)new AgentEvent.ItemStarted(i)),
        Items().Select(i => (AgentEvent)new AgentEvent.ItemCompleted(i)),
        Gen.Choose(1, 6).Select(n => (AgentEvent)new AgentEvent.ItemUpdated($"item_{n}", "more "))), 30).Select(l => l.ToList());

    private static Gen<Item> Items() => Gen.Choose(1, 6).SelectMany(n => Gen.Elements<Item>(
        new Item.UserMessage($"item_{n}", "Go on", "follow_up"),
        new Item.UserMessage($"item_{n}", "And this", "steer"),
        new Item.AgentMessage($"item_{n}", "Text"),
        new Item.Reasoning($"item_{n}", "Thought"),
        Command($"item_{n}", "ls", ItemStatus.InProgress),
        new Item.Plan($"item_{n}", [new PlanStep("Look", PlanStepStatus.Pending)]),
        new Item.FileChange($"item_{n}", [], ItemStatus.Completed),
        new Item.Notice($"item_{n}", "retry", "Again", Discards: [$"item_{n - 1}"])));

    private static Item.CommandExecution Command(string id, string command, ItemStatus status, int? exit = null, string output = "") =>
        new(id, command, "", status, output, output.Length, exit, exit is null ? null : 10);

    private static Transcript Fold(params AgentEvent[] events)
    {
        var transcript = new Transcript();
        foreach (var logged in Log(events))
        {
            transcript.Apply(logged);
        }

        return transcript;
    }

    private static List<LoggedEvent> Log(params AgentEvent[] events) => [.. events.Select((e, i) => new LoggedEvent(i + 1, Start.AddSeconds(i), ProtocolJson.Write(e)))];

    private static string Describe(Transcript transcript) => string.Join('\n',
    [
        .. transcript.Turns.SelectMany(turn => (IEnumerable<string>)
        [
            $"turn {turn.Number} {(turn.EndedAt is null ? "goes on" : "ended")}",
            .. turn.Phases.Select(p => FormattableString.Invariant($"{p.Phase} {p.State} {p.Duration.TotalSeconds:0.00} s")),
            .. turn.Blocks.Select(b => $"{b.Kind}: {string.Join("; ", b.Items.Select(Describe))}"),
        ]),
        $"{transcript.Status}: {transcript.Reason}",
    ]);

    private static string Describe(TranscriptItem item) => (item.Live ? "live " : "") + item.Item.GetType().Name + item.Item switch
    {
        Item.UserMessage m => $" '{m.Text}'",
        Item.AgentMessage m => $" '{m.Text}'",
        Item.Reasoning r => $" '{r.Text}'",
        Item.CommandExecution c => $" '{c.Command}' {c.ExitCode} '{c.Output.ReplaceLineEndings("\\n")}'",
        Item.FileChange f => " " + string.Join(", ", f.Changes.Select(c => c.Path)),
        Item.Plan p => $" {p.Steps.Count}",
        Item.Notice n => $" '{n.Text}'",
        _ => "",
    };
}

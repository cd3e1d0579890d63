using System.Text.Json.Nodes;
using CodexWeb.Agent;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Tests.Models;

namespace CodexWeb.Tests;

public sealed class AgentLoopTests
{
    private const string Patch = "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+two\n*** End Patch\n";

    [Fact]
    public async Task A_turn_looks_changes_checks_and_reports()
    {
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Code,
            Reply.Answer(OutputItem.Reasoning("I should look."), OutputItem.Message("Looking first."), OutputItem.Exec("call_1", "cat a.txt")),
            Reply.Answer(OutputItem.Custom("call_2", "apply_patch", Patch)),
            Reply.Answer(OutputItem.Exec("call_3", "grep -c two a.txt")),
            Reply.Answer(OutputItem.Message("Changed `one` to `two`. ✅ 【C:item_6】")));
        rig.Write("a.txt", "one\n");

        var outcome = await rig.RunAsync("Make it two.");

        Assert.Equal(new TurnOutcome.Completed("Changed `one` to `two`. ✅ 【C:item_6】", new TokenUsage(4000, 3200, 200, 80)), outcome);
        Assert.Equal("two\n", rig.Read("a.txt"));
        Assert.Collection(
            rig.Completed,
            static item => Assert.Equal(("Make it two.", "prompt"), item is Item.UserMessage user ? (user.Text, user.Source) : default),
            static item => Assert.Equal("I should look.", Assert.IsType<Item.Reasoning>(item).Text),
            static item => Assert.Equal(("Looking first.", false), item is Item.AgentMessage message ? (message.Text, message.Final) : default),
            static item => Assert.Equal(("cat a.txt", "one\n", 0, ItemStatus.Completed), item is Item.CommandExecution run ? (run.Command, run.Output, run.ExitCode, run.Status) : default),
            static item => Assert.Equal([new ChangedFile("a.txt", FileChangeKind.Update, 1, 1)], Assert.IsType<Item.FileChange>(item).Changes),
            static item => Assert.Equal("1\n", Assert.IsType<Item.CommandExecution>(item).Output),
            static item => Assert.True(Assert.IsType<Item.AgentMessage>(item).Final));
        Assert.Equal(new AgentEvent.TurnStarted(1), rig.Events[0]);
        Assert.Contains(new AgentEvent.TurnCompleted(1, new TokenUsage(4000, 3200, 200, 80)), rig.Events);
        Assert.Equal(new AgentEvent.UsageReported(new TokenUsage(1000, 800, 50, 20), 1), rig.Events.OfType<AgentEvent.UsageReported>().First());
        Assert.StartsWith("Item: item_4\nExit code: 0\nWall time: ", rig.Told("call_1"), StringComparison.Ordinal);
        Assert.EndsWith(" s\nTotal lines: 1\nOutput:\none\n", rig.Told("call_1"), StringComparison.Ordinal);
        AssertSettled(rig.Events);
    }

    [Fact]
    public async Task Each_result_stands_in_one_batch_with_the_end_of_its_item()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Answer(OutputItem.Exec("call_1", "true"), OutputItem.Custom("call_2", "apply_patch", "nonsense")), Reply.Answer(OutputItem.Message("Done.")));

        await rig.RunAsync();

        foreach (var batch in rig.Batches.Where(static batch => batch.OfType<AgentEvent.HistoryAppended>().Any(static history => history.Entries[0] is ConversationEntry.ToolResult)))
        {
            Assert.Equal(2, batch.Count);
            Assert.IsType<AgentEvent.ItemCompleted>(batch[0]);
        }

        Assert.Equal(ItemStatus.Failed, rig.Completed.OfType<Item.FileChange>().Single().Status);
    }

    [Fact]
    public async Task Every_request_begins_with_the_bytes_of_the_one_before()
    {
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Code,
            Reply.Answer(OutputItem.Reasoning("Hm."), OutputItem.Message("é <b> \u2028"), OutputItem.Exec("call_1", "printf 'a\\0b\\377'"), OutputItem.Exec("call_2", "true")),
            Reply.Answer(OutputItem.Function("call_3", "update_plan", """{"plan":[{"step":"x","status":"pending"}]}""")),
            Reply.Answer(OutputItem.Custom("call_4", "apply_patch", Patch)),
            Reply.Answer(OutputItem.Message("Done.")));

        await rig.RunAsync();

        var requests = rig.Server.Bodies;
        for (var request = 1; request < requests.Count; request++)
        {
            var (before, now) = (JsonNode.Parse(requests[request - 1])!.AsObject(), JsonNode.Parse(requests[request])!.AsObject());
            Assert.StartsWith(before["input"]!.ToJsonString()[..^1] + ",", now["input"]!.ToJsonString(), StringComparison.Ordinal);
            Assert.Equal(Without(before, "input"), Without(now, "input"));
        }

        static string Without(JsonObject json, string name)
        {
            var copy = json.DeepClone().AsObject();
            copy.Remove(name);
            return copy.ToJsonString();
        }
    }

    [Fact]
    public async Task Wrong_calls_are_told_to_the_model_and_shown_and_the_turn_goes_on()
    {
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Code,
            Reply.Answer(
                OutputItem.Function("call_1", "rm_rf", "{}"),
                OutputItem.Function("call_2", "exec_command", "{\"cmd\": \"ls"),
                OutputItem.Function("call_3", "exec_command", """{"cmd": 7}"""),
                OutputItem.Function("call_4", "exec_command", """{"cmd": "true", "yield_time_ms": {}}"""),
                OutputItem.Function("call_5", "write_stdin", """{"session_id": 4, "chars": "x"}"""),
                OutputItem.Function("call_6", "update_plan", """{"plan":[{"step":"a","status":"in_progress"},{"step":"b","status":"in_progress"}]}"""),
                OutputItem.Exec("call_7", "pwd", ("workdir", "nowhere"))),
            Reply.Answer(OutputItem.Message("Done.")));

        var outcome = await rig.RunAsync();

        Assert.IsType<TurnOutcome.Completed>(outcome);
        Assert.Equal("There is no tool `rm_rf` here. The tools are: exec_command, write_stdin, update_plan, apply_patch.", rig.Told("call_1"));
        Assert.StartsWith("The arguments are not valid JSON: ", rig.Told("call_2"), StringComparison.Ordinal);
        Assert.Equal("The field `cmd` must be a text, but is a number.", rig.Told("call_3"));
        Assert.Equal("The field `yield_time_ms` must be a number, but is an object.", rig.Told("call_4"));
        Assert.StartsWith("There is no session 4.", rig.Told("call_5"), StringComparison.Ordinal);
        Assert.StartsWith("More than one step is in_progress.", rig.Told("call_6"), StringComparison.Ordinal);
        Assert.Contains("The command was not started: ", rig.Told("call_7"), StringComparison.Ordinal);
        Assert.Equal(6, rig.Completed.OfType<Item.Notice>().Count(static notice => notice.Kind == "tool"));
        AssertSettled(rig.Events);
    }

    [Fact]
    public async Task Arguments_are_read_forgivingly()
    {
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Code,
            Reply.Answer(
                OutputItem.Function("call_1", "exec_command", """{"cmd": ["bash", "-lc", "echo list"], "yield_time_ms": "500", "why": "?",}"""),
                OutputItem.Function("call_2", "exec_command", "\"{\\\"cmd\\\": \\\"echo wrapped\\\"}\""),
                OutputItem.Exec("call_3", "pwd", ("workdir", "/workspace/sub/"))),
            Reply.Answer(OutputItem.Message("Done.")));
        rig.Write("sub/file", "");

        await rig.RunAsync();

        Assert.EndsWith("Output:\nlist\n", rig.Told("call_1"), StringComparison.Ordinal);
        Assert.EndsWith("Output:\nwrapped\n", rig.Told("call_2"), StringComparison.Ordinal);
        Assert.EndsWith("Output:\n/workspace/sub\n", rig.Told("call_3"), StringComparison.Ordinal);
        Assert.Equal("sub", rig.Completed.OfType<Item.CommandExecution>().Last().WorkingDirectory);
    }

    [Fact]
    public async Task Reads_run_side_by_side_and_answer_in_the_order_of_their_calls()
    {
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Ask,
            Reply.Answer(OutputItem.Exec("call_1", "until [ -e /tmp/second ]; do sleep 0.02; done; sleep 0.5; echo first"), OutputItem.Exec("call_2", "touch /tmp/second; echo second")),
            Reply.Answer(OutputItem.Message("Done.")));

        await rig.RunAsync();

        Assert.Equal(["second\n", "first\n"], rig.Completed.OfType<Item.CommandExecution>().Select(static command => command.Output));
        Assert.Equal(["call_1", "call_2"], rig.Server.InputOf(1).Where(static item => (string?)item!["type"] == "function_call_output").Select(static item => (string)item!["call_id"]!));
        Assert.Equal(
            rig.Server.InputOf(1).Skip(1).Select(static item => (string?)item!["call_id"]),
            Conversation.Rebuild(rig.Events).Entries.Skip(1).SkipLast(1).Select(static entry => (entry as ConversationEntry.ToolCall)?.CallId ?? (entry as ConversationEntry.ToolResult)?.CallId));
    }

    [Fact]
    public async Task Commands_that_may_write_run_one_at_a_time()
    {
        const string Clash = "[ -e /tmp/busy ] && echo clash; touch /tmp/busy; sleep 0.1; rm /tmp/busy; echo ok";
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Code, Reply.Answer(OutputItem.Exec("call_1", Clash), OutputItem.Exec("call_2", Clash), OutputItem.Exec("call_3", Clash)), Reply.Answer(OutputItem.Message("Done.")));

        await rig.RunAsync();

        Assert.All(rig.Completed.OfType<Item.CommandExecution>(), static command => Assert.Equal("ok\n", command.Output));
    }

    [Fact]
    public async Task In_Ask_mode_nothing_can_be_changed()
    {
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Ask,
            Reply.Answer(
                OutputItem.Custom("call_1", "apply_patch", Patch), OutputItem.Exec("call_2", "echo x > a.txt"), OutputItem.Exec("call_3", $"apply_patch <<'EOF'\n{Patch}EOF")),
            Reply.Answer(OutputItem.Message("Done.")));
        rig.Write("a.txt", "one\n");

        await rig.RunAsync();

        Assert.Equal("one\n", rig.Read("a.txt"));
        Assert.StartsWith("There is no tool `apply_patch` here.", rig.Told("call_1"), StringComparison.Ordinal);
        Assert.Contains("Exit code: 1", rig.Told("call_2"), StringComparison.Ordinal);
        Assert.StartsWith("This is Ask mode", rig.Told("call_3"), StringComparison.Ordinal);
        Assert.DoesNotContain("apply_patch", string.Concat(JsonNode.Parse(rig.Server.Bodies[0])!["tools"]!.AsArray().Select(static tool => (string)tool!["name"]!)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("apply_patch <<'EOF'\n{0}EOF")]
    [InlineData("cd /workspace && apply_patch <<EOF\n{0}EOF\n")]
    [InlineData("applypatch '{0}'")]
    public async Task A_patch_written_as_shell_text_reaches_the_real_tool(string script)
    {
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Code, Reply.Answer(OutputItem.Exec("call_1", script.Replace("{0}", Patch, StringComparison.Ordinal))), Reply.Answer(OutputItem.Message("Done.")));
        rig.Write("a.txt", "one\n");

        await rig.RunAsync();

        Assert.Equal("two\n", rig.Read("a.txt"));
        Assert.Single(rig.Completed.OfType<Item.FileChange>());
    }

    [Fact]
    public async Task A_message_from_the_person_comes_before_the_next_request_and_several_keep_their_order()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Answer(OutputItem.Exec("call_1", "touch /tmp/on; until [ -e go ]; do sleep 0.02; done; echo uncut")), Reply.Answer(OutputItem.Message("Done.")));

        var running = rig.RunAsync();
        await rig.LoggedAsync(static @event => @event is AgentEvent.ItemStarted { Item: Item.CommandExecution });
        rig.Steer("steer_1", "First.");
        rig.Steer("steer_2", "Second.");
        rig.Write("go", "");
        await running;

        Assert.EndsWith("uncut\n", rig.Told("call_1"), StringComparison.Ordinal);
        Assert.Equal(["First.", "Second."], rig.Server.InputOf(1).TakeLast(2).Select(TextOf));
        Assert.Equal(["steer_1", "steer_2"], rig.Completed.OfType<Item.UserMessage>().Where(static message => message.Source == "steer").Select(static message => message.Id));
    }

    [Fact]
    public async Task A_message_that_comes_during_the_last_answer_is_still_answered()
    {
        var gate = new TaskCompletionSource();
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.AnswerAfter(gate.Task, OutputItem.Message("I am done.")), Reply.Answer(OutputItem.Message("Now I am.")));

        var running = rig.RunAsync();
        await rig.LoggedAsync(static @event => @event is AgentEvent.TurnStarted);
        rig.Steer("steer_1", "One more thing.");
        gate.SetResult();
        var outcome = await running;

        Assert.Equal("Now I am.", Assert.IsType<TurnOutcome.Completed>(outcome).FinalMessage);
        Assert.Equal([false, true], rig.Completed.OfType<Item.AgentMessage>().Select(static message => message.Final));
        Assert.Equal("One more thing.", TextOf(rig.Server.InputOf(1)[^1]));
    }

    [Fact]
    public async Task The_plan_is_one_item_that_changes()
    {
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Code,
            Reply.Answer(OutputItem.Function("call_1", "update_plan", """{"plan":[{"step":"look","status":"in_progress"},{"step":"fix","status":"pending"}]}""")),
            Reply.Answer(OutputItem.Function("call_2", "update_plan", """{"plan":[{"step":"look","status":"completed"},{"step":"fix","status":"in_progress"}],"explanation":"Seen."}""")),
            Reply.Answer(OutputItem.Message("Done.")));

        await rig.RunAsync();

        var plan = Assert.Single(rig.Completed.OfType<Item.Plan>());
        Assert.Equal([new PlanStep("look", PlanStepStatus.Completed), new PlanStep("fix", PlanStepStatus.InProgress)], plan.Steps);
        Assert.Equal(plan.Id, Assert.Single(rig.Events.OfType<AgentEvent.ItemUpdated>(), static updated => updated.Item is Item.Plan).ItemId);
    }

    [Fact]
    public async Task An_empty_answer_is_asked_for_once_more_and_then_given_up_in_plain_words()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Answer(OutputItem.Reasoning("Hm.")), Reply.Answer(OutputItem.Message("Done.")));
        Assert.IsType<TurnOutcome.Completed>(await rig.RunAsync());
        Assert.DoesNotContain(rig.Server.InputOf(1), static item => (string?)item!["type"] == "reasoning");

        await using var mute = await LoopRig.StartAsync(AgentMode.Code, Reply.Answer(), Reply.Answer(OutputItem.Message("  ")));
        var failed = Assert.IsType<TurnOutcome.Failed>(await mute.RunAsync());
        Assert.Contains("It answered nothing, twice.", failed.Message, StringComparison.Ordinal);
        Assert.Contains(new AgentEvent.TurnFailed(1, failed.Message), mute.Events);
        AssertSettled(mute.Events);
    }

    [Fact]
    public async Task An_answer_cut_at_the_output_limit_is_said_and_goes_on()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Incomplete("max_output_tokens", OutputItem.Message("Half a sen")), Reply.Answer(OutputItem.Message("tence.")));

        var outcome = await rig.RunAsync();

        Assert.IsType<TurnOutcome.Completed>(outcome);
        Assert.Contains(rig.Completed, static item => item is Item.Notice { Kind: "limit" });
        Assert.StartsWith("Your answer was cut", TextOf(rig.Server.InputOf(1)[^1]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_limit_of_steps_ends_the_turn_with_a_sentence()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Answer(OutputItem.Exec("call_1", "true")), Reply.Answer(OutputItem.Exec("call_2", "true")));

        var outcome = await LoopRig.RunAsync(rig.Turn() with { Limits = new AgentLimits { Steps = 2 } });

        Assert.StartsWith("The turn reached its limit of 2 model requests.", Assert.IsType<TurnOutcome.LimitReached>(outcome).Message, StringComparison.Ordinal);
        Assert.Equal(2, rig.Server.Bodies.Count);
        AssertSettled(rig.Events);
    }

    [Fact]
    public async Task Calls_that_share_an_id_each_keep_their_own_result()
    {
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Code, Reply.Answer(OutputItem.Exec("same", "echo 1"), OutputItem.Exec("same", "echo 2")), Reply.Answer(OutputItem.Exec("same", "echo 3")), Reply.Answer(OutputItem.Message("Done.")));

        await rig.RunAsync();

        Assert.Equal("1\n", rig.Told("same")[^2..]);
        Assert.Equal("2\n", rig.Told("same_2")[^2..]);
        Assert.Equal("3\n", rig.Told("same_3")[^2..]);
        Assert.Equal(["same", "same_2", "same_3"], rig.Server.InputOf(2).Where(static item => (string?)item!["type"] == "function_call").Select(static item => (string)item!["call_id"]!));
    }

    [Fact]
    public async Task A_checkpoint_runs_beside_the_next_request_and_ends_before_the_next_tools()
    {
        var asked = new TaskCompletionSource();
        var saved = new TaskCompletionSource();
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Answer(OutputItem.Exec("call_1", "true")), new Reply(async context =>
        {
            asked.SetResult();
            await Reply.Answer(OutputItem.Exec("call_2", "true")).WriteAsync(context);
        }), Reply.Answer(OutputItem.Message("Done.")));
        var checkpoints = 0;
        rig.Checkpoint = async _ =>
        {
            if (++checkpoints == 1)
            {
                await asked.Task;
                await saved.Task;
            }
        };

        var running = rig.RunAsync();
        await rig.LoggedAsync(static @event => @event is AgentEvent.HistoryAppended { Entries: [ConversationEntry.ToolCall { CallId: "call_2" }] });
        Assert.Single(rig.Events.OfType<AgentEvent.ItemStarted>());
        saved.SetResult();
        await running;

        Assert.Equal(2, checkpoints);
    }

    [Fact]
    public async Task Instructions_come_before_the_prompt_and_those_of_a_folder_when_it_is_first_touched()
    {
        const string InSub = "*** Begin Patch\n*** Add File: sub/{0}.txt\n+x\n*** End Patch\n";
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Code,
            Reply.Answer(OutputItem.Custom("call_1", "apply_patch", InSub.Replace("{0}", "a", StringComparison.Ordinal)), OutputItem.Exec("call_2", "true")),
            Reply.Answer(OutputItem.Custom("call_3", "apply_patch", InSub.Replace("{0}", "b", StringComparison.Ordinal))),
            Reply.Answer(OutputItem.Message("Done.")));
        rig.Write("AGENTS.md", "Be brief.");
        rig.Write("sub/AGENTS.md", "Be thorough here.");

        await LoopRig.RunAsync(rig.Turn() with { GlobalInstructions = "Be kind." });

        var sent = rig.Server.InputOf(2);
        Assert.Equal(
            ["user", "user", "call", "call", "result", "result", "user", "call", "result"],
            sent.Select(static item => (string)item!["type"]! switch { "message" => "user", var type => type.EndsWith("_output", StringComparison.Ordinal) ? "result" : "call" }));
        Assert.Contains("Be kind.", TextOf(sent[0]), StringComparison.Ordinal);
        Assert.Contains("Be brief.", TextOf(sent[0]), StringComparison.Ordinal);
        Assert.Contains("Be thorough here.", TextOf(sent[6]), StringComparison.Ordinal);
        Assert.Equal(2, rig.Completed.OfType<Item.Notice>().Count(static notice => notice.Kind == "instructions"));
    }

    [Fact]
    public async Task The_model_is_told_of_its_mode_and_of_the_environment()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Ask, Reply.Answer(OutputItem.Message("Done.")));

        await LoopRig.RunAsync(rig.Turn() with { EnvironmentNotes = "- `make check`" });

        var instructions = (string)JsonNode.Parse(rig.Server.Bodies[0])!["instructions"]!;
        Assert.Contains("It is read-only.", instructions, StringComparison.Ordinal);
        Assert.EndsWith("## This environment\n\n- `make check`", instructions, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_follow_up_goes_on_in_the_same_conversation()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Answer(OutputItem.Message("First answer.")), Reply.Answer(OutputItem.Message("Second answer.")));
        await rig.RunAsync();

        var state = Resumption.From(rig.Events);
        Assert.Equal((1, false), (state.Turn, state.TurnOpen));
        Assert.Empty(state.Closing);
        await LoopRig.RunAsync(rig.Turn("And now?", state));

        Assert.Equal(["Do it.", "First answer.", "And now?"], rig.Server.InputOf(1).Select(TextOf));
        Assert.Equal("follow_up", rig.Completed.OfType<Item.UserMessage>().Last().Source);
        Assert.Equal(rig.Completed.Select(static item => item.Id).Distinct(StringComparer.Ordinal).Count(), rig.Completed.Count);
    }

    /// <summary>Nothing is left open, and each call has exactly one result.</summary>
    internal static void AssertSettled(IReadOnlyList<AgentEvent> events)
    {
        Assert.Empty(Resumption.From(events).Closing);
        AssertPaired(Conversation.Rebuild(events).Entries);
    }

    internal static void AssertPaired(IReadOnlyList<ConversationEntry> entries)
    {
        var calls = entries.OfType<ConversationEntry.ToolCall>().Select(static call => call.CallId).ToList();
        var results = entries.OfType<ConversationEntry.ToolResult>().Select(static result => result.CallId).ToList();
        Assert.Equal(calls, results);
        Assert.Equal(calls.Distinct(StringComparer.Ordinal), calls);
    }

    internal static string TextOf(JsonNode? item) => string.Concat(item!["content"]!.AsArray().Select(static part => (string)part!["text"]!));
}

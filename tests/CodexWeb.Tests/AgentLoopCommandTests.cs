using System.Globalization;
using System.Text;
using CodexWeb.Agent;
using CodexWeb.Agent.Protocol;
using CodexWeb.Tests.Models;

namespace CodexWeb.Tests;

public sealed class AgentLoopCommandTests
{
    [Fact]
    public async Task A_long_command_goes_on_as_a_session_that_is_polled_to_its_end()
    {
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Code,
            Reply.Answer(OutputItem.Exec("call_1", "echo first; until [ -e go ]; do sleep 0.02; done; echo last; exit 3", ("yield_time_ms", 250))),
            Reply.Answer(OutputItem.Exec("call_2", "touch go")),
            Reply.Answer(OutputItem.Function("call_3", "write_stdin", """{"session_id": 2}""")),
            Reply.Answer(OutputItem.Function("call_4", "write_stdin", """{"session_id": 2}""")),
            Reply.Answer(OutputItem.Message("Done.")));

        await rig.RunAsync();

        Assert.StartsWith("Item: item_2\nStill running: session 2.", rig.Told("call_1"), StringComparison.Ordinal);
        Assert.EndsWith("Output:\nfirst\n", rig.Told("call_1"), StringComparison.Ordinal);
        Assert.StartsWith("Item: item_2\nExit code: 3\n", rig.Told("call_3"), StringComparison.Ordinal);
        Assert.EndsWith("Output:\nlast\n", rig.Told("call_3"), StringComparison.Ordinal);
        Assert.StartsWith("There is no session 2.", rig.Told("call_4"), StringComparison.Ordinal);
        Assert.Equal((3, "first\nlast\n"), rig.Completed.OfType<Item.CommandExecution>().Where(static command => command.Id == "item_2").Select(static command => (command.ExitCode, command.Output)).Single());
    }

    [Fact]
    public async Task A_session_can_be_written_to_in_a_terminal_and_interrupted_without_one()
    {
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Code,
            Reply.Answer(OutputItem.Exec("call_1", "read -r name; echo hello $name", ("yield_time_ms", 250), ("tty", true)), OutputItem.Exec("call_2", "trap 'echo caught; exit 130' INT; touch ready; while :; do sleep 0.05; done", ("yield_time_ms", 250)), OutputItem.Exec("call_6", "until [ -e ready ]; do sleep 0.02; done")),
            Reply.Answer(
                OutputItem.Function("call_3", "write_stdin", """{"session_id": 2, "chars": "you\n", "yield_time_ms": 5000}"""),
                OutputItem.Function("call_4", "write_stdin", """{"session_id": 3, "chars": "text"}"""),
                OutputItem.Function("call_5", "write_stdin", """{"session_id": 3, "chars": "\u0003", "yield_time_ms": 5000}""")),
            Reply.Answer(OutputItem.Message("Done.")));

        await rig.RunAsync();

        Assert.Contains("hello you", rig.Told("call_3"), StringComparison.Ordinal);
        Assert.StartsWith("Nothing was written: ", rig.Told("call_4"), StringComparison.Ordinal);
        Assert.Contains("Exit code: 130", rig.Told("call_5"), StringComparison.Ordinal);
        Assert.EndsWith("caught\n", rig.Told("call_5"), StringComparison.Ordinal);
        Assert.Contains(rig.Completed, static item => item is Item.Notice { Kind: "tool", Text: "Interrupted item_3." });
    }

    [Fact]
    public async Task What_still_runs_at_the_end_of_a_turn_is_ended_and_said()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Answer(OutputItem.Exec("call_1", "sleep 1000", ("yield_time_ms", 250))), Reply.Answer(OutputItem.Message("Done.")));

        await rig.RunAsync();

        var command = Assert.Single(rig.Completed.OfType<Item.CommandExecution>());
        Assert.Equal((ItemStatus.Cancelled, "The turn ended while it ran."), (command.Status, command.Reason));
        Assert.IsType<Item.AgentMessage>(rig.Completed[^1]);
        AgentLoopTests.AssertSettled(rig.Events);
    }

    [Fact]
    public async Task A_command_that_ends_between_calls_is_logged_as_it_ends()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code);
        rig.Server.Then(Reply.Answer(OutputItem.Exec("call_1", "until [ -e go ]; do sleep 0.02; done", ("yield_time_ms", 250))), new Reply(async context =>
        {
            rig.Write("go", "");
            await rig.LoggedAsync(static @event => @event is AgentEvent.ItemCompleted { Item: Item.CommandExecution });
            await Reply.Answer(OutputItem.Function("call_2", "write_stdin", """{"session_id": 2}""")).WriteAsync(context);
        }), Reply.Answer(OutputItem.Message("Done.")));

        await rig.RunAsync();

        Assert.Contains("Exit code: 0", rig.Told("call_2"), StringComparison.Ordinal);
        Assert.Single(rig.Completed.OfType<Item.CommandExecution>());
    }

    [Fact]
    public async Task Huge_output_is_cut_for_the_model_and_the_page_and_kept_whole()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Answer(OutputItem.Exec("call_1", "seq 1 400000; sleep 0.3", ("yield_time_ms", 30000))), Reply.Answer(OutputItem.Message("Done.")));

        await rig.RunAsync();

        var whole = string.Concat(Enumerable.Range(1, 400_000).Select(static number => number.ToString(CultureInfo.InvariantCulture) + "\n"));
        var command = Assert.Single(rig.Completed.OfType<Item.CommandExecution>());
        Assert.Equal(whole, Encoding.UTF8.GetString(rig.Output(command.Id)));
        Assert.Equal(whole.Length, command.OutputBytes);
        Assert.InRange(Encoding.UTF8.GetByteCount(command.Output), 60_000, 66_000);
        Assert.StartsWith("1\n2\n", command.Output, StringComparison.Ordinal);
        Assert.EndsWith("\n400000\n", command.Output, StringComparison.Ordinal);
        Assert.Contains("Total lines: 400000\n", rig.Told("call_1"), StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(rig.Told("call_1")), 39_000, 41_000);
        Assert.EndsWith("\n400000\n", rig.Told("call_1"), StringComparison.Ordinal);
        var deltas = string.Concat(rig.Events.OfType<AgentEvent.ItemUpdated>().Where(updated => updated.ItemId == command.Id).Select(static updated => updated.Delta));
        Assert.InRange(deltas.Length, 1, 263_000);
        Assert.EndsWith("\n… more output follows; it is kept, and shown when the command has ended …\n", deltas, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Output_beyond_the_limit_is_not_kept_and_the_item_says_so()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Answer(OutputItem.Exec("call_1", "head -c 3000000 /dev/zero | tr '\\0' x", ("yield_time_ms", 30000))), Reply.Answer(OutputItem.Message("Done.")));

        await LoopRig.RunAsync(rig.Turn() with { Limits = new AgentLimits { OutputBytes = 1 << 20 } });

        var command = Assert.Single(rig.Completed.OfType<Item.CommandExecution>());
        Assert.Equal(("Only the first 1 MiB of the output were kept.", 3_000_000), (command.Reason, command.OutputBytes));
        Assert.EndsWith("x\n[Only the first 1 MiB of the output were kept.]\n", Encoding.UTF8.GetString(rig.Output(command.Id)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_place_for_output_that_cannot_be_opened_does_not_stop_the_command()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Answer(OutputItem.Exec("call_1", "echo fine")), Reply.Answer(OutputItem.Message("Done.")));

        await LoopRig.RunAsync(rig.Turn() with { OpenOutput = static _ => throw new IOException("No space left on device.") });

        var command = Assert.Single(rig.Completed.OfType<Item.CommandExecution>());
        Assert.Equal(("fine\n", 0, "The whole output could not be kept: No space left on device."), (command.Output, command.ExitCode, command.Reason));
    }

    [Fact]
    public async Task There_is_a_most_of_commands_that_live_at_once()
    {
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Code,
            Reply.Answer(OutputItem.Exec("call_1", "sleep 1000", ("yield_time_ms", 250)), OutputItem.Exec("call_2", "sleep 1000", ("yield_time_ms", 250)), OutputItem.Exec("call_3", "echo third")),
            Reply.Answer(OutputItem.Message("Done.")));

        await LoopRig.RunAsync(rig.Turn() with { Limits = new AgentLimits { LiveCommands = 2 } });

        Assert.StartsWith("2 commands are running, which is the most there can be.", rig.Told("call_3"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_model_may_ask_for_less_output_but_not_for_more()
    {
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Code,
            Reply.Answer(OutputItem.Exec("call_1", "seq 1 50000", ("max_output_tokens", 100)), OutputItem.Exec("call_2", "seq 1 50000", ("max_output_tokens", 1000000))),
            Reply.Answer(OutputItem.Message("Done.")));

        await rig.RunAsync();

        Assert.InRange(Encoding.UTF8.GetByteCount(rig.Told("call_1")), 300, 520);
        Assert.InRange(Encoding.UTF8.GetByteCount(rig.Told("call_2")), 39_000, 41_000);
    }

    [Fact]
    public async Task Output_that_is_no_text_is_made_valid_and_kept_as_it_was()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Answer(OutputItem.Exec("call_1", "printf 'a\\0b\\377c\\303'; sleep 0.3; printf '\\251\\n'")), Reply.Answer(OutputItem.Message("Done.")));

        await rig.RunAsync();

        var command = Assert.Single(rig.Completed.OfType<Item.CommandExecution>());
        Assert.Equal("a␀b\uFFFDcé\n", command.Output);
        Assert.Equal([(byte)'a', 0, (byte)'b', 0xFF, (byte)'c', 0xC3, 0xA9, (byte)'\n'], rig.Output(command.Id));
        Assert.EndsWith("Output:\na␀b\uFFFDcé\n", rig.Told("call_1"), StringComparison.Ordinal);
        Assert.StartsWith("a␀b\uFFFDc", string.Concat(rig.Events.OfType<AgentEvent.ItemUpdated>().Select(static updated => updated.Delta)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Live_output_comes_in_pieces_at_most_ten_a_second()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Answer(OutputItem.Exec("call_1", "for i in $(seq 1 100); do echo $i; sleep 0.01; done")), Reply.Answer(OutputItem.Message("Done.")));

        await rig.RunAsync();

        var command = Assert.Single(rig.Completed.OfType<Item.CommandExecution>());
        Assert.InRange(rig.Events.OfType<AgentEvent.ItemUpdated>().Count(updated => updated.ItemId == command.Id), 2, (int)(command.DurationMs! / 100) + 1);
    }

    [Fact]
    public async Task A_sandbox_that_ends_ends_the_turn_with_its_reason()
    {
        var gone = new TaskCompletionSource();
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Code, Reply.Answer(OutputItem.Exec("call_1", "echo begun; sleep 1000")), Reply.AnswerAfter(gone.Task, OutputItem.Message("Done.")));

        var running = rig.RunAsync();
        await rig.LoggedAsync(static @event => @event is AgentEvent.ItemUpdated { Delta.Length: > 0 });
        await rig.Sandbox.DisposeAsync();
        gone.SetResult();

        Assert.StartsWith("The sandbox was closed.", Assert.IsType<TurnOutcome.Failed>(await running).Message, StringComparison.Ordinal);
        AgentLoopTests.AssertSettled(rig.Events);
    }
}

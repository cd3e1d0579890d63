using System.Diagnostics;
using CodexWeb.Agent;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Tests.Models;

namespace CodexWeb.Tests;

public sealed class AgentLoopStopTests
{
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Before_the_model_says_anything()
    {
        var silent = new TaskCompletionSource();
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Hang(0, silent));

        await StopAsync(rig, silent.Task);

        Assert.StartsWith("The person stopped the turn here.", LastNote(rig), StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_the_middle_of_an_answer_what_was_said_stays()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Hang(6, silent: null, OutputItem.Message("I was about to say something long.")));

        await StopAsync(rig, rig.LoggedAsync(static @event => @event is AgentEvent.ItemUpdated { Delta.Length: > 0 }));

        var said = rig.Completed.OfType<Item.AgentMessage>().First();
        Assert.StartsWith("I was a", said.Text, StringComparison.Ordinal);
        Assert.False(said.Final);
        Assert.Contains($"“{said.Text}”", LastNote(rig), StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_it_waits_to_ask_again()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Error(429, "rate_limit_exceeded", "Slow.", ("Retry-After", "300")));

        await StopAsync(rig, rig.LoggedAsync(static @event => @event is AgentEvent.ItemCompleted { Item: Item.Notice { Kind: "retry" } }));
    }

    [Theory]
    [InlineData("echo begun; sleep 1000")]
    [InlineData("trap '' TERM INT; echo begun; while :; do sleep 1000; done")]
    [InlineData("(setsid sleep 1000 &) ; echo begun; sleep 1000")]
    [InlineData("echo begun; yes")]
    public async Task While_a_command_runs(string script)
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Answer(OutputItem.Exec("call_1", script), OutputItem.Exec("call_2", "echo never > never")));

        await StopAsync(rig, rig.LoggedAsync(static @event => @event is AgentEvent.ItemUpdated { Delta.Length: > 0 }));

        var command = Assert.Single(rig.Completed.OfType<Item.CommandExecution>());
        Assert.Equal((ItemStatus.Cancelled, "The person stopped the turn."), (command.Status, command.Reason));
        Assert.StartsWith("begun", command.Output, StringComparison.Ordinal);
        Assert.Equal(
            ["aborted: The person stopped the turn. It may be half done.", "aborted: the person stopped the turn before this was run."],
            Conversation.Rebuild(rig.Events).Entries.OfType<ConversationEntry.ToolResult>().Select(static result => result.Output.Split('\n').First(static line => line.StartsWith("aborted", StringComparison.Ordinal))));
        Assert.False(File.Exists(Path.Combine(rig.Workspace, "never")));
    }

    [Fact]
    public async Task While_commands_run_in_the_background()
    {
        var silent = new TaskCompletionSource();
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Answer(OutputItem.Exec("call_1", "sleep 1000", ("yield_time_ms", 250))), Reply.Hang(0, silent));

        await StopAsync(rig, silent.Task);

        var command = Assert.Single(rig.Completed.OfType<Item.CommandExecution>());
        Assert.Equal(ItemStatus.Cancelled, command.Status);
        Assert.Contains(command.Id, LastNote(rig), StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_a_checkpoint_is_made()
    {
        var saving = new TaskCompletionSource();
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Answer(OutputItem.Exec("call_1", "true")), Reply.Answer(OutputItem.Exec("call_2", "true")));
        rig.Checkpoint = token =>
        {
            saving.SetResult();
            return Task.Delay(Timeout.InfiniteTimeSpan, token);
        };

        await StopAsync(rig, saving.Task);
    }

    [Fact]
    public async Task Before_it_began()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code);

        await StopAsync(rig, Task.CompletedTask);
    }

    /// <summary>Stops a turn at a moment: it ends within a second, nothing is left open, and the conversation can go on.</summary>
    private static async Task StopAsync(LoopRig rig, Task moment)
    {
        using var stop = new CancellationTokenSource();
        var running = rig.RunAsync(cancellationToken: stop.Token);
        await moment;
        var clock = Stopwatch.StartNew();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(TimeSpan.FromSeconds(20)));

        Assert.True(clock.Elapsed < AtOnce, $"It took {clock.Elapsed}.");
        AgentLoopTests.AssertSettled(rig.Events);
        Assert.DoesNotContain(rig.Events, static @event => @event is AgentEvent.TurnCompleted or AgentEvent.TurnFailed);

        rig.Server.Then(Reply.Answer(OutputItem.Message("On we go.")));
        var asked = rig.Server.Bodies.Count;
        while (rig.Server.Remaining > 1)
        {
            rig.Server.Skip();
        }

        Assert.IsType<TurnOutcome.Completed>(await LoopRig.RunAsync(rig.Turn("Go on.", Resumption.From(rig.Events))));
        Assert.Equal(asked + 1, rig.Server.Bodies.Count);
    }

    private static string LastNote(LoopRig rig) =>
        rig.Events.OfType<AgentEvent.HistoryAppended>().SelectMany(static appended => appended.Entries).OfType<ConversationEntry.User>().Single(static user => user.Text.StartsWith("The person stopped", StringComparison.Ordinal)).Text;
}

using System.Globalization;
using CodexWeb.Agent;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Tests.Models;

namespace CodexWeb.Tests;

public sealed class AgentLoopCircleTests
{
    // The same failure to the eye: only times, numbers and names of temporary files differ.
    private const string Failing = "echo \"test failed after $RANDOM ms, see $(mktemp) at $(date +%s%N)\"; exit 2";

    [Fact]
    public async Task Where_nobody_can_be_asked_the_model_is_told_at_three_and_the_turn_ends_at_six()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, [.. Runs(0, 9)]);

        var outcome = Assert.IsType<TurnOutcome.LimitReached>(await rig.RunAsync());

        Assert.Equal(6, rig.Server.Bodies.Count);
        Assert.Contains("failed the same way 6 times in a row", outcome.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("has failed the same way", rig.Server.Bodies[2], StringComparison.Ordinal);
        Assert.Contains("has failed the same way 3 times in a row (exit code 2)", rig.Server.Bodies[3], StringComparison.Ordinal);
        Assert.Equal(["loop", "loop"], rig.Completed.OfType<Item.Notice>().Select(static notice => notice.Kind));
        AgentLoopTests.AssertSettled(rig.Events);
    }

    [Fact]
    public async Task After_that_a_retry_and_a_follow_up_go_on_with_a_new_count()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, [.. Runs(0, 6)]);
        Assert.IsType<TurnOutcome.LimitReached>(await rig.RunAsync());
        rig.Server.Then([.. Runs(6, 2), Reply.Answer(OutputItem.Message("Retried."))]);

        var retried = await LoopRig.RunAsync(rig.Turn(prompt: null, Resumption.From(rig.Events)));
        rig.Server.Then([.. Runs(8, 2), Reply.Answer(OutputItem.Message("Followed."))]);
        var followed = await LoopRig.RunAsync(rig.Turn("Try once more.", Resumption.From(rig.Events)));

        Assert.Equal(("Retried.", "Followed."), (Assert.IsType<TurnOutcome.Completed>(retried).FinalMessage, Assert.IsType<TurnOutcome.Completed>(followed).FinalMessage));
    }

    [Theory]
    [InlineData("exit 1", "exit 1", "exit 1 ")]
    [InlineData("exit 1", "ls", "exit 1", "true")]
    [InlineData("test -e seen || { touch seen; exit 3; }", "test -e seen || { touch seen; exit 3; }", "test -e seen || { touch seen; exit 3; }")]
    [InlineData("echo a >> log; cat log; exit 1", "echo a >> log; cat log; exit 1", "echo a >> log; cat log; exit 1")]
    public async Task What_differs_or_succeeds_is_no_circle(params string[] commands)
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, [.. commands.Select(static (command, n) => Run(n, command)), Reply.Answer(OutputItem.Message("Done."))]);

        Assert.IsType<TurnOutcome.Completed>(await rig.RunAsync());

        Assert.Empty(rig.Completed.OfType<Item.Notice>());
    }

    [Fact]
    public async Task Other_work_in_between_does_not_hide_it()
    {
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Code,
            [Run(0, Failing), Run(10, "echo other > a.txt"), Run(1, Failing), Run(11, "cat a.txt"), Run(2, Failing), Reply.Answer(OutputItem.Message("Blocked."))]);

        Assert.IsType<TurnOutcome.Completed>(await rig.RunAsync());

        Assert.Equal("loop", Assert.Single(rig.Completed.OfType<Item.Notice>()).Kind);
    }

    [Theory]
    [InlineData(ApprovalDecision.Approve, null, "Done.")]
    [InlineData(ApprovalDecision.WrapUp, "Use the other runner.", "Done.")]
    [InlineData(ApprovalDecision.Reject, null, null)]
    public async Task A_person_decides_how_it_goes_on(ApprovalDecision decision, string? reason, string? answer)
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, [.. Runs(0, 5), Reply.Answer(OutputItem.Message("Done."))]);
        var asked = new List<Item.Approval>();
        var turn = rig.Turn() with { Ask = (question, _, _) => AnswerAsync(rig, asked, question, decision, reason) };

        var outcome = await LoopRig.RunAsync(turn);

        var question = Assert.Single(asked);
        Assert.Equal((ApprovalKind.Loop, Failing, null), (question.Kind, question.Title, question.CallId));
        Assert.Contains("failed the same way 3 times in a row: exit code 2", question.Detail, StringComparison.Ordinal);
        Assert.Contains("test failed after", question.Detail, StringComparison.Ordinal);
        Assert.Equal(answer, (outcome as TurnOutcome.Completed)?.FinalMessage);
        Assert.Equal(answer is null ? 3 : 6, rig.Server.Bodies.Count);
        Assert.Equal(reason is not null, rig.Server.Bodies[^1].Contains("They say: Use the other runner.", StringComparison.Ordinal));
        AgentLoopTests.AssertSettled(rig.Events);
    }

    [Fact]
    public async Task After_a_yes_it_is_asked_again_after_three_more()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, [.. Runs(0, 7), Reply.Answer(OutputItem.Message("Done."))]);
        var asked = new List<Item.Approval>();

        await LoopRig.RunAsync(rig.Turn() with { Ask = (question, _, _) => AnswerAsync(rig, asked, question, ApprovalDecision.Approve, null) });

        Assert.Equal(2, asked.Count);
    }

    [Fact]
    public async Task A_question_that_was_open_when_the_server_ended_is_asked_again_under_its_item()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, [.. Runs(0, 3)]);
        using var stop = new CancellationTokenSource();
        var first = new List<Item.Approval>();
        await Assert.ThrowsAsync<InvalidOperationException>(() => LoopRig.RunAsync(rig.Turn() with
        {
            Ask = async (question, _, token) =>
            {
                first.Add(question);
                await rig.Turn().Append([new AgentEvent.ItemStarted(question)], token);
                throw new InvalidOperationException("The server ends here.");
            },
        }));
        var state = Resumption.From(rig.Events);
        rig.Server.Then(Reply.Answer(OutputItem.Message("Went on.")));
        var again = new List<Item.Approval>();

        await LoopRig.RunAsync(rig.Turn(prompt: null, state) with { Asked = state.Asked, Ask = (question, _, _) => AnswerAsync(rig, again, question, ApprovalDecision.WrapUp, "Look first.") });

        Assert.Equal(Assert.Single(first).Id, Assert.Single(again).Id);
        Assert.Contains("They say: Look first.", rig.Server.Bodies[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_decision_made_while_the_server_was_down_counts_at_once()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, [.. Runs(0, 3)]);
        await Assert.ThrowsAsync<InvalidOperationException>(() => LoopRig.RunAsync(rig.Turn() with
        {
            Ask = async (question, _, token) =>
            {
                await rig.Turn().Append([new AgentEvent.ItemStarted(question)], token);
                await rig.Turn().Append([new AgentEvent.ItemCompleted(question with { Decision = ApprovalDecision.Reject, DecidedBy = "ann" })], token);
                throw new InvalidOperationException("The server ends here.");
            },
        }));
        var state = Resumption.From(rig.Events);

        var outcome = await LoopRig.RunAsync(rig.Turn(prompt: null, state) with { Asked = state.Asked, Ask = static (_, _, _) => throw new InvalidOperationException("Asked again.") });

        Assert.Contains("you ended it", Assert.IsType<TurnOutcome.LimitReached>(outcome).Message, StringComparison.Ordinal);
    }

    private static async Task<ApprovalAnswer> AnswerAsync(LoopRig rig, List<Item.Approval> asked, Item.Approval question, ApprovalDecision decision, string? reason)
    {
        asked.Add(question);
        await rig.Turn().Append([new AgentEvent.ItemStarted(question)], CancellationToken.None);
        await rig.Turn().Append([new AgentEvent.ItemCompleted(question with { Decision = decision, Reason = reason, DecidedBy = "ann" })], CancellationToken.None);
        return new ApprovalAnswer(decision, reason, [], "ann");
    }

    private static IEnumerable<Reply> Runs(int first, int count) => Enumerable.Range(first, count).Select(static n => Run(n, Failing));

    private static Reply Run(int number, string command) => Reply.Answer(OutputItem.Exec(string.Create(CultureInfo.InvariantCulture, $"call_{number}"), command));
}

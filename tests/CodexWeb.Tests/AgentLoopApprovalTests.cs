using CodexWeb.Agent;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Tests.Models;

namespace CodexWeb.Tests;

public sealed class AgentLoopApprovalTests
{
    private const string Patch = "*** Begin Patch\n*** Add File: made.txt\n+x\n*** End Patch\n";

    private static readonly ApprovalAnswer Yes = new(ApprovalDecision.Approve, Reason: null, [], "ann");

    [Fact]
    public async Task A_command_waits_for_a_yes_and_then_runs()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Answer(OutputItem.Exec("call_1", "echo a > a.txt\necho done", ("workdir", "src"))), Done());
        rig.Write("src/b.txt", "b\n");
        var asked = new Asked(rig, question =>
        {
            Assert.False(File.Exists(Path.Combine(rig.Workspace, "src", "a.txt")));
            return Yes;
        });

        await LoopRig.RunAsync(asked.Turn(ApprovalMode.AutoEdit));

        var (question, rule) = Assert.Single(asked.Questions);
        Assert.Equal(
            new Item.Approval(question.Id, ApprovalKind.Command, "echo a > a.txt …", "# in src\necho a > a.txt\necho done", "call_1", "exactly this command in this folder"), question);
        Assert.StartsWith("command:", rule, StringComparison.Ordinal);
        Assert.Equal("a\n", rig.Read("src/a.txt"));
        Assert.Contains("Exit code: 0", rig.Told("call_1"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Use the other file.", "They say: Use the other file.")]
    [InlineData(null, "without a reason")]
    public async Task A_no_is_told_to_the_model_and_nothing_runs(string? reason, string told)
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Answer(OutputItem.Exec("call_1", "echo a > a.txt"), OutputItem.Exec("call_2", "echo b > b.txt")), Done());
        var asked = new Asked(rig, question => question.CallId == "call_1" ? new ApprovalAnswer(ApprovalDecision.Reject, reason, [], "ann") : Yes);

        await LoopRig.RunAsync(asked.Turn(ApprovalMode.AutoEdit));

        Assert.Contains(told, rig.Told("call_1"), StringComparison.Ordinal);
        Assert.Contains("Exit code: 0", rig.Told("call_2"), StringComparison.Ordinal);
        Assert.Equal(["b.txt"], Directory.EnumerateFiles(rig.Workspace).Select(Path.GetFileName));
        Assert.Equal("echo b > b.txt", Assert.Single(rig.Completed.OfType<Item.CommandExecution>()).Command);
    }

    [Theory]
    [InlineData(ApprovalMode.FullAuto, "")]
    [InlineData(ApprovalMode.AutoEdit, "call_2 call_3")]
    [InlineData(ApprovalMode.Suggest, "call_1 call_2 call_3 call_4")]
    public async Task The_mode_says_what_is_asked(ApprovalMode mode, string calls)
    {
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Code,
            Reply.Answer(
                OutputItem.Custom("call_1", "apply_patch", Patch),
                OutputItem.Exec("call_2", "true"),
                OutputItem.Exec("call_3", "echo apply_patch"),
                OutputItem.Exec("call_4", "apply_patch <<'EOF'\n*** Begin Patch\n*** Delete File: made.txt\n*** End Patch\nEOF"),
                OutputItem.Function("call_5", "update_plan", """{"plan":[]}""")),
            Done());
        var asked = new Asked(rig, static _ => Yes);

        await LoopRig.RunAsync(asked.Turn(mode));

        Assert.Equal(calls, string.Join(' ', asked.Questions.Select(static q => q.Question.CallId)));
    }

    [Fact]
    public async Task An_edit_is_shown_as_the_patch_it_is()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Answer(OutputItem.Custom("call_1", "apply_patch", Patch)), Done());
        var asked = new Asked(rig, static _ => Yes);

        await LoopRig.RunAsync(asked.Turn(ApprovalMode.Suggest));

        var (question, rule) = Assert.Single(asked.Questions);
        Assert.Equal(new Item.Approval(question.Id, ApprovalKind.Edit, "made.txt +1 −0", Patch, "call_1", "all changes to files"), question);
        Assert.Equal("edit", rule);
        Assert.Equal("x\n", rig.Read("made.txt"));
    }

    [Theory]
    [InlineData("apply_patch", "*** Begin Patch\n*** Update File: none.txt\n@@\n-a\n+b\n*** End Patch\n")]
    [InlineData("apply_patch", "nonsense")]
    [InlineData("exec_command", """{"cmd":""}""")]
    [InlineData("exec_command", "{")]
    [InlineData("nope", "{}")]
    public async Task What_cannot_be_done_is_not_asked_for(string tool, string arguments)
    {
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Code, Reply.Answer(tool == "apply_patch" ? OutputItem.Custom("call_1", tool, arguments) : OutputItem.Function("call_1", tool, arguments)), Done());
        var asked = new Asked(rig, static _ => Yes);

        await LoopRig.RunAsync(asked.Turn(ApprovalMode.Suggest));

        Assert.Empty(asked.Questions);
        Assert.NotEmpty(rig.Told("call_1"));
    }

    [Fact]
    public async Task Typing_into_a_shell_is_asked_for_and_looking_at_it_is_not()
    {
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Code,
            Reply.Answer(OutputItem.Exec("call_1", "bash", ("tty", true), ("yield_time_ms", 300))),
            Reply.Answer(
                OutputItem.Function("call_2", "write_stdin", """{"session_id":3,"chars":"echo a > a.txt\n"}"""),
                OutputItem.Function("call_3", "write_stdin", """{"session_id":3,"chars":"exit\n","yield_time_ms":5000}""")),
            Done());
        var asked = new Asked(rig, question => question.CallId == "call_2" ? new ApprovalAnswer(ApprovalDecision.Reject, null, [], "ann") : Yes);

        await LoopRig.RunAsync(asked.Turn(ApprovalMode.AutoEdit));

        Assert.Equal(["call_1", "call_2", "call_3"], asked.Questions.Select(static q => q.Question.CallId));
        Assert.Equal(("Type into item_3: echo a > a.txt", "# typed into: bash\necho a > a.txt\n"), (asked.Questions[1].Question.Title, asked.Questions[1].Question.Detail));
        Assert.Null(asked.Questions[1].Rule);
        Assert.Empty(Directory.EnumerateFiles(rig.Workspace));
    }

    [Fact]
    public async Task Only_the_same_text_in_the_same_folder_has_the_same_key()
    {
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Ask,
            Reply.Answer(OutputItem.Exec("call_1", "ls"), OutputItem.Exec("call_2", "ls", ("workdir", "/workspace/")), OutputItem.Exec("call_3", "ls "), OutputItem.Exec("call_4", "ls; id"), OutputItem.Exec("call_5", "ls", ("workdir", "src"))),
            Done());
        rig.Write("src/b.txt", "b\n");
        var asked = new Asked(rig, static _ => Yes);

        await LoopRig.RunAsync(asked.Turn(ApprovalMode.AutoEdit));

        Assert.Equal(5, asked.Questions.Count);
        Assert.Equal(asked.Questions[0].Rule, asked.Questions[1].Rule);
        Assert.Equal(4, asked.Questions.Select(static q => q.Rule).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task A_stop_while_a_person_is_asked_runs_nothing()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Answer(OutputItem.Exec("call_1", "echo a > a.txt"), OutputItem.Exec("call_2", "true")));
        using var stop = new CancellationTokenSource();
        var asked = new Asked(rig, null);
        var run = LoopRig.RunAsync(asked.Turn(ApprovalMode.AutoEdit), stop.Token);
        await rig.LoggedAsync(static @event => @event is AgentEvent.ItemStarted { Item: Item.Approval });

        await stop.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(() => run);
        Assert.Empty(Directory.EnumerateFiles(rig.Workspace));
        Assert.All(Results(rig.Events), static result => Assert.Equal("aborted: the person stopped the turn before this was run.", result.Output));
        Assert.Equal(2, Results(rig.Events).Count());
    }

    [Fact]
    public async Task A_log_that_ends_at_a_question_goes_on_with_the_same_question_and_runs_what_waited_behind_it()
    {
        await using var first = await LoopRig.StartAsync(AgentMode.Code, Reply.Answer(OutputItem.Exec("call_1", "echo a >> a.txt"), OutputItem.Exec("call_2", "echo b >> b.txt"), OutputItem.Exec("call_3", "cat b.txt")));
        using var killed = new CancellationTokenSource();
        var asking = new Asked(first, question => question.CallId == "call_1" ? Yes : null);
        var run = LoopRig.RunAsync(asking.Turn(ApprovalMode.AutoEdit), killed.Token);
        await first.LoggedAsync(static @event => @event is AgentEvent.ItemStarted { Item: Item.Approval { CallId: "call_2" } });
        var log = first.Events;
        await killed.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => run);

        var state = Resumption.From(log);
        await using var second = await LoopRig.StartAsync(AgentMode.Code, Done());
        second.Write("a.txt", "a\n");
        var asked = new Asked(second, static _ => Yes);
        await LoopRig.RunAsync(asked.Turn(ApprovalMode.AutoEdit, state));

        Assert.True(state.TurnOpen);
        Assert.Empty(state.Closing);
        Assert.Equal(["call_2", "call_3"], asked.Questions.Select(static q => q.Question.CallId));
        Assert.Equal(asking.Questions[^1].Question, asked.Questions[0].Question);
        Assert.Equal(("a\n", "b\n"), (second.Read("a.txt"), second.Read("b.txt")));
        Assert.Contains("b", second.Told("call_3"), StringComparison.Ordinal);
        AgentLoopTests.AssertPaired(Conversation.Rebuild([.. log, .. second.Events]).Entries);
    }

    [Fact]
    public async Task A_log_that_ends_between_the_answer_and_the_work_asks_nobody_again()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Done());
        var question = new Item.Approval("item_1", ApprovalKind.Command, "echo a >> a.txt", CallId: "call_1");
        IReadOnlyList<AgentEvent> log =
        [
            new AgentEvent.TurnStarted(1),
            new AgentEvent.HistoryAppended([new ConversationEntry.User("Do it."), new ConversationEntry.ToolCall("call_1", "exec_command", """{"cmd":"echo a >> a.txt"}""")]),
            new AgentEvent.ItemStarted(question),
            new AgentEvent.ItemCompleted(question with { Decision = ApprovalDecision.Approve, DecidedBy = "ann" }),
        ];
        var asked = new Asked(rig, static _ => throw new InvalidOperationException("Asked again."));

        await LoopRig.RunAsync(asked.Turn(ApprovalMode.AutoEdit, Resumption.From(log)));

        Assert.Equal("a\n", rig.Read("a.txt"));
    }

    [Fact]
    public void A_command_that_had_begun_after_the_yes_is_not_run_again()
    {
        var question = new Item.Approval("item_1", ApprovalKind.Command, "echo a >> a.txt", CallId: "call_1");
        IReadOnlyList<AgentEvent> log =
        [
            new AgentEvent.TurnStarted(1),
            new AgentEvent.HistoryAppended([new ConversationEntry.ToolCall("call_1", "exec_command", """{"cmd":"echo a >> a.txt"}"""), new ConversationEntry.ToolCall("call_2", "exec_command", "{}")]),
            new AgentEvent.ItemStarted(question),
            new AgentEvent.ItemCompleted(question with { Decision = ApprovalDecision.Approve, DecidedBy = "ann" }),
            new AgentEvent.ItemStarted(new Item.CommandExecution("item_2", "echo a >> a.txt", "", ItemStatus.InProgress)),
        ];

        var state = Resumption.From(log);

        Assert.Empty(state.Asked);
        Assert.Equal([Conversation.AbortedByServerEnd, Conversation.AbortedByServerEnd], state.History.Entries.OfType<ConversationEntry.ToolResult>().Select(static result => result.Output));
    }

    [Fact]
    public async Task A_model_request_can_be_held()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Done());
        var (held, open) = (new TaskCompletionSource(), new TaskCompletionSource());
        var run = LoopRig.RunAsync(rig.Turn() with
        {
            BeforeRequest = async token =>
            {
                held.SetResult();
                await open.Task.WaitAsync(token);
            },
        });
        await held.Task;
        Assert.Empty(rig.Server.Bodies);

        open.SetResult();

        Assert.IsType<TurnOutcome.Completed>(await run);
    }

    private static Reply Done() => Reply.Answer(OutputItem.Message("Done."));

    private static IEnumerable<ConversationEntry.ToolResult> Results(IEnumerable<AgentEvent> events) =>
        events.OfType<AgentEvent.HistoryAppended>().SelectMany(static appended => appended.Entries).OfType<ConversationEntry.ToolResult>();

    /// <summary>A person who answers by a function, and by null not at all; logs as the host does.</summary>
    private sealed class Asked(LoopRig rig, Func<Item.Approval, ApprovalAnswer?>? answer)
    {
        public List<(Item.Approval Question, string? Rule)> Questions { get; } = [];

        public AgentTurn Turn(ApprovalMode mode, Resumption? from = null)
        {
            var turn = rig.Turn(from is null ? "Do it." : null, from) with { Approval = mode, Asked = from?.Asked ?? [] };
            return turn with { Ask = (question, rule, token) => AnswerAsync(turn.Append, question, rule, token) };
        }

        private async Task<ApprovalAnswer> AnswerAsync(AppendEvents append, Item.Approval question, string? rule, CancellationToken cancellationToken)
        {
            Questions.Add((question, rule));
            await append([new AgentEvent.ItemStarted(question)], cancellationToken);
            if (answer?.Invoke(question) is not { } given)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
                throw new OperationCanceledException(cancellationToken);
            }

            await append([new AgentEvent.ItemCompleted(question with { Decision = given.Decision, Reason = given.Reason, DecidedBy = given.By })], cancellationToken);
            return given;
        }
    }
}

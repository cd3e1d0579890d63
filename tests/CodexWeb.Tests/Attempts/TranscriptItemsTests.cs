using Bunit;
using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Attempts.Items;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.Attempts;

public sealed class TranscriptItemsTests : BunitContext
{
    private readonly TranscriptLinks _links = new("/tasks/1", null, default, "abc");
    private readonly Transcript _transcript = new();
    private long _seq;

    public TranscriptItemsTests() => Services.AddSingleton(TimeProvider.System);

    [Fact]
    public void A_finished_group_is_folded_to_its_headline()
    {
        Log(new AgentEvent.ItemCompleted(Command("item_1", "ls", 0)), new AgentEvent.ItemCompleted(Command("item_2", "cat AGENTS.md\ncat README.md", 0)));

        var group = Group(latest: false);

        Assert.Contains("Ran 2 commands", group.Find(".headline").TextContent, StringComparison.Ordinal);
        Assert.Contains("$ cat AGENTS.md …", group.Find(".preview").TextContent, StringComparison.Ordinal);
        Assert.Empty(group.FindAll(".command"));
    }

    [Fact]
    public void A_notice_has_its_detail_folded_away()
    {
        var notice = new Item.Notice("item_1", "compaction", "The conversation was compacted.", Detail: "## What remains\n<script>alert(1)</script>");

        var line = Render<NoticeLine>(parameters => parameters.Add(l => l.Notice, notice));

        Assert.False(line.Find("details").HasAttribute("open"));
        Assert.Contains("What remains", line.Find("details").TextContent, StringComparison.Ordinal);
        Assert.Empty(line.FindAll("script"));
        Assert.Empty(Render<NoticeLine>(parameters => parameters.Add(l => l.Notice, notice with { Detail = null })).FindAll("details"));
        Assert.NotEmpty(Render<NoticeLine>(parameters => parameters.Add(l => l.Notice, notice).Add(l => l.Live, true)).FindAll(".spin"));
    }

    [Fact]
    public void A_click_unfolds_a_group()
    {
        Log(new AgentEvent.ItemCompleted(Command("item_1", "ls", 0)));
        var group = Group(latest: false);

        group.Find(".headline").Click();

        Assert.Equal("true", group.Find(".headline").GetAttribute("aria-expanded"));
        Assert.Single(group.FindAll(".command"));
    }

    [Fact]
    public void A_failed_command_shows_its_exit_code_and_its_last_lines()
    {
        Log(new AgentEvent.ItemCompleted(Command("item_1", "prove -lr t", 1, string.Join('\n', Enumerable.Range(1, 30).Select(n => $"line {n}")))));

        var group = Group(latest: true);

        Assert.Contains("1 failed", group.Find(".headline").TextContent, StringComparison.Ordinal);
        Assert.Equal("1", group.Find(".badge").TextContent);
        var output = group.Find(".output").TextContent;
        Assert.Contains("line 19", output, StringComparison.Ordinal);
        Assert.DoesNotContain("line 18", output, StringComparison.Ordinal);
        Assert.Equal("/tasks/1?tab=log&item=item_1", group.Find(".foot a").GetAttribute("href"));
    }

    [Fact]
    public void A_running_command_says_what_it_printed_so_far()
    {
        Log(new AgentEvent.ItemStarted(new Item.CommandExecution("item_1", "make", "", ItemStatus.InProgress)), new AgentEvent.ItemUpdated("item_1", "compiling\n"));
        var group = Group(latest: true);
        Assert.Contains("compiling", group.Find(".output").TextContent, StringComparison.Ordinal);

        Log(new AgentEvent.ItemUpdated("item_1", "linking\n"));
        group.Render(p => p.Add(g => g.Latest, true));

        Assert.Contains("linking", group.Find(".output").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void A_block_that_did_not_change_is_not_drawn_again()
    {
        Log(new AgentEvent.ItemCompleted(Command("item_1", "ls", 0)));
        var group = Group(latest: false);
        var drawn = group.RenderCount;

        group.Render(p => p.Add(g => g.Latest, false));
        Assert.Equal(drawn, group.RenderCount);

        Log(new AgentEvent.ItemCompleted(Command("item_2", "pwd", 0)));
        group.Render(p => p.Add(g => g.Latest, false));
        Assert.Equal(drawn + 1, group.RenderCount);
    }

    [Fact]
    public void A_large_group_shows_its_end_and_the_rest_on_demand()
    {
        Log([.. Enumerable.Range(1, 1_000).Select(n => new AgentEvent.ItemCompleted(Command($"item_{n}", $"echo {n}", 0)))]);
        var group = Group(latest: true);

        Assert.Equal(40, group.FindAll(".command").Count);
        group.Find(".more").Click();
        Assert.Equal(1_000, group.FindAll(".command").Count);
    }

    [Fact]
    public void Changed_files_are_counted_once_and_lead_to_the_diff()
    {
        Log(
            new AgentEvent.ItemCompleted(new Item.FileChange("item_1", [new ChangedFile("src/a b.cs", FileChangeKind.Add, 5, 0)], ItemStatus.Completed)),
            new AgentEvent.ItemCompleted(new Item.FileChange("item_2", [new ChangedFile("src/a b.cs", FileChangeKind.Update, 2, 1)], ItemStatus.Completed)),
            new AgentEvent.ItemCompleted(new Item.FileChange("item_3", [], ItemStatus.Failed, "Hunk 1 does not fit.")));

        var card = Render<FileChanges>(p => p.AddCascadingValue(_links).Add(c => c.Block, _transcript.Turns[0].Blocks[0]));

        Assert.Contains("Changed 1 file", card.Find("h2").TextContent, StringComparison.Ordinal);
        Assert.Contains("+7 −1", card.Find("h2").TextContent, StringComparison.Ordinal);
        Assert.Contains("Hunk 1 does not fit.", card.Find(".reason").TextContent, StringComparison.Ordinal);
        Assert.Equal("/tasks/1?tab=changes&file=src%2Fa%20b.cs", card.Find("li a").GetAttribute("href"));
    }

    [Fact]
    public void The_plan_says_how_far_it_is()
    {
        var plan = new Item.Plan("item_1", [new PlanStep("Look", PlanStepStatus.Completed), new PlanStep("Mend", PlanStepStatus.InProgress), new PlanStep("Prove", PlanStepStatus.Pending)]);

        var card = Render<PlanCard>(p => p.Add(c => c.Plan, plan));

        Assert.Contains("1 of 3 done", card.Find("h2").TextContent, StringComparison.Ordinal);
        Assert.Equal(["✓", "●", "○"], card.FindAll(".mark").Select(m => m.TextContent));
    }

    [Theory]
    [InlineData("one", "one", 0)]
    [InlineData("one\ntwo\n\n", "one\ntwo", 0)]
    [InlineData("", "", 0)]
    [InlineData("\n\n", "", 0)]
    [InlineData("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n", "3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14", 2)]
    public void The_tail_of_an_output_is_its_last_twelve_lines(string output, string tail, int before)
    {
        Assert.Equal(tail, CommandText.Tail(output, out var hidden));
        Assert.Equal(before, hidden);
    }

    private static Item.CommandExecution Command(string id, string command, int exit, string output = "") =>
        new(id, command, "", ItemStatus.Completed, output, output.Length, exit, 40);

    private void Log(params AgentEvent[] events)
    {
        foreach (var @event in events)
        {
            _transcript.Apply(new LoggedEvent(++_seq, DateTimeOffset.UnixEpoch, ProtocolJson.Write(@event)));
        }
    }

    private IRenderedComponent<WorkGroup> Group(bool latest) =>
        Render<WorkGroup>(p => p.AddCascadingValue(_links).Add(g => g.Block, _transcript.Turns[0].Blocks[0]).Add(g => g.Latest, latest));
}

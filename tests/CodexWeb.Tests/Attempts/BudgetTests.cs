using System.Net;
using System.Text.Json.Nodes;
using CodexWeb.Agent.Protocol;
using CodexWeb.Tasks;
using CodexWeb.Tests.Models;

namespace CodexWeb.Tests.Attempts;

// A request of the scripted model has 1,050 tokens, at 100 US dollars a million: $0.105.
public sealed class BudgetTests
{
    [Fact]
    public async Task At_the_end_of_the_budget_no_model_is_asked_until_it_is_raised()
    {
        await using var app = await AskApp.StartAsync([Exec("call_1", "echo b >> a.txt"), Exec("call_2", "echo c >> a.txt"), Done()]);
        var (task, attempts) = await app.BeginAsync(("budget", new JsonObject { ["cost"] = 0.2 }));
        var asked = await app.AskedAsync(attempts[0]);

        Assert.Equal((ApprovalKind.Budget, "The budget is used up: $0.21 of $0.20"), (asked.Kind, asked.Title));
        Assert.Equal((TaskState.NeedsYou, "The budget is used up: $0.21 of $0.20"), ((await app.TaskAsync(task)).State, (await app.TaskAsync(task)).NextStep));
        Assert.Equal(2, app.Model.Bodies.Count);
        var changed = await app.SendAsync(HttpMethod.Patch, $"/api/v1/tasks/{task}", new JsonObject { ["budget"] = new JsonObject { ["cost"] = 5, ["minutes"] = 90 } });

        Assert.Equal((5m, 90), (changed.GetProperty("budget").GetProperty("cost").GetDecimal(), changed.GetProperty("budget").GetProperty("minutes").GetInt32()));
        Assert.Equal(AttemptStatus.Completed, (await app.EndAsync(attempts[0])).Status);
        Assert.Equal(3, app.Model.Bodies.Count);
    }

    [Fact]
    public async Task Giving_as_much_again_goes_on_until_that_is_used_too()
    {
        await using var app = await AskApp.StartAsync([Exec("call_1", "true"), Exec("call_2", "true"), Exec("call_3", "true"), Done()]);
        var (task, attempts) = await app.BeginAsync(("budget", new JsonObject { ["cost"] = 0.1 }));
        await app.DecideAsync(attempts[0], await app.AskedAsync(attempts[0]), new JsonObject { ["decision"] = "approve" });

        var again = await app.WhenReasonAsync(attempts[0], "The budget is used up: $0.21 of $0.21");

        Assert.Equal(2, app.Model.Bodies.Count);
        await app.DecideAsync(attempts[0], again, new JsonObject { ["decision"] = "reject" });
        var end = await app.EndAsync(attempts[0]);
        Assert.Equal((AttemptStatus.Cancelled, 2), (end.Status, app.Model.Bodies.Count));
        Assert.StartsWith("Stopped: the task's budget is used up.", end.Reason, StringComparison.Ordinal);
        await app.SendAsync(HttpMethod.Patch, $"/api/v1/tasks/{task}", new JsonObject { ["budget"] = new JsonObject() });
        await app.SendAsync(HttpMethod.Post, $"/api/v1/attempts/{attempts[0]}/retry");
        Assert.Equal(AttemptStatus.Completed, (await app.EndAsync(attempts[0])).Status);
    }

    [Fact]
    public async Task Wrapping_up_is_one_request_without_tools_that_ends_the_turn()
    {
        await using var app = await AskApp.StartAsync([Exec("call_1", "echo b >> a.txt"), Reply.Answer(OutputItem.Message("I added b; nothing was checked."))]);
        var (_, attempts) = await app.BeginAsync(("budget", new JsonObject { ["cost"] = 0.1 }));

        await app.DecideAsync(attempts[0], await app.AskedAsync(attempts[0]), new JsonObject { ["decision"] = "wrap-up" });

        Assert.Equal(AttemptStatus.Completed, (await app.EndAsync(attempts[0])).Status);
        var last = JsonNode.Parse(app.Model.Bodies[1])!;
        Assert.True(last["tools"] is null or JsonArray { Count: 0 });
        Assert.Contains("asks you to wrap up", (string)last["input"]!.AsArray().Last()!["content"]![0]!["text"]!, StringComparison.Ordinal);
        Assert.Equal("I added b; nothing was checked.", (await app.LogAsync(attempts[0])).OfType<AgentEvent.ItemCompleted>().Select(static e => e.Item).OfType<Item.AgentMessage>().Single(static m => m.Final).Text);
        Assert.Contains("+b", await app.DiffAsync(attempts[0]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Most_of_the_budget_is_said_once()
    {
        await using var app = await AskApp.StartAsync([Exec("call_1", "true"), Exec("call_2", "true"), Done()]);
        var (_, attempts) = await app.BeginAsync(("budget", new JsonObject { ["cost"] = 0.25 }));
        await app.EndAsync(attempts[0]);

        var notices = (await app.LogAsync(attempts[0])).OfType<AgentEvent.ItemCompleted>().Select(static e => e.Item).OfType<Item.Notice>().Where(static n => n.Kind is "budget").ToList();

        Assert.Equal("The task has used most of its budget: $0.21 of $0.25. At its end you are asked how to go on.", Assert.Single(notices).Text);
    }

    [Theory]
    [InlineData("""{"minutes":0}""")]
    [InlineData("""{"minutes":100000}""")]
    [InlineData("""{"cost":0}""")]
    [InlineData("""{"cost":-1}""")]
    [InlineData("""{"cost":100000}""")]
    public async Task A_budget_out_of_bounds_is_refused(string budget)
    {
        await using var app = await AskApp.StartAsync([]);

        var (status, problem) = await app.TryBeginAsync(("budget", JsonNode.Parse(budget)));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.StartsWith("A budget has", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static Reply Exec(string call, string command) => Reply.Answer(OutputItem.Exec(call, command));

    private static Reply Done() => Reply.Answer(OutputItem.Message("Done."));
}

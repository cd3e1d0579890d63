using System.Net;
using System.Text.Json.Nodes;
using CodexWeb.Agent.Protocol;
using CodexWeb.Tasks;
using CodexWeb.Tests.Models;

namespace CodexWeb.Tests.Attempts;

public sealed class ApprovalTests
{
    [Fact]
    public async Task A_command_waits_until_a_person_says_yes_and_the_page_says_what_is_wanted()
    {
        await using var app = await AskApp.StartAsync([Reply.Answer(OutputItem.Exec("call_1", "echo b >> a.txt")), Done()]);
        var (task, attempts) = await app.BeginAsync(("approval", "auto-edit"));
        var asked = await app.AskedAsync(attempts[0]);

        var row = await app.TaskAsync(task);
        Assert.Equal((TaskState.NeedsYou, "Approve: echo b >> a.txt"), (row.State, row.NextStep));
        Assert.Equal((ApprovalKind.Command, "echo b >> a.txt", "exactly this command in this folder"), (asked.Kind, asked.Title, asked.Rule));
        var decided = await app.DecideAsync(attempts[0], asked, new JsonObject { ["decision"] = "approve", ["reason"] = "Fine." });

        Assert.Equal(("approve", "Fine.", "Local user"), (decided.GetProperty("decision").GetString(), decided.GetProperty("reason").GetString(), decided.GetProperty("decidedBy").GetString()));
        Assert.Equal(AttemptStatus.Completed, (await app.EndAsync(attempts[0])).Status);
        Assert.Contains("+b", await app.DiffAsync(attempts[0]), StringComparison.Ordinal);
        var log = await app.LogAsync(attempts[0]);
        Assert.Equal(
            [AttemptStatus.Queued, AttemptStatus.Preparing, AttemptStatus.Running, AttemptStatus.WaitingForApproval, AttemptStatus.Running, AttemptStatus.Completed],
            log.OfType<AgentEvent.StatusChanged>().Select(static changed => changed.Status).Where((status, at) => at != 1 || status is not AttemptStatus.Queued));
        Assert.Equal(ApprovalDecision.Approve, Assert.Single(log.OfType<AgentEvent.ItemCompleted>().Select(static completed => completed.Item).OfType<Item.Approval>()).Decision);
    }

    [Fact]
    public async Task What_was_allowed_for_the_task_is_not_asked_again_in_any_of_its_attempts_and_nothing_else_is()
    {
        IReadOnlyList<OutputItem> calls = [OutputItem.Exec("call_1", "true"), OutputItem.Exec("call_2", "true"), OutputItem.Exec("call_3", "true; true")];
        await using var app = await AskApp.StartAsync([Reply.Answer(calls)]);
        var (_, attempts) = await app.BeginAsync(("approval", "auto-edit"));
        await app.DecideAsync(attempts[0], await app.AskedAsync(attempts[0]), new JsonObject { ["decision"] = "approve-for-task" });
        var third = await app.WhenAskedAsync(attempts[0], "true; true");
        app.Model.Then(Done(), Reply.Answer(calls));
        await app.DecideAsync(attempts[0], third, new JsonObject { ["decision"] = "approve" });
        await app.EndAsync(attempts[0]);

        // A follow-up is of the same task.
        await app.FollowUpAsync(attempts[0], "Again.");

        Assert.Equal("true; true", (await app.AskedAsync(attempts[0])).Title);
    }

    [Fact]
    public async Task A_no_reaches_the_model_with_its_reason()
    {
        await using var app = await AskApp.StartAsync([Reply.Answer(OutputItem.Exec("call_1", "rm a.txt")), Done()]);
        var (_, attempts) = await app.BeginAsync(("approval", "auto-edit"));

        await app.DecideAsync(attempts[0], await app.AskedAsync(attempts[0]), new JsonObject { ["decision"] = "reject", ["reason"] = "Keep that file." });

        Assert.Equal(AttemptStatus.Completed, (await app.EndAsync(attempts[0])).Status);
        Assert.Contains("They say: Keep that file.", app.Model.Bodies[1], StringComparison.Ordinal);
        Assert.Empty(await app.DiffAsync(attempts[0]));
    }

    [Fact]
    public async Task Questions_of_the_model_are_answered_by_choice_or_in_own_words()
    {
        const string Questions = """{"questions":[{"question":"Which colour?","options":[{"label":"Red"},{"label":"Blue","description":"Like the sky."}]},{"question":"How many?","options":[{"label":"One"},{"label":"Two"}]}]}""";
        await using var app = await AskApp.StartAsync([Reply.Answer(OutputItem.Function("call_1", "request_user_input", Questions)), Done()]);
        var (task, attempts) = await app.BeginAsync(("mode", "ask"));
        var asked = await app.AskedAsync(attempts[0]);
        var path = $"/api/v1/attempts/{attempts[0]}/approvals/{asked.Id}";

        Assert.Equal("Answer: Which colour?", (await app.TaskAsync(task)).NextStep);
        Assert.Equal(["Which colour?", "How many?"], asked.Questions!.Select(static question => question.Text));
        foreach (var wrong in new[]
        {
            new JsonObject { ["decision"] = "approve" },
            new JsonObject { ["decision"] = "approve", ["answers"] = new JsonArray("Red") },
            new JsonObject { ["decision"] = "approve", ["answers"] = new JsonArray("Red", " ") },
            new JsonObject { ["decision"] = "approve", ["answers"] = new JsonArray("Red", "a\0b") },
            new JsonObject { ["decision"] = "approve-for-task", ["answers"] = new JsonArray("Red", "Two") },
            new JsonObject { ["decision"] = "wrap-up" },
            new JsonObject { ["decision"] = "yes" },
            new JsonObject { ["decision"] = "reject", ["reason"] = new string('x', 10_001) },
        })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await app.TryAsync(HttpMethod.Post, path, wrong)).Status);
        }

        await app.DecideAsync(attempts[0], asked, new JsonObject { ["decision"] = "approve", ["answers"] = new JsonArray("Blue", "Neither: seventeen") });

        Assert.Equal(AttemptStatus.Completed, (await app.EndAsync(attempts[0])).Status);
        var told = (string)app.Model.InputOf(1).Last()!["output"]!;
        Assert.Equal("Which colour?\nThe person answers: Blue\n\nHow many?\nThe person answers: Neither: seventeen", told);
        var (status, problem) = await app.TryAsync(HttpMethod.Post, path, new JsonObject { ["decision"] = "reject" });
        Assert.Equal((HttpStatusCode.Conflict, "Local user decided this already: answered."), (status, problem.GetProperty("detail").GetString()));
    }

    [Fact]
    public async Task A_stop_takes_the_question_back()
    {
        await using var app = await AskApp.StartAsync([Reply.Answer(OutputItem.Exec("call_1", "echo b >> a.txt"))]);
        var (_, attempts) = await app.BeginAsync(("approval", "suggest"));
        var asked = await app.AskedAsync(attempts[0]);

        await app.SendAsync(HttpMethod.Post, $"/api/v1/attempts/{attempts[0]}/stop");

        Assert.Equal(AttemptStatus.Cancelled, (await app.EndAsync(attempts[0])).Status);
        var (status, problem) = await app.TryAsync(HttpMethod.Post, $"/api/v1/attempts/{attempts[0]}/approvals/{asked.Id}", new JsonObject { ["decision"] = "approve" });
        Assert.Equal((HttpStatusCode.Conflict, "The question was taken back: the attempt ended before there was an answer."), (status, problem.GetProperty("detail").GetString()));
        Assert.Empty(await app.DiffAsync(attempts[0]));
        Assert.Equal(
            ApprovalDecision.Withdrawn,
            Assert.Single((await app.LogAsync(attempts[0])).OfType<AgentEvent.ItemCompleted>().Select(static completed => completed.Item).OfType<Item.Approval>()).Decision);
    }

    [Fact]
    public async Task One_that_waits_leaves_its_place_to_the_next_and_the_wait_costs_no_time()
    {
        await using var app = await AskApp.StartAsync([Reply.Answer(OutputItem.Exec("call_1", "true")), Done(), Done()], ("Attempts:MaxParallel", "1"), ("Attempts:MaxPerUser", "1"), ("Attempts:WallClock", "00:00:20"));
        var (_, first) = await app.BeginAsync(("approval", "auto-edit"));
        var asked = await app.AskedAsync(first[0]);

        var (_, second) = await app.BeginAsync();

        Assert.Equal(AttemptStatus.Completed, (await app.EndAsync(second[0])).Status);
        await app.DecideAsync(first[0], asked, new JsonObject { ["decision"] = "approve" });
        var end = await app.EndAsync(first[0]);
        Assert.Equal(AttemptStatus.Completed, end.Status);
        Assert.InRange(end.WorkedMs, 1, (long)(end.EndedAt!.Value - end.StartedAt!.Value).TotalMilliseconds);
    }

    [Fact]
    public async Task An_approval_of_another_attempt_is_not_found_by_this_ones_address()
    {
        await using var app = await AskApp.StartAsync([Reply.Answer(OutputItem.Exec("call_1", "true")), Done(), Done()]);
        var (_, first) = await app.BeginAsync(("approval", "auto-edit"));
        var asked = await app.AskedAsync(first[0]);
        var (_, second) = await app.BeginAsync();
        await app.EndAsync(second[0]);

        var (status, _) = await app.TryAsync(HttpMethod.Post, $"/api/v1/attempts/{second[0]}/approvals/{asked.Id}", new JsonObject { ["decision"] = "approve" });

        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Equal(HttpStatusCode.NotFound, (await app.TryAsync(HttpMethod.Get, $"/api/v1/attempts/{Guid.NewGuid()}/approvals")).Status);
        Assert.Equal(1, (await app.SendAsync(HttpMethod.Get, $"/api/v1/attempts/{first[0]}/approvals")).GetProperty("items").GetArrayLength());
    }

    private static Reply Done() => Reply.Answer(OutputItem.Message("Done."));
}

using Bunit;
using CodexWeb.Agent.Protocol;
using CodexWeb.Data;
using CodexWeb.Tasks;
using CodexWeb.Ui;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.Tasks;

public sealed class ScoreboardComponentTests : BunitContext, IClassFixture<TaskApp>
{
    private static readonly DateTimeOffset Begin = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public ScoreboardComponentTests(TaskApp app) => Services.AddSingleton(TimeProvider.System).AddSingleton<Toaster>().AddSingleton(app.Commands);

    [Fact]
    public void When_all_are_done_and_none_is_chosen_it_shows_what_there_is_to_compare()
    {
        var board = Show(Task(Attempt(1, AttemptStatus.Completed) with { Files = 2, Added = 12, Removed = 3, Cost = 0.42m, EvidenceLine = "tests passed after last edit" }, Attempt(2, AttemptStatus.Failed)));

        var rows = board.FindAll("tbody tr");
        Assert.Equal(2, rows.Count);
        Assert.All(["Attempt 1", "GPT", "Ready for review", "+12", "−3", "2 files", "tests passed after last edit", "2 min 0 s", "$0.42", "1,200"], part => Assert.Contains(part, rows[0].TextContent, StringComparison.Ordinal));
        Assert.All(["Failed", "none", "not known"], part => Assert.Contains(part, rows[1].TextContent, StringComparison.Ordinal));
        Assert.Equal("page", rows[0].QuerySelector("a")!.GetAttribute("aria-current"));
    }

    [Fact]
    public void While_one_works_it_is_a_strip_that_unfolds()
    {
        var board = Show(Task(Attempt(1, AttemptStatus.Completed), Attempt(2, AttemptStatus.Running)));

        Assert.Empty(board.FindAll("table"));
        Assert.Equal(2, board.FindAll("nav a").Count);

        board.Find("button.compare").Click();

        Assert.Equal(2, board.FindAll("tbody tr").Count);
        Assert.Single(board.FindAll("button.choose"));
    }

    [Fact]
    public void The_chosen_one_is_marked_folded_and_unfolded()
    {
        var task = Task(Attempt(1, AttemptStatus.Completed), Attempt(2, AttemptStatus.Completed));
        var board = Show(task with { ChosenAttemptId = task.Attempts[1].Id });

        Assert.Contains("chosen", board.FindAll("nav a")[1].TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("chosen", board.FindAll("nav a")[0].TextContent, StringComparison.Ordinal);

        board.Find("button.compare").Click();

        Assert.Equal(["false", "true"], board.FindAll("button.choose").Select(button => button.GetAttribute("aria-pressed")));
    }

    private IRenderedComponent<Scoreboard> Show(TaskDetails task) => Render<Scoreboard>(p => p.Add(b => b.Task, task).Add(b => b.Shown, task.Attempts[0]));

    private static TaskDetails Task(params AttemptDetails[] attempts) => new(
        Id.New<TaskId>(TimeProvider.System), "Fix it", TaskMode.Code, TaskState.ReadyForReview, "Review", Id.New<RepositoryId>(TimeProvider.System), "shop", "/srv/shop", "main", "codexweb/fix-it", null, null, "Ada",
        Begin, false, null, null, null, null, null, null, null, null, null, [], attempts);

    private static AttemptDetails Attempt(int number, AttemptStatus status) => new(
        Id.New<AttemptId>(TimeProvider.System), number, status, "Because.", AttemptPhase.Checks, "", null, 1, "openai/gpt", "GPT", false, 0, 0, 0, new TokenUsage(1_000, 400, 200, 0), null, null, null, false,
        Begin, Begin, status is AttemptStatus.Running ? null : Begin.AddMinutes(2));
}

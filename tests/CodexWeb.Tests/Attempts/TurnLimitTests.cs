using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Tasks;
using CodexWeb.Tests.CodeReviews;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CodexWeb.Tests.Attempts;

public sealed class TurnLimitTests(ReviewApp app) : IClassFixture<ReviewApp>
{
    private static readonly CancellationToken None = CancellationToken.None;

    private AttemptOptions Options => app.Services.GetRequiredService<IOptions<AttemptOptions>>().Value;

    private TaskCommands Commands => app.Services.GetRequiredService<TaskCommands>();

    [Fact]
    public async Task A_turn_that_takes_too_long_ends_and_a_follow_up_goes_on()
    {
        Options.WallClock = TimeSpan.FromSeconds(3);
        var task = await StartAsync("```sh\necho kept > kept.txt; sleep 100\n```");

        var ended = await app.EndOfTaskAsync(task);

        Assert.Equal((AttemptStatus.Failed, "It reached its limit of 0.05 minutes for a turn. What it changed is kept; Retry or a follow-up goes on from there."), (ended.Status, ended.Reason));
        Assert.Equal(1, ended.Files);
        Options.WallClock = TimeSpan.FromHours(1);
        Assert.IsType<CommandResult<int>.Done>(await Commands.FollowUpAsync(task, ended.Id, "```sh\ncat kept.txt\n```", [], None));
        Assert.Equal(AttemptStatus.Completed, (await app.EndOfTaskAsync(task)).Status);
        var events = await EventsAsync(ended.Id);
        Assert.Contains(events.OfType<AgentEvent.HistoryAppended>().SelectMany(static appended => appended.Entries).OfType<ConversationEntry.User>(), static entry =>
            entry.FromServer && entry.Text.StartsWith("The turn reached its limit of 0.05 minutes for a turn here.", StringComparison.Ordinal));
        Assert.Equal("kept\n", Commanded(events)[^1].Output);
    }

    [Fact]
    public async Task A_turn_that_takes_too_many_steps_ends_and_a_retry_goes_on_where_it_was()
    {
        Options.MaxSteps = 1;
        var task = await StartAsync("```sh\necho one >> steps.txt\n```");

        var ended = await app.EndOfTaskAsync(task);

        Assert.Equal(AttemptStatus.Failed, ended.Status);
        Assert.StartsWith("The turn reached its limit of 1 model requests.", ended.Reason, StringComparison.Ordinal);
        Options.MaxSteps = 300;
        Assert.IsType<CommandResult<Nothing>.Done>(await Commands.RetryAsync(ended.Id, None));
        Assert.Equal(AttemptStatus.Completed, (await app.EndOfTaskAsync(task)).Status);
        Assert.Single(Commanded(await EventsAsync(ended.Id)));
    }

    private async Task<TaskId> StartAsync(string prompt) =>
        Assert.IsType<CommandResult<TaskId>.Done>(await Commands.CreateAsync(new NewTask { RepositoryId = app.RepositoryId, Prompt = prompt }, "Ada", None)).Value;

    private Task<IReadOnlyList<AgentEvent>> EventsAsync(AttemptId attempt) => app.Services.GetRequiredService<AttemptLog>().EventsAsync(attempt, None);

    private static List<Item.CommandExecution> Commanded(IReadOnlyList<AgentEvent> events) =>
        [.. events.OfType<AgentEvent.ItemCompleted>().Select(static completed => completed.Item).OfType<Item.CommandExecution>()];
}

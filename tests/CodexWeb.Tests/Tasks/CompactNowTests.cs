using System.Net;
using System.Text.Json.Nodes;
using Bunit;
using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Tasks;
using CodexWeb.Tests.CodeReviews;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.Tasks;

public sealed class CompactNowTests(ReviewApp app) : BunitContext, IClassFixture<ReviewApp>
{
    private static readonly CancellationToken None = CancellationToken.None;

    private TaskCommands Commands => app.Services.GetRequiredService<TaskCommands>();

    private AttemptLog Log => app.Services.GetRequiredService<AttemptLog>();

    [Fact]
    public async Task An_attempt_at_rest_is_compacted_before_the_next_message_reaches_the_model()
    {
        var (task, attempt) = await DoneAsync();
        Assert.NotNull(attempt.ContextPercent);
        using var client = app.CreateClient();

        using var answer = await client.PostAsync($"/api/v1/attempts/{attempt.Id}/compact", content: null);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True((bool)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["compactRequested"]!);
        Assert.IsType<CommandResult<int>.Done>(await Commands.FollowUpAsync(task, attempt.Id, "```sh\ncat made.txt\n```", [], None));
        var after = await app.EndOfTaskAsync(task);
        Assert.Equal((AttemptStatus.Completed, false), (after.Status, after.CompactRequested));
        var events = await Log.EventsAsync(attempt.Id, None);
        var entries = Assert.Single(events.OfType<AgentEvent.HistoryReplaced>()).Entries.OfType<ConversationEntry.User>().ToList();
        Assert.Contains(entries, static entry => entry.Text.Contains("echo made > made.txt", StringComparison.Ordinal) && !entry.FromServer);
        Assert.Contains("exit code 0", entries[^1].Text, StringComparison.Ordinal);
        Assert.Contains("- Files that differ from the base, by the last saved state: 1", entries[^1].Text, StringComparison.Ordinal);
        // The script knew where it was: it ran the second message's command and not the first's again.
        Assert.Equal(["echo made > made.txt", "cat made.txt"], events.OfType<AgentEvent.ItemCompleted>().Select(static e => e.Item).OfType<Item.CommandExecution>().Select(static c => c.Command));
    }

    [Fact]
    public async Task The_meter_says_how_full_the_window_is_and_takes_the_wish_to_compact()
    {
        var (task, attempt) = await DoneAsync();
        Services.AddSingleton(Commands);
        var meter = Render<ContextMeter>(parameters => parameters.Add(m => m.Attempt, attempt with { ContextPercent = 83 }));
        Assert.Contains("83 %", meter.Find("button.meter").TextContent, StringComparison.Ordinal);
        Assert.True(meter.Find("button.meter").HasAttribute("data-full"));

        await meter.Find(".sheet button").ClickAsync(new());

        var read = (await app.Services.GetRequiredService<TaskQueries>().DetailsAsync(task, None))!.Attempts[0];
        Assert.True(read.CompactRequested);
        meter.Render(parameters => parameters.Add(m => m.Attempt, read));
        Assert.Empty(meter.FindAll(".sheet button"));
        Assert.Contains("when you send the next message", meter.Find("[role=status]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_nothing_is_known_of_the_window_nothing_is_shown()
    {
        Services.AddSingleton(Commands);

        Assert.Empty(Render<ContextMeter>(static parameters => parameters.Add(static m => m.Attempt, Details())).Markup);
    }

    [Fact]
    public async Task An_attempt_without_a_conversation_has_nothing_to_compact()
    {
        var waiting = Attempt.Queue(Id.New<TaskId>(TimeProvider.System), 1, "demo/scripted", TimeProvider.System);

        Assert.IsType<CommandResult<Nothing>.NotFound>(await Commands.CompactAsync(waiting.Id, None));
    }

    private async Task<(TaskId Task, AttemptDetails Attempt)> DoneAsync()
    {
        var created = Assert.IsType<CommandResult<TaskId>.Done>(await Commands.CreateAsync(new NewTask { RepositoryId = app.RepositoryId, Prompt = "```sh\necho made > made.txt\n```" }, "Ada", None));
        return (created.Value, await app.EndOfTaskAsync(created.Value));
    }

    private static AttemptDetails Details() => new(
        Id.New<AttemptId>(TimeProvider.System), 1, AttemptStatus.Running, "", AttemptPhase.Agent, "", null, 1, "m", "M", false, 0, 0, 0, default, null, null, null, false, DateTimeOffset.UnixEpoch, null, null);
}

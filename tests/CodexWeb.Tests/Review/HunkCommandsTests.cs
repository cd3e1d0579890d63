using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Review;
using CodexWeb.Tasks;
using CodexWeb.Tests.Tasks;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.Review;

public sealed class HunkCommandsTests(TaskApp app) : IClassFixture<TaskApp>
{
    private const string First = "sed -i 's/^line 10$/ten/' lines.txt";
    private const string Second = "sed -i -e 's/^line 30$/thirty/' -e 's/^line 50$/fifty/' lines.txt; echo n > new.txt";

    [Fact]
    public async Task Hunks_of_the_difference_are_taken_over_and_the_checks_run_again()
    {
        var task = await app.FollowUpAsync(await app.RunAsync(First + "\n```\n\n```sh\nprove t", attempts: 2), 2, Second);
        var (first, second) = (task.Attempts[0], task.Attempts[1]);
        Assert.Equal(CheckOutcome.Failed, Assert.Single((await EvidenceAsync(first)).Checks).Outcome);
        var files = await ListAsync($"attempts/{first.Id}/hunks?scope=against:{second.Id}");
        var hunk = files.Single(file => file.GetProperty("path").GetString() == "lines.txt").GetProperty("hunks")[0].GetProperty("name").GetString();

        using var response = await app.Client.PostAsJsonAsync($"/api/v1/attempts/{first.Id}/hunks", new { from = second.Id.ToString(), hunks = new[] { hunk } });
        var turn = await response.Content.ReadFromJsonAsync<JsonElement>();
        task = await app.EndAsync(task.Id);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(("hunks", "Take 1 hunk of attempt 2 in `lines.txt`."), (turn.GetProperty("source").GetString(), turn.GetProperty("prompt").GetString()));
        Assert.Equal(AttemptStatus.Completed, task.Attempts[0].Status);
        Assert.Equal(TaskApp.Lines.Replace("line 10\n", "ten\n", StringComparison.Ordinal).Replace("line 30\n", "thirty\n", StringComparison.Ordinal), await app.FileAsync(task.Attempts[0], "lines.txt"));
        Assert.Null(await app.FileAsync(task.Attempts[0], "new.txt"));
        // No environment names it, but the agent ran it before: now with another result.
        var last = (await EvidenceAsync(first)).Checks[^1];
        Assert.Equal(("prove t", CheckOutcome.Passed, false), (last.Command, last.Outcome, last.Stale));
        Assert.Equal(task.Attempts[1], second with { QueuePlace = task.Attempts[1].QueuePlace });
    }

    [Fact]
    public async Task The_next_turn_knows_what_was_taken()
    {
        var task = await app.FollowUpAsync(await app.RunAsync(First, attempts: 2), 2, Second);
        var listed = await Hunks.ListAsync(task.Attempts[0].Id, new DiffScope(null, task.Attempts[1].Id), CancellationToken.None);
        var names = Assert.IsType<CommandResult<IReadOnlyList<NamedFile>>.Done>(listed).Value.SelectMany(file => file.Hunks.Select(hunk => hunk.Name)).ToList();

        Assert.IsType<CommandResult<int>.Done>(await Hunks.TakeAsync(task.Attempts[0].Id, task.Attempts[1].Id, HunkSource.Difference, names, CancellationToken.None));
        task = await app.EndAsync(task.Id);

        var log = await app.Services.GetRequiredService<AttemptLog>().EventsAsync(task.Attempts[0].Id, CancellationToken.None);
        var told = Assert.IsType<ConversationEntry.User>(log.OfType<AgentEvent.HistoryAppended>().Last().Entries[^1]);
        Assert.Contains("- lines.txt (+2 −2)", told.Text, StringComparison.Ordinal);
        Assert.Contains("- new.txt (+1 −0)", told.Text, StringComparison.Ordinal);
        Assert.Equal(await app.FileAsync(task.Attempts[1], "lines.txt"), await app.FileAsync(task.Attempts[0], "lines.txt"));
    }

    [Fact]
    public async Task Hunks_of_the_others_change_that_conflict_are_refused_and_nothing_begins()
    {
        var task = await app.FollowUpAsync(await app.RunAsync(First, attempts: 2), 2, "sed -i 's/^ten$/tenth/' lines.txt");
        var (first, second) = (task.Attempts[0], task.Attempts[1]);
        var hunk = (await ListAsync($"attempts/{second.Id}/hunks")).Single().GetProperty("hunks")[0].GetProperty("name").GetString();

        using var response = await app.Client.PostAsJsonAsync($"/api/v1/attempts/{first.Id}/hunks", new { from = second.Id.ToString(), of = "change", hunks = new[] { hunk } });
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Contains("lines.txt: the hunk at line 7 does not fit", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(task.Turns.Count, (await app.Queries.DetailsAsync(task.Id, CancellationToken.None))!.Turns.Count);
    }

    [Fact]
    public async Task A_hunk_is_dropped_and_the_rest_of_the_change_stays()
    {
        var task = await app.RunAsync(Second);
        var attempt = task.Attempts[0];
        var hunk = (await ListAsync($"attempts/{attempt.Id}/hunks?scope=all")).Single(file => file.GetProperty("path").GetString() == "lines.txt").GetProperty("hunks")[0].GetProperty("name").GetString();

        using var response = await app.Client.PostAsJsonAsync($"/api/v1/attempts/{attempt.Id}/hunks/drop", new { hunks = new[] { hunk } });
        task = await app.EndAsync(task.Id);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("drop", task.Turns[^1].Source);
        Assert.Equal(TaskApp.Lines.Replace("line 50\n", "fifty\n", StringComparison.Ordinal), await app.FileAsync(task.Attempts[0], "lines.txt"));
        Assert.Equal("n\n", await app.FileAsync(task.Attempts[0], "new.txt"));
        Assert.Equal((2, 2, 1), (task.Attempts[0].Files, task.Attempts[0].Added, task.Attempts[0].Removed));
    }

    [Fact]
    public async Task The_difference_of_two_attempts_is_a_patch_from_one_to_the_other()
    {
        var task = await app.FollowUpAsync(await app.RunAsync(First, attempts: 2), 2, "sed -i 's/^ten$/tenth/' lines.txt");
        var stranger = await app.RunAsync(First);
        var (from, to) = (task.Attempts[0].Id, task.Attempts[1].Id);

        var diff = await app.Client.GetStringAsync(new Uri($"/api/v1/tasks/{task.Id}/attempt-diff?from={from}&to={to}", UriKind.Relative));
        var same = await app.Client.GetStringAsync(new Uri($"/api/v1/tasks/{task.Id}/attempt-diff?from={from}&to={from}", UriKind.Relative));
        using var foreign = await app.Client.GetAsync(new Uri($"/api/v1/tasks/{task.Id}/attempt-diff?from={from}&to={stranger.Attempts[0].Id}", UriKind.Relative));
        using var review = await app.Client.GetAsync(new Uri($"/review/attempts/{from}/diff?scope=against:{to}", UriKind.Relative));
        var shown = await review.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Contains("-ten\n+tenth\n", diff, StringComparison.Ordinal);
        Assert.Empty(same);
        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        Assert.Equal((1, 1), (shown.GetProperty("added").GetInt32(), shown.GetProperty("removed").GetInt32()));
        Assert.Equal($"{task.Attempts[0].Checkpoint}-{task.Attempts[1].Checkpoint}", shown.GetProperty("at").GetString());
        Assert.Equal(task.Attempts[1].Checkpoint, shown.GetProperty("commit").GetString());
    }

    [Fact]
    public async Task What_cannot_be_taken_is_refused_with_a_sentence()
    {
        var task = await app.RunAsync(First, attempts: 2);
        var stranger = await app.RunAsync(First);
        var (first, second) = (task.Attempts[0].Id, task.Attempts[1].Id);
        const string Nobody = "0123456789abcdef@1";

        Assert.IsType<CommandResult<int>.Invalid>(await Hunks.TakeAsync(first, first, HunkSource.Difference, [Nobody], CancellationToken.None));
        Assert.IsType<CommandResult<int>.Invalid>(await Hunks.TakeAsync(first, second, HunkSource.Difference, [], CancellationToken.None));
        Assert.IsType<CommandResult<int>.Invalid>(await Hunks.TakeAsync(first, second, HunkSource.Difference, ["; rm -rf /"], CancellationToken.None));
        Assert.IsType<CommandResult<int>.Refused>(await Hunks.TakeAsync(first, stranger.Attempts[0].Id, HunkSource.Difference, [Nobody], CancellationToken.None));
        Assert.Contains("no hunk 0123456789abcdef@1", Assert.IsType<CommandResult<int>.Refused>(await Hunks.DropAsync(first, null, [Nobody], CancellationToken.None)).Reason, StringComparison.Ordinal);
    }

    private HunkCommands Hunks => app.Services.GetRequiredService<HunkCommands>();

    private async Task<Evidence> EvidenceAsync(AttemptDetails attempt) => (await app.Services.GetRequiredService<AttemptFindings>().EvidenceAsync(attempt.Id, CancellationToken.None))!;

    private async Task<JsonElement[]> ListAsync(string address) =>
        [.. (await app.Client.GetFromJsonAsync<JsonElement>(new Uri($"/api/v1/{address}", UriKind.Relative))).GetProperty("items").EnumerateArray()];
}

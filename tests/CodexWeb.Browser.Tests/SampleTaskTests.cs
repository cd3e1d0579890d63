using System.Text.Json;
using System.Text.Json.Nodes;
using CodexWeb.Models.Demo;
using CodexWeb.Tasks;

namespace CodexWeb.Browser.Tests;

/// <summary>The main job end to end, over HTTP alone.</summary>
public sealed class SampleTaskTests(ServerUnderTest app) : IClassFixture<ServerUnderTest>, IDisposable
{
    private readonly ApiClient _api = new(app.Server.Address);

    [Fact]
    public async Task The_failing_test_is_seen_failing_and_mended_and_the_pushed_branch_passes()
    {
        var repository = await _api.SampleAsync();
        var (task, attempt) = await _api.StartAsync(repository, "code", ExampleTasks.For(isSample: true)[0].Prompt);

        var events = await _api.UntilEndAsync(attempt, after: 0);

        Assert.Equal("completed", ApiClient.StatusOf(events[^1]));
        Assert.Equal(Enumerable.Range(1, events.Count), events.Select(e => e.GetProperty("seq").GetInt32()));
        var tests = ApiClient.CommandsOf(events).Where(c => c.GetProperty("command").GetString()!.Contains("prove", StringComparison.Ordinal)).Select(c => c.GetProperty("exitCode").GetInt32()).ToList();
        Assert.NotEqual(0, tests[0]);
        Assert.Equal(0, tests[^1]);

        var found = await _api.GetAsync($"/api/v1/tasks/{task}");
        Assert.Equal("ready_for_review", found.GetProperty("state").GetString());
        var stat = found.GetProperty("attempts")[0].GetProperty("diff");
        Assert.True(stat.GetProperty("files").GetInt32() > 0);

        var sample = await UrlOfAsync(repository);
        var clone = app.Folder.Below("clone");
        await Terminal.RunAsync(app.Folder.Path, "git", "clone", "--quiet", "--no-hardlinks", "--", sample, clone);
        await File.WriteAllTextAsync(app.Folder.Below("change.diff"), await _api.GetTextAsync($"/api/v1/attempts/{attempt}/diff"));
        await Terminal.RunAsync(clone, "git", "apply", "--check", app.Folder.Below("change.diff"));

        var pushed = await _api.PostAsync($"/api/v1/tasks/{task}/push", new JsonObject());
        var branch = pushed.GetProperty("branch").GetString()!;
        Assert.StartsWith("codexweb/", branch, StringComparison.Ordinal);
        Assert.Equal(pushed.GetProperty("commit").GetString(), (await Terminal.RunAsync(sample, "git", "rev-parse", branch)).Trim());

        await Terminal.RunAsync(clone, "git", "fetch", "--quiet", "origin", branch);
        await Terminal.RunAsync(clone, "git", "checkout", "--quiet", "FETCH_HEAD");
        await Terminal.RunAsync(clone, "prove", "-lr", "t");
        Assert.Equal("done", (await _api.GetAsync($"/api/v1/tasks/{task}")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_question_is_answered_with_places_in_files_and_changes_nothing()
    {
        var question = ExampleTasks.For(isSample: true).First(example => example.Mode is TaskMode.Ask);
        var (task, attempt) = await _api.StartAsync(await _api.SampleAsync(), "ask", question.Prompt);

        var events = await _api.UntilEndAsync(attempt, after: 0);

        Assert.Equal("completed", ApiClient.StatusOf(events[^1]));
        Assert.Contains("lib/Basket", await _api.GetTextAsync($"/api/v1/attempts/{attempt}/answer"), StringComparison.Ordinal);
        Assert.Empty(await _api.GetTextAsync($"/api/v1/attempts/{attempt}/diff"));
        Assert.Equal(0, (await _api.GetAsync($"/api/v1/tasks/{task}")).GetProperty("attempts")[0].GetProperty("diff").GetProperty("files").GetInt32());
    }

    [Fact]
    public async Task Live_stored_and_resumed_readers_see_the_same_log()
    {
        var (_, attempt) = await _api.StartAsync(await _api.SampleAsync(), "code", ExampleTasks.For(isSample: true)[0].Prompt);

        var live = await _api.UntilEndAsync(attempt, after: 0);
        var stored = (await _api.StoredAsync(attempt))[..live.Count];
        var half = live.Count / 2;
        var resumed = await _api.UntilEndAsync(attempt, after: half);

        Assert.Equal(Texts(live), Texts(stored));
        Assert.Equal(Texts(live[half..]), Texts(resumed));
    }

    public void Dispose() => _api.Dispose();

    private static IEnumerable<string> Texts(IEnumerable<JsonElement> events) => events.Select(e => e.GetRawText());

    private async Task<string> UrlOfAsync(string repository) => (await _api.GetAsync($"/api/v1/repositories/{repository}")).GetProperty("url").GetString()!;
}

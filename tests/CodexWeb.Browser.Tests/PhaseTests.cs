using System.Text.Json.Nodes;

namespace CodexWeb.Browser.Tests;

/// <summary>What an environment asks for around the agent's own work: set-up before it, checks after it, and several attempts side by side.</summary>
public sealed class PhaseTests(ServerUnderTest app) : IClassFixture<ServerUnderTest>, IDisposable
{
    private const string AddLine = "Please run this.\n\n```sh\necho b >> a.txt\n```";

    private readonly ApiClient _api = new(app.Server.Address);

    [Fact]
    public async Task What_the_set_up_script_makes_is_there_for_the_agent_and_its_output_is_in_the_log()
    {
        var (_, attempt) = await StartAsync("setup", setupScript: "echo made by $WHO > .made", checks: [], "Please run this.\n\n```sh\ncat .made\n```");

        var events = await _api.UntilEndAsync(attempt, after: 0);

        Assert.Equal("completed", ApiClient.StatusOf(events[^1]));
        Assert.Equal(["echo made by $WHO > .made", "cat .made"], ApiClient.CommandsOf(events).Select(c => c.GetProperty("command").GetString()));
        Assert.Equal("made by the environment\n", ApiClient.CommandsOf(events)[1].GetProperty("output").GetString());
    }

    [Fact]
    public async Task A_set_up_script_that_fails_ends_the_attempt_with_cause_and_fix_and_a_retry_goes_the_whole_way()
    {
        var (task, attempt) = await StartAsync("broken", setupScript: "echo no registry >&2; exit 3", checks: [], AddLine);

        var events = await _api.UntilEndAsync(attempt, after: 0);

        var phase = events.Last(e => e.GetProperty("type").GetString() is "phase.changed");
        Assert.Equal(("set_up", "failed"), (phase.GetProperty("phase").GetString(), phase.GetProperty("state").GetString()));
        Assert.Contains("exit code 3", phase.GetProperty("cause").GetString(), StringComparison.Ordinal);
        Assert.Contains("retry", phase.GetProperty("fix").GetString(), StringComparison.Ordinal);
        await ChangeEnvironmentAsync((await _api.GetAsync($"/api/v1/tasks/{task}")).GetProperty("repositoryId").GetString()!, "true", []);
        await _api.PostAsync($"/api/v1/attempts/{attempt}/retry", new JsonObject { ["from"] = "setup" });
        Assert.Equal("completed", ApiClient.StatusOf((await _api.UntilEndAsync(attempt, after: events.Count))[^1]));
        Assert.Contains("+b", await _api.GetTextAsync($"/api/v1/attempts/{attempt}/diff"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Checks_the_agent_did_not_run_after_its_last_edit_are_run_by_the_server_and_are_the_evidence()
    {
        var (_, attempt) = await StartAsync("checked", setupScript: "", checks: ["grep -q b a.txt", "grep -q z a.txt"], AddLine);

        var events = await _api.UntilEndAsync(attempt, after: 0);

        // A check that fails is a fact about the change: the attempt itself is done.
        Assert.Equal("completed", ApiClient.StatusOf(events[^1]));
        Assert.Equal([("grep -q b a.txt", 0), ("grep -q z a.txt", 1)], ApiClient.CommandsOf(events).TakeLast(2).Select(c => (c.GetProperty("command").GetString(), c.GetProperty("exitCode").GetInt32())));
        var evidence = await _api.GetAsync($"/api/v1/attempts/{attempt}/evidence");
        Assert.Equal(["passed", "failed"], evidence.GetProperty("checks").EnumerateArray().Select(c => c.GetProperty("outcome").GetString()));
        Assert.All(evidence.GetProperty("checks").EnumerateArray(), c => Assert.False(c.GetProperty("stale").GetBoolean()));
    }

    [Fact]
    public async Task Four_attempts_work_side_by_side_without_seeing_each_other()
    {
        var repository = await ConnectAsync("four");
        var task = await _api.PostAsync("/api/v1/tasks", new JsonObject { ["repositoryId"] = repository, ["mode"] = "code", ["prompt"] = "Please run this.\n\n```sh\necho x >> count.txt; sleep 1; wc -l < count.txt\n```", ["attempts"] = 4 });
        var attempts = task.GetProperty("attempts").EnumerateArray().Select(a => a.GetProperty("id").GetString()!).ToList();

        var logs = await Task.WhenAll(attempts.Select(attempt => _api.UntilEndAsync(attempt, after: 0)));

        Assert.Equal(4, attempts.Distinct(StringComparer.Ordinal).Count());
        Assert.All(logs, log => Assert.Equal("1\n", ApiClient.CommandsOf(log)[0].GetProperty("output").GetString()));
    }

    [Fact]
    public async Task A_task_works_by_the_environment_it_was_started_in()
    {
        var repository = await ConnectAsync("second");
        var environment = await _api.PostAsync("/api/v1/environments", Environment(repository, "Second", setupScript: "", checks: ["echo second"]));
        var task = await _api.PostAsync("/api/v1/tasks", new JsonObject { ["environmentId"] = environment.GetProperty("id").GetString(), ["mode"] = "code", ["prompt"] = AddLine });

        var events = await _api.UntilEndAsync(task.GetProperty("attempts")[0].GetProperty("id").GetString()!, after: 0);

        Assert.Equal("echo second", ApiClient.CommandsOf(events)[^1].GetProperty("command").GetString());
    }

    public void Dispose() => _api.Dispose();

    private static JsonObject Environment(string repository, string name, string setupScript, string[] checks) => new()
    {
        ["repositoryId"] = repository,
        ["name"] = name,
        ["setupScript"] = setupScript,
        ["variables"] = new JsonObject { ["WHO"] = "the environment" },
        ["checks"] = new JsonArray([.. checks.Select(check => JsonValue.Create(check))]),
    };

    private async Task<(string Task, string Attempt)> StartAsync(string name, string setupScript, string[] checks, string prompt)
    {
        var repository = await ConnectAsync(name);
        await ChangeEnvironmentAsync(repository, setupScript, checks);
        return await _api.StartAsync(repository, "code", prompt);
    }

    private async Task<string> ConnectAsync(string name)
    {
        await GitFolder.CreateAsync(app.Folder.Below(name), ("a.txt", "a\n"u8.ToArray()));
        return await _api.ConnectAsync(app.Folder.Below(name));
    }

    private async Task ChangeEnvironmentAsync(string repository, string setupScript, string[] checks)
    {
        var environments = await _api.GetAsync($"/api/v1/environments?repositoryId={repository}");
        var id = environments.GetProperty("items")[0].GetProperty("id").GetString();
        using var content = new StringContent(Environment(repository, "Default", setupScript, checks).ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        using var response = await _api.Http.PutAsync(new Uri($"/api/v1/environments/{id}", UriKind.Relative), content);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }
}

using System.Globalization;
using System.Text;

namespace CodexWeb.Browser.Tests;

/// <summary>Tasks on a repository of the user's own, where the demo model runs the prompt's <c>sh</c> blocks.</summary>
public sealed class OwnRepositoryTests(ServerUnderTest app) : IClassFixture<ServerUnderTest>, IDisposable
{
    private readonly ApiClient _api = new(app.Server.Address);

    [Fact]
    public async Task The_blocks_of_the_prompt_are_run_and_what_they_change_is_the_diff()
    {
        var repository = await ConnectAsync("notes", ("notes.txt", "one\n"u8.ToArray()));
        var (task, attempt) = await _api.StartAsync(repository, "code", Block("printf 'two\\n' >> notes.txt", "cat notes.txt"));

        var events = await _api.UntilEndAsync(attempt, after: 0);

        Assert.Equal("completed", ApiClient.StatusOf(events[^1]));
        var diff = await _api.GetTextAsync($"/api/v1/attempts/{attempt}/diff");
        Assert.Contains("+two", diff, StringComparison.Ordinal);
        var stat = (await _api.GetAsync($"/api/v1/tasks/{task}")).GetProperty("attempts")[0].GetProperty("diff");
        Assert.Equal((1, 1, 0), (stat.GetProperty("files").GetInt32(), stat.GetProperty("added").GetInt32(), stat.GetProperty("removed").GetInt32()));
    }

    [Fact]
    public async Task A_binary_file_survives_the_way_through_the_diff()
    {
        var content = Enumerable.Range(0, 4096).Select(n => (byte)(n * 7)).ToArray();
        var repository = await ConnectAsync("binary", ("picture.bin", content));
        var (_, attempt) = await _api.StartAsync(repository, "code", Block("cat picture.bin picture.bin > double.bin"));

        await _api.UntilEndAsync(attempt, after: 0);

        await File.WriteAllTextAsync(app.Folder.Below("binary.diff"), await _api.GetTextAsync($"/api/v1/attempts/{attempt}/diff"));
        await Terminal.RunAsync(app.Folder.Below("binary"), "git", "apply", app.Folder.Below("binary.diff"));
        byte[] expected = [.. content, .. content];
        Assert.Equal(expected, await File.ReadAllBytesAsync(Path.Combine(app.Folder.Below("binary"), "double.bin")));
    }

    [Fact]
    public async Task A_hundred_megabytes_of_output_end_the_command_not_the_server()
    {
        const long Bytes = 100L << 20;
        var repository = await ConnectAsync("loud", ("a.txt", "a\n"u8.ToArray()));
        var (_, attempt) = await _api.StartAsync(repository, "code", Block(string.Create(CultureInfo.InvariantCulture, $"yes | head -c {Bytes}")));

        var events = await _api.UntilEndAsync(attempt, after: 0);

        Assert.Equal("completed", ApiClient.StatusOf(events[^1]));
        var command = ApiClient.CommandsOf(events).Single(c => c.GetProperty("command").GetString()!.Contains("yes", StringComparison.Ordinal));
        Assert.Equal(Bytes, command.GetProperty("outputBytes").GetInt64());
        Assert.True(command.GetProperty("output").GetString()!.Length <= 70_000);
        Assert.True(events.Sum(e => e.GetRawText().Length) < 20 << 20, "The log holds far more than the cap on shown output.");
        using var whole = await _api.Http.GetAsync(new Uri($"/api/v1/attempts/{attempt}/items/{command.GetProperty("id").GetString()}/output", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/plain", whole.Content.Headers.ContentType?.MediaType);
        Assert.Equal("nosniff", Assert.Single(whole.Headers.GetValues("X-Content-Type-Options")));
        await using var stream = await whole.Content.ReadAsStreamAsync();
        Assert.Equal(Bytes, await CountAsync(stream));
    }

    [Fact]
    public async Task A_repository_that_goes_away_while_its_task_runs_takes_nothing_of_the_work_along()
    {
        var repository = await ConnectAsync("short-lived", ("a.txt", "a\n"u8.ToArray()));
        var (task, attempt) = await _api.StartAsync(repository, "code", Block("sleep 2; echo b >> a.txt", "cat a.txt"));
        await CommandIsRunningAsync(attempt);

        Directory.Delete(app.Folder.Below("short-lived"), recursive: true);

        var events = await _api.UntilEndAsync(attempt, after: 0);
        Assert.Equal("completed", ApiClient.StatusOf(events[^1]));
        Assert.Contains("+b", await _api.GetTextAsync($"/api/v1/attempts/{attempt}/diff"), StringComparison.Ordinal);
        var (status, problem) = await _api.RefusedAsync(HttpMethod.Post, $"/api/v1/tasks/{task}/push", new StringContent("{}", Encoding.UTF8, "application/json"));
        Assert.Equal(System.Net.HttpStatusCode.Conflict, status);
        Assert.Contains("short-lived", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_ends_a_running_command_within_two_seconds_and_keeps_what_was_changed()
    {
        var repository = await ConnectAsync("stopped", ("a.txt", "a\n"u8.ToArray()));
        var (_, attempt) = await _api.StartAsync(repository, "code", Block("echo b >> a.txt", "sleep 600"));
        await CommandIsRunningAsync(attempt, "sleep");

        var watch = System.Diagnostics.Stopwatch.StartNew();
        await _api.PostAsync($"/api/v1/attempts/{attempt}/stop", body: null);
        var events = await _api.UntilEndAsync(attempt, after: 0);
        watch.Stop();

        Assert.Equal("cancelled", ApiClient.StatusOf(events[^1]));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(4));
        Assert.Contains("+b", await _api.GetTextAsync($"/api/v1/attempts/{attempt}/diff"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_follow_up_goes_on_in_the_same_files_and_a_queued_message_can_be_taken_back()
    {
        var repository = await ConnectAsync("followed", ("a.txt", "a\n"u8.ToArray()));
        var (task, attempt) = await _api.StartAsync(repository, "code", Block("echo b >> a.txt"));
        var first = await _api.UntilEndAsync(attempt, after: 0);
        var turn = await _api.PostAsync($"/api/v1/tasks/{task}/turns", new System.Text.Json.Nodes.JsonObject { ["prompt"] = Block("sleep 3; cat a.txt") });
        Assert.Equal(2, turn.GetProperty("number").GetInt32());
        await CommandIsRunningAsync(attempt, "sleep");

        var queued = await _api.PostAsync($"/api/v1/attempts/{attempt}/steer", new System.Text.Json.Nodes.JsonObject { ["text"] = "And say hello." });
        var message = queued.GetProperty("items")[0].GetProperty("id").GetString();
        using var removed = await _api.Http.DeleteAsync(new Uri($"/api/v1/attempts/{attempt}/steer/{message}", UriKind.Relative));
        Assert.Equal(System.Net.HttpStatusCode.OK, removed.StatusCode);

        var second = await _api.UntilEndAsync(attempt, after: first.Count);
        Assert.Equal("completed", ApiClient.StatusOf(second[^1]));
        Assert.Contains("b", ApiClient.CommandsOf(second)[^1].GetProperty("output").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(second, e => e.GetRawText().Contains("And say hello.", StringComparison.Ordinal));
    }

    public void Dispose() => _api.Dispose();

    private static string Block(params string[] scripts) => string.Join("\n\n", scripts.Select(script => $"```sh\n{script}\n```").Prepend("Please run this."));

    private async Task<string> ConnectAsync(string name, params (string Name, byte[] Content)[] files)
    {
        await GitFolder.CreateAsync(app.Folder.Below(name), files);
        return await _api.ConnectAsync(app.Folder.Below(name));
    }

    private async Task CommandIsRunningAsync(string attempt, string part = "")
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await foreach (var logged in _api.FollowAsync(attempt, 0, patience.Token))
        {
            if (logged.GetProperty("type").GetString() is "item.started"
                && logged.GetProperty("item").GetProperty("type").GetString() is "command_execution"
                && logged.GetProperty("item").GetProperty("command").GetString()!.Contains(part, StringComparison.Ordinal))
            {
                return;
            }
        }
    }

    private static async Task<long> CountAsync(Stream stream)
    {
        var buffer = new byte[64 * 1024];
        var total = 0L;
        while (await stream.ReadAsync(buffer) is > 0 and var count)
        {
            total += count;
        }

        return total;
    }
}

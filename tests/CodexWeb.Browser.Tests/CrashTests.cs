namespace CodexWeb.Browser.Tests;

/// <summary>A server that is killed loses nothing it acknowledged.</summary>
public sealed class CrashTests : IDisposable
{
    private const string Slow = "Run this.\n\n```sh\necho kept >> a.txt\n```\n\n```sh\nfor i in 1 2 3 4 5 6; do echo line $i; sleep 0.5; done\n```\n\n```sh\necho last >> a.txt\n```";

    private readonly DataFolder _folder = new();

    [Fact]
    public async Task After_kill_9_the_log_goes_on_where_it_was_and_the_work_can_be_finished()
    {
        var repository = await GitFolder.CreateAsync(_folder.Below("repository"), ("a.txt", "a\n"u8.ToArray()));
        var server = await ServerProcess.StartAsync(_folder, port: 0);
        var seen = new List<string>();
        string attempt;
        using (var api = new ApiClient(server.Address))
        {
            (_, attempt) = await api.StartAsync(await api.ConnectAsync(repository.Path), "code", Slow);
            await SeeAsync(api, attempt, "line 2", seen);
        }

        await server.KillAsync();
        await server.DisposeAsync();
        await using var again = await ServerProcess.StartAsync(_folder, port: 0);
        using var after = new ApiClient(again.Address);
        var rest = await after.UntilEndAsync(attempt, seen.Count);

        // The command was cut off: what it did is not known, so the attempt waits for a person, or goes on past it and says so.
        var end = ApiClient.StatusOf(rest[^1]);
        if (end is "interrupted")
        {
            await after.PostAsync($"/api/v1/attempts/{attempt}/retry", body: null);
            rest = await after.UntilEndAsync(attempt, seen.Count + rest.Count);
        }

        Assert.Equal("completed", ApiClient.StatusOf(rest[^1]));
        var stored = await after.StoredAsync(attempt);
        Assert.Equal(seen, stored.Take(seen.Count).Select(e => e.GetRawText()));
        Assert.Equal(Enumerable.Range(1, stored.Count), stored.Select(e => e.GetProperty("seq").GetInt32()));
        var diff = await after.GetTextAsync($"/api/v1/attempts/{attempt}/diff");
        Assert.Contains("+kept", diff, StringComparison.Ordinal);
        Assert.Contains("+last", diff, StringComparison.Ordinal);
        Assert.Single(diff.Split('\n'), line => string.Equals(line, "+kept", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_asked_to_end_does_so_in_time_closes_its_streams_and_goes_on_at_the_next_start()
    {
        var repository = await GitFolder.CreateAsync(_folder.Below("repository"), ("a.txt", "a\n"u8.ToArray()));
        var server = await ServerProcess.StartAsync(_folder, port: 0);
        using var api = new ApiClient(server.Address);
        var (_, attempt) = await api.StartAsync(await api.ConnectAsync(repository.Path), "code", Slow);
        var seen = new List<string>();
        await SeeAsync(api, attempt, "line 2", seen);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var reader = CountAsync(api, attempt, seen.Count, patience.Token);

        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal(0, await server.StopAsync());

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        await reader;
        await server.DisposeAsync();
        await using var again = await ServerProcess.StartAsync(_folder, port: 0);
        using var after = new ApiClient(again.Address);
        await after.UntilEndAsync(attempt, seen.Count);
        Assert.Equal(seen, (await after.StoredAsync(attempt)).Take(seen.Count).Select(e => e.GetRawText()));
    }

    public void Dispose() => _folder.Dispose();

    private static async Task SeeAsync(ApiClient api, string attempt, string text, List<string> seen)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await foreach (var logged in api.FollowAsync(attempt, seen.Count, patience.Token))
        {
            seen.Add(logged.GetRawText());
            if (logged.GetProperty("type").GetString() is "item.updated" && logged.GetRawText().Contains(text, StringComparison.Ordinal))
            {
                return;
            }
        }
    }

    // The stream of a server that ends has to end as well, with its connection or without.
    private static async Task<int> CountAsync(ApiClient api, string attempt, long after, CancellationToken cancellationToken)
    {
        var count = 0;
        try
        {
            await foreach (var _ in api.FollowAsync(attempt, after, cancellationToken))
            {
                count++;
            }
        }
        catch (HttpIOException)
        {
            return count;
        }

        return count;
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;

namespace CodexWeb.Browser.Tests;

/// <summary>A question outlives the server that put it.</summary>
public sealed class ApprovalCrashTests : IDisposable
{
    private readonly DataFolder _folder = new();

    [Theory]
    [InlineData("approve", 1)]
    [InlineData("reject", 0)]
    public async Task After_kill_9_the_same_question_is_still_there_and_its_answer_is_carried_out_once(string decision, int times)
    {
        var repository = await GitFolder.CreateAsync(_folder.Below("repository"), ("a.txt", "a\n"u8.ToArray()));
        var server = await ServerProcess.StartAsync(_folder, port: 0);
        string attempt;
        JsonElement asked;
        using (var api = new ApiClient(server.Address))
        {
            var task = await api.PostAsync("/api/v1/tasks", new JsonObject
            {
                ["repositoryId"] = await api.ConnectAsync(repository.Path),
                ["mode"] = "code",
                ["prompt"] = "Run this.\n\n```sh\necho once >> a.txt\n```",
                ["approval"] = "auto-edit",
            });
            attempt = task.GetProperty("attempts")[0].GetProperty("id").GetString()!;
            await WaitingAsync(api, attempt, after: 0);
            asked = await OpenAsync(api, attempt);
        }

        await server.KillAsync();
        await server.DisposeAsync();
        await using var again = await ServerProcess.StartAsync(_folder, port: 0);
        using var after = new ApiClient(again.Address);
        Assert.Equal(asked.GetRawText(), (await OpenAsync(after, attempt)).GetRawText());
        await after.PostAsync($"/api/v1/attempts/{attempt}/approvals/{asked.GetProperty("id").GetString()}", new JsonObject { ["decision"] = decision });
        await after.UntilEndAsync(attempt, 0);

        var stored = await after.StoredAsync(attempt);
        Assert.Equal("completed", ApiClient.StatusOf(stored.Last(logged => ApiClient.StatusOf(logged) is not null)));
        Assert.Equal(times, ApiClient.CommandsOf(stored).Count(command => command.GetProperty("command").GetString()!.Contains("once", StringComparison.Ordinal)));
        Assert.Equal(times, (await after.GetTextAsync($"/api/v1/attempts/{attempt}/diff")).Split('\n').Count(line => string.Equals(line, "+once", StringComparison.Ordinal)));
        var items = stored.Where(logged => logged.TryGetProperty("item", out var item) && item.ValueKind is JsonValueKind.Object && item.GetProperty("type").GetString() is "approval").ToList();
        Assert.Equal(["item.started", "item.completed"], items.Select(logged => logged.GetProperty("type").GetString()));
        Assert.All(items, logged => Assert.Equal(asked.GetProperty("itemId").GetString(), logged.GetProperty("item").GetProperty("id").GetString()));
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<JsonElement> OpenAsync(ApiClient api, string attempt) =>
        (await api.GetAsync($"/api/v1/attempts/{attempt}/approvals")).GetProperty("items").EnumerateArray().Single(asked => asked.GetProperty("decision").ValueKind is JsonValueKind.Null);

    private static async Task WaitingAsync(ApiClient api, string attempt, long after)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await foreach (var logged in api.FollowAsync(attempt, after, patience.Token))
        {
            if (ApiClient.StatusOf(logged) is "waiting_for_approval")
            {
                return;
            }
        }
    }
}

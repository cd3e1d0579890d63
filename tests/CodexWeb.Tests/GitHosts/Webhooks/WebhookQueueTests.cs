using System.Net;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.GitHosts.Webhooks;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.GitHosts.Webhooks;

public sealed class WebhookQueueTests : IAsyncLifetime
{
    private WebhookRig _rig = null!;

    public async Task InitializeAsync() => _rig = await WebhookRig.StartAsync();

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task A_repositorys_deliveries_wait_for_each_other_and_others_do_not()
    {
        var until = new TaskCompletionSource<string?>();
        _rig.Handler.Answer = webhook => webhook.DeliveryId == "a1" ? until.Task : Task.FromResult<string?>(null);
        await SendAsync("a1", repository: 1);
        await SendAsync("a2", repository: 1);
        await SendAsync("b1", repository: 2);

        Assert.Equal(["a1", "b1"], new[] { await _rig.Handler.NextAsync(), await _rig.Handler.NextAsync() }.Order(StringComparer.Ordinal));
        until.SetResult("Done.");

        Assert.Equal("a2", await _rig.Handler.NextAsync());
    }

    [Fact]
    public async Task Of_many_at_once_each_is_handled_once()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), async (i, _) => await SendAsync($"d{i}", repository: 1 + (i % 10)));
        for (var repository = 1; repository <= 10; repository++)
        {
            await _rig.SettleAsync(repository);
        }

        var sent = (await _rig.StoredAsync()).Where(delivery => delivery.Event == "issue_comment").ToList();
        Assert.All(sent, delivery => Assert.Equal((WebhookStatus.Done, $"Saw {delivery.Id}.", 1), (delivery.Status, delivery.Outcome, delivery.Tries)));
        Assert.Equal(200, _rig.Handler.All.Count(webhook => webhook.Event == "issue_comment"));
    }

    [Fact]
    public async Task What_concerns_nobody_is_said_to_be_ignored()
    {
        _rig.Handler.Answer = static _ => Task.FromResult<string?>(null);
        await SendAsync("d");
        await _rig.SettleAsync();

        var stored = await _rig.StoredAsync("d");
        Assert.Equal((WebhookStatus.Ignored, "Nothing here is concerned.", 1), (stored.Status, stored.Outcome, stored.Tries));
    }

    [Fact]
    public async Task A_server_that_dies_between_storing_and_handling_loses_nothing()
    {
        _rig.Handler.Answer = static _ => new TaskCompletionSource<string?>().Task;
        await SendAsync("begun");
        await SendAsync("waiting");
        Assert.Equal("begun", await _rig.Handler.NextAsync());

        _rig.Handler.Answer = static webhook => Task.FromResult<string?>($"Saw {webhook.DeliveryId}.");
        await _rig.RestartAsync();

        Assert.Equal("begun", await _rig.Handler.NextAsync());
        Assert.Equal("waiting", await _rig.Handler.NextAsync());
        await _rig.SettleAsync();
        Assert.All(await _rig.StoredAsync(), delivery => Assert.Equal("", delivery.Status is WebhookStatus.Queued ? "" : delivery.Body));
        Assert.Equal("Saw begun.", (await _rig.StoredAsync("begun")).Outcome);
    }

    [Fact]
    public async Task When_GitHub_asks_for_patience_it_is_tried_again_then()
    {
        var at = _rig.Clock.GetUtcNow() + TimeSpan.FromMinutes(20);
        _rig.Handler.Answer = _ => _rig.Clock.GetUtcNow() < at
            ? throw new GitHubException(GitHubFailure.RateLimited, "GitHub's limit is reached.") { RetryAt = at }
            : Task.FromResult<string?>("Done at last.");
        await SendAsync("d");
        await SendAsync("later");
        Assert.Equal("d", await _rig.Handler.NextAsync());

        Assert.Equal(TimeSpan.FromMinutes(20), await _rig.Clock.PassAsync(TimeSpan.FromMinutes(20)));

        Assert.Equal("d", await _rig.Handler.NextAsync());
        Assert.Equal("later", await _rig.Handler.NextAsync());
        var stored = await _rig.StoredAsync("d");
        Assert.Equal((WebhookStatus.Done, "Done at last.", 2), (stored.Status, stored.Outcome, stored.Tries));
    }

    [Fact]
    public async Task It_is_tried_eight_times_with_growing_pauses()
    {
        _rig.Handler.Answer = static webhook => webhook.DeliveryId == "d" ? throw new GitHubException(GitHubFailure.Unavailable, "GitHub does not answer.") : Task.FromResult<string?>(null);
        await SendAsync("d");
        var pauses = new List<double>();
        for (var tries = 1; tries < 8; tries++)
        {
            Assert.Equal("d", await _rig.Handler.NextAsync());
            pauses.Add((await _rig.Clock.PassAsync(TimeSpan.FromMinutes(17))).TotalSeconds);
        }

        Assert.Equal("d", await _rig.Handler.NextAsync());
        await _rig.SettleAsync();
        Assert.Equal([15, 30, 60, 120, 240, 480, 960], pauses);
        var stored = await _rig.StoredAsync("d");
        Assert.Equal((WebhookStatus.Failed, "Given up after 8 tries. GitHub does not answer.", 8, ""), (stored.Status, stored.Outcome, stored.Tries, stored.Body));
    }

    [Fact]
    public async Task An_unexpected_error_ends_a_delivery_with_a_sentence_and_not_the_queue()
    {
        _rig.Handler.Answer = static webhook => webhook.DeliveryId == "d" ? throw new InvalidOperationException("the insides") : Task.FromResult<string?>(null);
        await SendAsync("d");
        await _rig.SettleAsync();

        var stored = await _rig.StoredAsync("d");
        Assert.Equal((WebhookStatus.Failed, "The server met an unexpected error (InvalidOperationException). Its log has the details."), (stored.Status, stored.Outcome));
        Assert.Contains("the insides", Assert.Single(_rig.Log), StringComparison.Ordinal);
        Assert.DoesNotContain("full_name", _rig.Log.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_GitHub_refuses_for_good_is_not_tried_again()
    {
        _rig.Handler.Answer = static webhook => webhook.DeliveryId == "d" ? throw new GitHubException(GitHubFailure.Forbidden, "Resource not accessible by integration.") : Task.FromResult<string?>(null);
        await SendAsync("d");
        await _rig.SettleAsync();

        Assert.Equal((WebhookStatus.Failed, "Resource not accessible by integration."), ((await _rig.StoredAsync("d")).Status, (await _rig.StoredAsync("d")).Outcome));
    }

    [Fact]
    public async Task Deliveries_are_kept_for_thirty_days()
    {
        await SendAsync("old");
        await _rig.SettleAsync();
        _rig.Clock.Advance(TimeSpan.FromDays(29));
        await SendAsync("new");
        await _rig.SettleAsync();
        var retention = _rig.Services.GetRequiredService<WebhookRetention>();

        Assert.Equal(0, await retention.TidyAsync(CancellationToken.None));
        _rig.Clock.Advance(TimeSpan.FromDays(2));

        Assert.Equal(2, await retention.TidyAsync(CancellationToken.None));
        Assert.Contains(await _rig.StoredAsync(), delivery => delivery.Id == "new");
    }

    [Fact]
    public async Task The_list_is_read_by_pages_newest_first()
    {
        for (var i = 0; i < 5; i++)
        {
            await SendAsync($"d{i}");
        }

        var queries = _rig.Services.GetRequiredService<WebhookQueries>();

        var first = await queries.ListAsync(2, cursor: null, CancellationToken.None);
        var second = await queries.ListAsync(2, first.NextCursor, CancellationToken.None);
        var third = await queries.ListAsync(2, second.NextCursor, CancellationToken.None);

        Assert.Equal(["d4", "d3", "d2", "d1", "d0"], first.Items.Concat(second.Items).Concat(third.Items).Select(row => row.Id));
        Assert.Null(third.NextCursor);
        Assert.True(WebhookQueries.IsCursor(first.NextCursor!));
        Assert.False(WebhookQueries.IsCursor("nonsense"));
    }

    private async Task SendAsync(string delivery, long repository = 1)
    {
        using var answer = await _rig.SendAsync("issue_comment", WebhookRig.Payload(repository), delivery);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
    }
}

using System.Text.Json;
using CodexWeb.CodeReviews;
using CodexWeb.EmulatedGitHub;
using CodexWeb.GitHosts.Webhooks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.CodeReviews;

public sealed class AutomaticReviewTests(ReviewApp app) : IClassFixture<ReviewApp>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_webhook_has_a_new_pull_request_reviewed_however_often_it_comes()
    {
        await app.ReviewAllAsync(automatic: true);
        var pull = await app.OpenAsync("hooked");

        var first = await HookAsync("opened", pull);
        var review = await app.EndAsync((await ReviewsOfAsync(pull))[0].Id);
        var second = await HookAsync("opened", pull);

        Assert.Equal($"#{pull.Number} is reviewed at {pull.HeadSha}.", first);
        Assert.Null(second);
        Assert.Equal((CodeReviewStatus.Posted, ReviewTrigger.Automatic, "Automatic"), (review.Row.Status, review.Row.Trigger, review.Row.Requester));
        Assert.Single(pull.Reviews);
    }

    [Fact]
    public async Task The_next_push_is_reviewed_too_and_takes_the_place_of_a_review_that_has_not_ended()
    {
        await app.ReviewAllAsync(automatic: true);
        var pull = await app.OpenAsync("pushed");
        var hold = new Fault.Hold { Path = $"/pulls/{pull.Number}/reviews" };
        app.GitHub.Next(hold);
        await HookAsync("opened", pull);
        var first = (await ReviewsOfAsync(pull))[0].Id;
        await hold.Reached;
        await app.Shop.CommitAsync("pushed", "More", ("README.md", "# The shop\n"));

        await HookAsync("synchronize", pull);
        hold.Release();

        var reviews = await ReviewsOfAsync(pull);
        Assert.Equal(2, reviews.Count);
        Assert.Equal((CodeReviewStatus.Posted, pull.HeadSha), ((await app.EndAsync(reviews[0].Id)).Row.Status, reviews[0].HeadCommit));
    }

    [Theory]
    [InlineData("draft", "draft", true)]
    [InlineData("own", "codexweb/own", false)]
    public async Task Drafts_and_this_servers_own_branches_are_not_reviewed_by_themselves(string title, string branch, bool draft)
    {
        await app.ReviewAllAsync(automatic: true);
        var pull = await app.OpenAsync(branch, title, draft);

        Assert.Null(await HookAsync("opened", pull));
        Assert.Empty(await ReviewsOfAsync(pull));
    }

    [Fact]
    public async Task Without_webhooks_looking_finds_the_pull_request_once()
    {
        await app.ReviewAllAsync(automatic: true);
        var pull = await app.OpenAsync("polled");
        var polling = app.Services.GetRequiredService<ReviewPolling>();

        await polling.LookAsync(None);
        await polling.LookAsync(None);

        var review = await app.EndAsync(Assert.Single(await ReviewsOfAsync(pull)).Id);
        Assert.Equal((CodeReviewStatus.Posted, ReviewTrigger.Automatic), (review.Row.Status, review.Row.Trigger));
    }

    [Fact]
    public async Task Where_nobody_wants_every_pull_request_reviewed_none_is()
    {
        await app.ReviewAllAsync(automatic: false);
        var pull = await app.OpenAsync("unwanted");

        Assert.Null(await HookAsync("opened", pull));
        await app.Services.GetRequiredService<ReviewPolling>().LookAsync(None);

        Assert.Empty(await ReviewsOfAsync(pull));
        await app.ReviewAllAsync(automatic: true);
    }

    [Fact]
    public async Task A_thread_that_somebody_resolved_resolves_the_finding()
    {
        await app.ReviewAllAsync(automatic: true);
        var pull = await app.OpenAsync("resolved");
        await HookAsync("opened", pull);
        var review = await app.EndAsync((await ReviewsOfAsync(pull))[0].Id);
        pull.Threads[0].IsResolved = true;

        await HookAsync("resolved", pull, "pull_request_review_thread");

        Assert.Equal(FindingState.Resolved, (await app.Queries.DetailsAsync(review.Row.Id, None))!.Findings[0].State);
    }

    private async Task<string?> HookAsync(string action, HostedPull pull, string name = "pull_request")
    {
        await using (var db = await app.OpenDatabaseAsync())
        {
            await db.Repositories.Where(r => r.Id == app.RepositoryId).ExecuteUpdateAsync(set => set.SetProperty(r => r.HostRepositoryId, app.Shop.Id));
        }

        using var body = JsonDocument.Parse($$"""{"action":"{{action}}","pull_request":{"number":{{pull.Number}} } }""");
        var handler = app.Services.GetServices<IWebhookHandler>().OfType<ReviewWebhooks>().Single();
        return await handler.HandleAsync(new WebhookEvent("1", name, action, app.Shop.Id, "acme/shop", null, body.RootElement), None);
    }

    private async Task<List<CodeReviewRow>> ReviewsOfAsync(HostedPull pull) => [.. (await app.ListAsync()).Where(row => row.Number == pull.Number)];
}

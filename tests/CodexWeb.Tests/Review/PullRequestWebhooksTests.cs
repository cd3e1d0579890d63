using System.Text.Json;
using CodexWeb.Data;
using CodexWeb.EmulatedGitHub;
using CodexWeb.GitHosts.Webhooks;
using CodexWeb.Review;
using CodexWeb.Tasks;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Tests.Review;

public sealed class PullRequestWebhooksTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Webhooks_twice_and_out_of_order_are_one_effect()
    {
        await using var rig = await StartAsync();
        rig.GitHub.SendWebhooksTo(new Uri("http://127.0.0.1:9/"), "secret");
        await rig.Shop.SetCheckAsync(rig.Pull.HeadSha, "build", "success");
        await rig.Pull.AddReviewAsync(rig.Bob, "APPROVED", "Good.");
        await rig.Pull.MergeAsync();
        await rig.GitHub.Webhooks.AllSentAsync();
        var sent = rig.GitHub.Webhooks.Sent;
        Assert.Contains(sent, webhook => webhook.Event is "pull_request" && webhook.Action is "closed");

        foreach (var webhook in sent.Reverse().Concat(sent))
        {
            await DeliverAsync(rig, webhook);
        }

        var pull = (await rig.TaskAsync()).PullRequest!;
        Assert.Equal((PullRequestState.Merged, ReviewDecision.Approved, ChecksState.Passed), (pull.State, pull.Review, pull.Checks));
    }

    [Fact]
    public async Task What_a_webhook_claims_is_asked_of_github()
    {
        await using var rig = await StartAsync();
        var lie = JsonSerializer.SerializeToElement(new { action = "closed", number = 1, pull_request = new { number = 1, merged = true, state = "closed", merge_commit_sha = "0" } });

        var said = await HandleAsync(rig, new WebhookEvent("d", "pull_request", "closed", rig.Shop.Id, "acme/shop", null, lie));

        Assert.Equal("Read the pull request of a task anew.", said);
        Assert.Equal(PullRequestState.Open, (await rig.TaskAsync()).PullRequest!.State);
    }

    [Fact]
    public async Task A_merged_revert_names_itself_at_what_it_undid()
    {
        await using var rig = await StartAsync();
        await rig.Pull.MergeAsync();
        await rig.RefreshAsync();
        await rig.Shop.CommitAsync("revert-1", "Take it back", ("a.txt", "old\n"));
        rig.GitHub.SendWebhooksTo(new Uri("http://127.0.0.1:9/"), "secret");
        var revert = await rig.Shop.OpenPullAsync(rig.Ana, "Revert \"Round half to even\"", "revert-1", body: "Reverts acme/shop#1");
        await revert.MergeAsync(squash: true, message: "Taken back.");
        await rig.GitHub.Webhooks.AllSentAsync();

        foreach (var webhook in rig.GitHub.Webhooks.Sent)
        {
            await DeliverAsync(rig, webhook);
        }

        Assert.Equal("#2", (await rig.RowAsync()).RevertedBy);
    }

    [Fact]
    public async Task A_push_to_the_base_has_its_pull_requests_read_in_their_turn()
    {
        await using var rig = await StartAsync();
        await rig.RefreshAsync();
        var push = JsonSerializer.SerializeToElement(new { @ref = "refs/heads/main", commits = Array.Empty<object>() });

        Assert.Null(await HandleAsync(rig, new WebhookEvent("d", "push", null, rig.Shop.Id, "acme/shop", null, push)));

        Assert.True((await rig.RowAsync()).NextSyncAt <= rig.Clock.GetUtcNow());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"pull_request": 7, "number": "x"}""")]
    [InlineData("""{"pull_request": {"number": 99999999999}}""")]
    public async Task A_payload_of_another_form_is_none_of_ours(string body)
    {
        await using var rig = await StartAsync();
        using var json = JsonDocument.Parse(body);

        foreach (var name in new[] { "pull_request", "pull_request_review", "check_run", "check_suite", "status", "push", "star" })
        {
            Assert.Null(await HandleAsync(rig, new WebhookEvent("d", name, "closed", rig.Shop.Id, "acme/shop", null, json.RootElement)));
        }
    }

    private static async Task<PullRequestRig> StartAsync()
    {
        var rig = await PullRequestRig.StartAsync([("a.txt", "old\n")], [("a.txt", "new\n")]);
        await rig.OpenAsync();
        await using var db = await rig.Get<IDbContextFactory<CodexDb>>().CreateDbContextAsync();
        await db.Repositories.ExecuteUpdateAsync(set => set.SetProperty(r => r.HostRepositoryId, rig.Shop.Id));
        return rig;
    }

    private static async Task DeliverAsync(PullRequestRig rig, SentWebhook webhook)
    {
        using var body = JsonDocument.Parse(webhook.Body);
        await HandleAsync(rig, new WebhookEvent(webhook.Delivery, webhook.Event, webhook.Action, rig.Shop.Id, "acme/shop", null, body.RootElement));
    }

    private static async Task<string?> HandleAsync(PullRequestRig rig, WebhookEvent webhook) =>
        await rig.Get<IEnumerable<IWebhookHandler>>().OfType<PullRequestWebhooks>().Single().HandleAsync(webhook, None);
}

using CodexWeb.Data;
using CodexWeb.EmulatedGitHub;
using CodexWeb.Review;
using CodexWeb.Tasks;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Tests.Review;

public sealed class PullRequestsTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_pull_request_is_opened_with_the_whole_changes_text_labels_and_reviewers()
    {
        await using var rig = await StartAsync();
        rig.Shop.AddLabel("bug");

        var view = await rig.OpenAsync(new PullRequestRequest(Labels: ["bug"], Reviewers: ["bob"]));

        Assert.Equal((1, PullRequestState.Open, "codexweb/round-half", "main"), (view.Number, view.State, view.HeadBranch, view.BaseBranch));
        Assert.Equal(rig.Shop.Page + "/pull/1", view.Url);
        Assert.Equal("Round half to even", rig.Pull.Title);
        Assert.Contains("- `a.txt` (+1 −1)", rig.Pull.Body, StringComparison.Ordinal);
        Assert.Contains("## Testing", rig.Pull.Body, StringComparison.Ordinal);
        Assert.Equal(["bug"], rig.Pull.Issue.Labels);
        Assert.Equal(["bob"], rig.Pull.RequestedReviewers.Select(account => account.Login));
        Assert.Equal((await rig.TaskAsync()).PushedCommit, rig.Pull.HeadSha);
        Assert.Null(view.Remark);
    }

    [Fact]
    public async Task A_follow_up_pushes_to_the_same_pull_request_and_leaves_what_was_written_at_github()
    {
        await using var rig = await StartAsync();
        await rig.OpenAsync();
        var first = rig.Pull.HeadSha;
        rig.Pull.Issue.Title = "Better title";
        await rig.FollowUpAsync(("b.txt", "more\n"));
        Assert.Equal(TaskState.ReadyForReview, (await rig.TaskAsync()).State);

        var view = await rig.OpenAsync();

        Assert.Single(rig.Shop.Pulls);
        Assert.NotEqual(first, rig.Pull.HeadSha);
        Assert.Equal(first, await rig.Shop.Git.RunAsync("rev-parse", $"{rig.Pull.HeadSha}^"));
        Assert.Equal("Better title", view.Title);
        Assert.Equal(TaskState.Done, (await rig.TaskAsync()).State);
    }

    [Fact]
    public async Task After_a_crash_between_opening_and_noting_it_the_same_pull_request_is_found_again()
    {
        await using var rig = await StartAsync();
        await rig.OpenAsync();
        await using (var db = await rig.Get<IDbContextFactory<CodexDb>>().CreateDbContextAsync())
        {
            await db.PullRequests.ExecuteDeleteAsync();
        }

        var view = await rig.OpenAsync();

        Assert.Equal(1, view.Number);
        Assert.Single(rig.Shop.Pulls);
        Assert.Null(view.Remark);
    }

    [Fact]
    public async Task After_a_crash_between_push_and_noting_it_the_pushed_commit_is_built_upon()
    {
        await using var rig = await StartAsync();
        await rig.OpenAsync();
        var (first, noted) = (rig.Pull.HeadSha, await rig.TaskAsync());
        await rig.FollowUpAsync(("b.txt", "more\n"));
        await rig.OpenAsync();
        var second = rig.Pull.HeadSha;
        await using (var db = await rig.Get<IDbContextFactory<CodexDb>>().CreateDbContextAsync())
        {
            await db.Tasks.ExecuteUpdateAsync(set => set.SetProperty(t => t.PushedCommit, first).SetProperty(t => t.PushedCheckpoint, noted.PushedCheckpoint));
        }

        rig.Clock.Advance(TimeSpan.FromSeconds(20));
        await rig.FollowUpAsync(("c.txt", "even more\n"));
        await rig.OpenAsync();

        Assert.Equal(second, await rig.Shop.Git.RunAsync("rev-parse", $"{rig.Pull.HeadSha}^"));
        Assert.Single(rig.Shop.Pulls);
    }

    [Fact]
    public async Task A_lost_answer_opens_no_second_one()
    {
        await using var rig = await StartAsync();
        rig.GitHub.Next(new Fault.Cut(AfterHeaders: true) { Path = "/repos/acme/shop/pulls" });

        await rig.Pulls.OpenOrUpdateAsync(rig.TaskId, new PullRequestRequest(), None);
        var view = await rig.OpenAsync();

        Assert.Equal(1, view.Number);
        Assert.Single(rig.Shop.Pulls);
    }

    [Fact]
    public async Task Labels_and_reviewers_that_github_refuses_leave_a_remark_and_the_pull_request()
    {
        await using var rig = await StartAsync();

        var view = await rig.OpenAsync(new PullRequestRequest(Reviewers: ["nobody-we-know"]));

        Assert.Equal(PullRequestState.Open, view.State);
        Assert.StartsWith("Nobody was asked for a review. ", view.Remark, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_github_says_is_shown_and_the_branch_is_there()
    {
        await using var rig = await StartAsync();
        await rig.Get<BranchPush>().PushAsync(rig.TaskId, null, null, null, None);
        rig.GitHub.Next(new Fault.Refused(403, "Resource not accessible by personal access token") { Path = "/repos/acme/shop/pulls" }, times: 3);

        var refused = Assert.IsType<CommandResult<PullRequestView>.Refused>(await rig.Pulls.OpenOrUpdateAsync(rig.TaskId, new PullRequestRequest(), None));

        Assert.Contains("Resource not accessible by personal access token", refused.Reason, StringComparison.Ordinal);
        Assert.Equal((await rig.TaskAsync()).PushedCommit, await rig.Shop.HeadAsync("codexweb/round-half"));
    }

    [Fact]
    public async Task A_closed_one_is_opened_again_by_an_update_and_a_merged_one_is_not_touched()
    {
        await using var rig = await StartAsync();
        await rig.OpenAsync();
        await rig.Pull.CloseAsync();
        await rig.FollowUpAsync(("b.txt", "more\n"));

        var view = await rig.OpenAsync();

        Assert.True(rig.Pull.IsOpen);
        Assert.Equal("#1 was closed; it is open again.", view.Remark);
        await rig.Pull.MergeAsync();
        await rig.FollowUpAsync(("c.txt", "too late\n"));
        var refused = Assert.IsType<CommandResult<PullRequestView>.Refused>(await rig.Pulls.OpenOrUpdateAsync(rig.TaskId, new PullRequestRequest(), None));
        Assert.StartsWith("#1 was merged meanwhile", refused.Reason, StringComparison.Ordinal);
        Assert.Equal(PullRequestState.Merged, (await rig.TaskAsync()).PullRequest!.State);
    }

    [Fact]
    public async Task Draft_title_and_base_change_as_asked()
    {
        await using var rig = await StartAsync();
        await rig.Shop.CommitAsync("release", "Release", ("r.txt", "r\n"));
        Assert.Equal(PullRequestState.Draft, (await rig.OpenAsync(new PullRequestRequest(Title: "One", Draft: true))).State);

        var view = await rig.OpenAsync(new PullRequestRequest(Title: "Two", Base: "release", Draft: false));

        Assert.Equal(("Two", "release", PullRequestState.Open), (view.Title, view.BaseBranch, view.State));
        Assert.Equal(("Two", "release", false), (rig.Pull.Title, rig.Pull.BaseBranch, rig.Pull.Draft));
    }

    [Fact]
    public async Task The_proposal_follows_the_template_and_names_the_conflicts_with_the_newest_base()
    {
        await using var rig = await PullRequestRig.StartAsync([("a.txt", "old\n"), (".github/PULL_REQUEST_TEMPLATE.md", "<!-- why -->\n## What\n\n## Checklist\n- [x] done\n")], [("a.txt", "new\n")]);
        await rig.Shop.CommitAsync("main", "Meanwhile", ("a.txt", "other\n"));
        rig.Clock.Advance(TimeSpan.FromSeconds(20));

        var proposal = Assert.IsType<CommandResult<PullRequestProposal>.Done>(await rig.Pulls.ProposeAsync(rig.TaskId, null, null, None)).Value;

        Assert.Equal(["a.txt"], proposal.Conflicts);
        Assert.True(proposal.IsBehind);
        Assert.StartsWith("## What\n\nThe attempt ended without a report", proposal.Body, StringComparison.Ordinal);
        Assert.EndsWith("## Checklist\n\n- [ ] done\n\n## Testing\n\nThe agent changed files and ended without running any check.\n", proposal.Body, StringComparison.Ordinal);
        Assert.Equal(".github/PULL_REQUEST_TEMPLATE.md", proposal.Template);
        Assert.Null(proposal.Number);
    }

    [Theory]
    [InlineData("", null, "title")]
    [InlineData(null, "--upload-pack=x", "base")]
    [InlineData("two\nlines", null, "title")]
    public async Task Bad_input_is_named(string? title, string? into, string field)
    {
        await using var rig = await StartAsync();

        var invalid = Assert.IsType<CommandResult<PullRequestView>.Invalid>(await rig.Pulls.OpenOrUpdateAsync(rig.TaskId, new PullRequestRequest(Title: title, Base: into), None));

        Assert.Equal([field], invalid.Errors.Keys);
        Assert.Empty(rig.Shop.Pulls);
    }

    private static Task<PullRequestRig> StartAsync(TaskSource? source = null) => PullRequestRig.StartAsync([("a.txt", "old\n")], [("a.txt", "new\n")], source);
}

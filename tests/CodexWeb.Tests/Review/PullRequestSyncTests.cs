using CodexWeb.EmulatedGitHub;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.Review;
using CodexWeb.Tasks;

namespace CodexWeb.Tests.Review;

public sealed class PullRequestSyncTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Checks_that_fail_on_the_base_as_well_do_not_count()
    {
        await using var rig = await StartAsync();
        await rig.Shop.SetCheckAsync(rig.Base, "flaky", "failure");
        await rig.Shop.SetCheckAsync(rig.Pull.HeadSha, "flaky", "failure");
        await rig.Shop.SetCheckAsync(rig.Pull.HeadSha, "build", "success");
        await rig.Shop.SetStatusAsync(rig.Pull.HeadSha, "ci/lint", "success");
        Assert.Equal("#1 open, checks passed", await rig.RefreshAsync());

        await rig.Shop.SetStatusAsync(rig.Pull.HeadSha, "ci/lint", "failure");
        Assert.Equal("#1 open, checks failed", await rig.RefreshAsync());

        var task = await rig.TaskAsync();
        Assert.Equal(TaskState.NeedsYou, task.State);
        Assert.Equal("#1: checks failed", task.NextStep);
        Assert.Equal(["ci/lint failed", "flaky failed_on_base", "build passed"], task.PullRequest!.CheckRuns.Select(check => $"{check.Name} {check.State}"));
        var listed = await rig.Get<TaskQueries>().ListAsync(new TaskFilter(State: TaskState.NeedsYou), 10, null, None);
        Assert.Equal([rig.TaskId], listed.Items.Select(row => row.Id));
        Assert.Empty((await rig.Get<TaskQueries>().ListAsync(new TaskFilter(State: TaskState.Done), 10, null, None)).Items);
    }

    [Fact]
    public async Task The_newest_word_of_each_reviewer_counts()
    {
        await using var rig = await StartAsync();
        await rig.Pull.AddReviewAsync(rig.Bob, "CHANGES_REQUESTED", "No.");
        await rig.RefreshAsync();
        Assert.Equal(ReviewDecision.ChangesRequested, (await rig.TaskAsync()).PullRequest!.Review);

        rig.Clock.Advance(TimeSpan.FromMinutes(1));
        await rig.Pull.AddReviewAsync(rig.Bob, "APPROVED", "Yes.");
        await rig.Pull.AddReviewAsync(rig.Bob, "COMMENTED", "By the way.");
        await rig.RefreshAsync();

        Assert.Equal(ReviewDecision.Approved, (await rig.TaskAsync()).PullRequest!.Review);
        Assert.Equal(TaskState.Done, (await rig.TaskAsync()).State);
    }

    [Fact]
    public async Task A_merge_is_recorded_and_so_is_what_undid_it()
    {
        await using var rig = await StartAsync();
        var merge = await rig.Pull.MergeAsync();
        Assert.Equal("#1 merged", await rig.RefreshAsync());
        Assert.Equal(merge, (await rig.RowAsync()).MergeCommit);

        var revert = await rig.Shop.CommitAsync("main", $"Revert \"Round half to even\"\n\nThis reverts commit {merge}.", ("a.txt", "old\n"));
        Assert.Equal("#1 reverted", await rig.RefreshAsync());

        Assert.Equal($"commit {revert[..10]}", (await rig.RowAsync()).RevertedBy);
    }

    [Fact]
    public async Task A_merged_one_is_followed_for_two_weeks_and_no_longer()
    {
        await using var rig = await StartAsync();
        await rig.Pull.MergeAsync();
        await rig.RefreshAsync();
        Assert.NotNull((await rig.RowAsync()).NextSyncAt);

        rig.Clock.Advance(TimeSpan.FromDays(15));
        await rig.Get<PullRequestPolling>().ReadDueAsync(None);

        Assert.Null((await rig.RowAsync()).NextSyncAt);
        Assert.Equal(0, await rig.Get<PullRequestPolling>().ReadDueAsync(None));
    }

    [Fact]
    public async Task Conflicts_with_the_base_want_the_person()
    {
        await using var rig = await StartAsync();
        await rig.Shop.CommitAsync("main", "Meanwhile", ("a.txt", "other\n"));

        await rig.RefreshAsync();

        var task = await rig.TaskAsync();
        Assert.Equal((MergeState.Conflicting, TaskState.NeedsYou, "#1: conflicts with main"), (task.PullRequest!.Mergeable, task.State, task.NextStep));
    }

    [Fact]
    public async Task Only_a_change_is_told()
    {
        await using var rig = await StartAsync();
        await rig.RefreshAsync();
        using var changed = rig.Get<TaskStore>().Signals.FollowTasks();

        await rig.RefreshAsync();
        await rig.RefreshAsync();
        await rig.Shop.SetCheckAsync(rig.Pull.HeadSha, "build", "success");
        await rig.RefreshAsync();

        Assert.Equal([rig.TaskId], await changed.WaitAsync(None));
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => changed.WaitAsync(soon.Token));
    }

    [Fact]
    public async Task A_refusal_is_noted_with_githubs_own_words_and_goes_with_the_next_reading()
    {
        await using var rig = await StartAsync();
        rig.GitHub.Next(new Fault.Refused(403, "Repository access blocked") { Path = "/repos/acme/shop/pulls/1" });

        await rig.RefreshAsync();
        Assert.Contains("Repository access blocked", (await rig.TaskAsync()).PullRequest!.SyncProblem, StringComparison.Ordinal);

        await rig.RefreshAsync();
        Assert.Null((await rig.TaskAsync()).PullRequest!.SyncProblem);
    }

    [Fact]
    public async Task A_rate_limit_puts_the_next_reading_off_until_it_ends()
    {
        await using var rig = await StartAsync();
        var until = DateTimeOffset.FromUnixTimeSeconds(rig.Clock.GetUtcNow().AddMinutes(40).ToUnixTimeSeconds());
        rig.GitHub.Next(new Fault.RateLimit(until) { Path = "/repos/acme/shop/pulls/1" });

        await Assert.ThrowsAsync<GitHubException>(() => rig.Get<PullRequestSync>().RefreshAsync(rig.TaskId, None));

        Assert.InRange((await rig.RowAsync()).NextSyncAt!.Value, until, until.AddMinutes(2));
    }

    [Fact]
    public async Task Whoever_opens_the_page_has_it_read_when_that_is_half_a_minute_ago()
    {
        await using var rig = await StartAsync();
        await rig.RefreshAsync();
        rig.GitHub.Requests.Clear();

        await rig.Get<PullRequestSync>().RefreshIfOldAsync(rig.TaskId, None);
        Assert.Empty(rig.GitHub.Requests.To("GET", "/repos/acme/shop/pulls/1"));

        rig.Clock.Advance(TimeSpan.FromSeconds(31));
        await rig.Get<PullRequestSync>().RefreshIfOldAsync(rig.TaskId, None);
        Assert.NotEmpty(rig.GitHub.Requests.To("GET", "/repos/acme/shop/pulls/1"));
    }

    [Theory]
    [InlineData(PullRequestState.Open, ChecksState.Pending, MergeState.Clean, 60 * 24, 1)]
    [InlineData(PullRequestState.Open, ChecksState.Passed, MergeState.Clean, 30, 1)]
    [InlineData(PullRequestState.Open, ChecksState.Passed, MergeState.Clean, 60 * 5, 5)]
    [InlineData(PullRequestState.Open, ChecksState.Passed, MergeState.Clean, 60 * 24 * 30, 30)]
    [InlineData(PullRequestState.Closed, ChecksState.None, MergeState.Unknown, 60, 60)]
    public void The_longer_nothing_changes_the_more_seldom_it_is_read(PullRequestState state, ChecksState checks, MergeState merge, int minutesAgo, int minutes)
    {
        var now = new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
        var reading = new PullRequestReading("T", "main", "c", state, merge, checks, "[]", ReviewDecision.None, null, null);

        Assert.Equal(now.AddMinutes(minutes), PullRequestPace.Next(reading, now.AddMinutes(-minutesAgo), now));
    }

    private static async Task<PullRequestRig> StartAsync()
    {
        var rig = await PullRequestRig.StartAsync([("a.txt", "old\n")], [("a.txt", "new\n")]);
        await rig.OpenAsync();
        return rig;
    }
}

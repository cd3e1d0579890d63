using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Review;
using CodexWeb.Tasks;

namespace CodexWeb.Tests.Review;

public sealed class BaseMergesTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_whole_merge_counts_the_change_from_the_newer_base_and_is_pushed_with_both_parents()
    {
        await using var rig = await ConflictingAsync();
        await rig.OpenAsync();
        var (pushed, other) = (rig.Pull.HeadSha, (await rig.Shop.HeadAsync("main"))!);

        Assert.IsType<CommandResult<int>.Done>(await rig.Get<BaseMerges>().ResolveAsync(rig.TaskId, null, null, None));
        var asked = await rig.TaskAsync();
        Assert.Equal((other, TurnSources.Conflicts), (asked.MergingCommit, asked.Turns[^1].Source));
        Assert.Contains($"git merge {other}", asked.Turns[^1].Prompt, StringComparison.Ordinal);
        Assert.Contains("a.txt", asked.Turns[^1].Prompt, StringComparison.Ordinal);
        await rig.EndTurnAsync([("a.txt", "both\n"), ("c.txt", "theirs\n")]);
        await rig.Get<BaseMerges>().SettleAsync(rig.TaskId, None);
        await rig.Get<BaseMerges>().SettleAsync(rig.TaskId, None);

        var task = await rig.TaskAsync();
        Assert.Equal((other, null, null), (task.MergedCommit, task.MergingCommit, task.MergeProblem));
        Assert.Equal(["a.txt"], (await rig.Get<AttemptChanges>().SummariseAsync(rig.AttemptId, null, None))!.Files.Select(file => file.Path));
        Assert.Equal(1, task.Attempts[0].Files);
        await rig.OpenAsync();
        Assert.Equal($"{pushed} {other} Merge main", await rig.Shop.Git.RunAsync("log", "-1", "--format=%P %s", rig.Pull.HeadSha));
        await rig.RefreshAsync();
        Assert.Equal(MergeState.Clean, (await rig.TaskAsync()).PullRequest!.Mergeable);
        Assert.Empty(Assert.IsType<CommandResult<BaseState>.Done>(await rig.Get<BaseMerges>().PreviewAsync(rig.TaskId, null, null, None)).Value.Conflicts);
    }

    [Fact]
    public async Task A_merge_that_left_files_out_is_not_taken_for_one()
    {
        await using var rig = await ConflictingAsync();
        await rig.Get<BaseMerges>().ResolveAsync(rig.TaskId, null, null, None);

        await rig.EndTurnAsync([("a.txt", "both\n")]);
        await rig.Get<BaseMerges>().SettleAsync(rig.TaskId, None);

        var task = await rig.TaskAsync();
        Assert.Null(task.MergedCommit);
        Assert.Equal("The merge is not whole: the newer c.txt is missing. Resolve again, or ask for it in a follow-up.", task.MergeProblem);
    }

    [Fact]
    public async Task Markers_that_were_left_and_a_turn_that_did_nothing_are_said()
    {
        await using var rig = await ConflictingAsync();
        await rig.Get<BaseMerges>().ResolveAsync(rig.TaskId, null, null, None);
        await rig.EndTurnAsync([]);
        await rig.Get<BaseMerges>().SettleAsync(rig.TaskId, None);
        Assert.StartsWith("The agent changed nothing", (await rig.TaskAsync()).MergeProblem, StringComparison.Ordinal);

        await rig.Get<BaseMerges>().ResolveAsync(rig.TaskId, null, null, None);
        await rig.EndTurnAsync([("a.txt", "<<<<<<< HEAD\nnew\n=======\nother\n>>>>>>> main\n"), ("c.txt", "theirs\n")]);
        await rig.Get<BaseMerges>().SettleAsync(rig.TaskId, None);
        Assert.StartsWith("Conflict markers are left in a.txt.", (await rig.TaskAsync()).MergeProblem, StringComparison.Ordinal);

        await rig.Get<BaseMerges>().ResolveAsync(rig.TaskId, null, null, None);
        await rig.EndTurnAsync([], AttemptStatus.Failed);
        await rig.Get<BaseMerges>().SettleAsync(rig.TaskId, None);
        Assert.Equal("The merge was not finished: The model failed.", (await rig.TaskAsync()).MergeProblem);
    }

    [Fact]
    public async Task Where_nothing_conflicts_there_is_nothing_to_resolve()
    {
        await using var rig = await PullRequestRig.StartAsync([("a.txt", "old\n")], [("a.txt", "new\n")]);
        Assert.Equal(
            "The work has all of main already.",
            Assert.IsType<CommandResult<int>.Refused>(await rig.Get<BaseMerges>().ResolveAsync(rig.TaskId, null, null, None)).Reason);

        await rig.Shop.CommitAsync("main", "Elsewhere", ("z.txt", "z\n"));
        rig.Clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(
            "The work and main can be merged without conflicts, so there is nothing to resolve.",
            Assert.IsType<CommandResult<int>.Refused>(await rig.Get<BaseMerges>().ResolveAsync(rig.TaskId, null, null, None)).Reason);
    }

    [Fact]
    public async Task Each_turn_since_the_last_push_is_a_commit()
    {
        await using var rig = await PullRequestRig.StartAsync([("a.txt", "old\n")], [("a.txt", "new\n")]);
        await rig.OpenAsync();
        var first = rig.Pull.HeadSha;
        await rig.FollowUpAsync(("b.txt", "b\n"));
        await rig.FollowUpAsync(("c.txt", "c\n"));

        await rig.OpenAsync();

        Assert.Equal("Do more\nDo more", await rig.Shop.Git.RunAsync("log", "--format=%s", $"{first}..{rig.Pull.HeadSha}"));
    }

    private static async Task<PullRequestRig> ConflictingAsync()
    {
        var rig = await PullRequestRig.StartAsync([("a.txt", "old\n"), ("c.txt", "c\n")], [("a.txt", "new\n")]);
        await rig.Shop.CommitAsync("main", "Meanwhile", ("a.txt", "other\n"), ("c.txt", "theirs\n"));
        rig.Clock.Advance(TimeSpan.FromSeconds(20));
        return rig;
    }
}

using CodexWeb.Agent.Workspaces;

namespace CodexWeb.Tests.Workspaces;

public sealed class MergingTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TestGround ground = new();
    private string start = "";

    public void Dispose() => ground.Dispose();

    [Fact]
    public async Task Changes_of_both_sides_to_the_same_line_conflict()
    {
        var (work, other) = await DivergeAsync([("a.txt", "mine\n"), ("b.txt", "b\n")], [("a.txt", "theirs\n"), ("new\nline.txt", "x\n")]);

        var preview = await Merging.PreviewAsync(TestGround.Key, work, merged: null, other, None);

        Assert.False(preview.IsMerged);
        Assert.Equal(["a.txt"], preview.Conflicts);
    }

    [Fact]
    public async Task A_conflict_is_named_by_its_path_whatever_is_in_it()
    {
        var (work, other) = await DivergeAsync([("grün \"é\".txt", "mine\n")], [("grün \"é\".txt", "theirs\n")]);

        Assert.Equal(["grün \"é\".txt"], (await Merging.PreviewAsync(TestGround.Key, work, merged: null, other, None)).Conflicts);
    }

    [Fact]
    public async Task Changes_to_different_files_do_not_conflict()
    {
        var (work, other) = await DivergeAsync([("a.txt", "mine\n")], [("c.txt", "theirs\n")]);

        var preview = await Merging.PreviewAsync(TestGround.Key, work, merged: null, other, None);

        Assert.False(preview.IsMerged);
        Assert.Empty(preview.Conflicts);
    }

    [Fact]
    public async Task The_base_the_work_began_at_is_merged_already()
    {
        var (work, _) = await DivergeAsync([("a.txt", "mine\n")], [("a.txt", "theirs\n")]);

        Assert.True((await Merging.PreviewAsync(TestGround.Key, work, merged: null, start, None)).IsMerged);
    }

    [Fact]
    public async Task What_was_merged_before_does_not_conflict_again()
    {
        var (work, other) = await DivergeAsync([("a.txt", "mine\n")], [("a.txt", "theirs\n")]);
        var resolved = await ground.RecordAsync("attempt", work, ("a.txt", "both\n"));
        var later = await BaseAsync(("c.txt", "later\n"));

        Assert.Equal(["a.txt"], (await Merging.PreviewAsync(TestGround.Key, resolved, merged: null, later, None)).Conflicts);
        Assert.Empty((await Merging.PreviewAsync(TestGround.Key, resolved, merged: other, later, None)).Conflicts);
        Assert.True((await Merging.PreviewAsync(TestGround.Key, resolved, merged: other, other, None)).IsMerged);
    }

    [Fact]
    public async Task A_merge_that_has_all_of_the_other_side_is_complete()
    {
        var (work, other) = await DivergeAsync([("a.txt", "mine\n")], [("a.txt", "theirs\n"), ("c.txt", "theirs\n"), ("d.txt", "new\n")]);
        var after = await ground.RecordAsync("attempt", work, ("a.txt", "both\n"), ("c.txt", "theirs, adapted\n"), ("d.txt", "new\n"));

        Assert.True((await Merging.ExamineAsync(TestGround.Key, work, merged: null, other, after, None)).IsComplete);
    }

    [Fact]
    public async Task Files_of_the_other_side_that_were_left_out_are_named()
    {
        var (work, other) = await DivergeAsync([("a.txt", "mine\n")], [("a.txt", "theirs\n"), ("c.txt", "theirs\n"), ("d.txt", "new\n")]);
        var after = await ground.RecordAsync("attempt", work, ("a.txt", "both\n"));

        var findings = await Merging.ExamineAsync(TestGround.Key, work, merged: null, other, after, None);

        Assert.Equal(["c.txt", "d.txt"], findings.Missing);
        Assert.Empty(findings.Unresolved);
    }

    [Fact]
    public async Task Conflict_markers_that_were_left_are_found_and_headings_are_not_taken_for_them()
    {
        var (work, other) = await DivergeAsync([("a.txt", "mine\n")], [("a.txt", "theirs\n")]);
        var after = await ground.RecordAsync("attempt", work, ("a.txt", "<<<<<<< HEAD\nmine\n=======\ntheirs\n>>>>>>> main\n"), ("b.txt", "Results\n=======\n\nSummary\n=======\n"));

        Assert.Equal(["a.txt"], (await Merging.ExamineAsync(TestGround.Key, work, merged: null, other, after, None)).Unresolved);
    }

    [Fact]
    public async Task A_commit_of_two_parents_has_both_in_its_history()
    {
        var (work, other) = await DivergeAsync([("a.txt", "mine\n")], [("a.txt", "theirs\n")]);
        var pushed = await ground.Changes.CommitForBranchAsync(TestGround.Key, work, [start], "First", CommitAuthor.Server, None);

        var merge = await ground.Changes.CommitForBranchAsync(TestGround.Key, work, [pushed, other], "Merge main", CommitAuthor.Server, None);

        Assert.True(await Merging.IsAncestorAsync(TestGround.Key, other, merge, None));
        Assert.False(await Merging.IsAncestorAsync(TestGround.Key, other, pushed, None));
        Assert.Equal([pushed, other], (await Merging.DescribeAsync(TestGround.Key, merge, None)).Parents);
    }

    [Fact]
    public async Task Commits_without_a_common_history_cannot_be_merged()
    {
        var (work, _) = await DivergeAsync([("a.txt", "mine\n")], [("a.txt", "theirs\n")]);
        await ground.GitAsync(ground.Origin, "checkout", "--quiet", "--orphan", "other");
        var orphan = await ground.CommitAsync("Other", ("a.txt", "other\n"));
        await FetchAsync();

        var refusal = await Assert.ThrowsAsync<RepositoryException>(() => Merging.PreviewAsync(TestGround.Key, work, merged: null, orphan, None));

        Assert.Contains("unrelated histories", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_can_merge_a_commit_that_was_fetched_after_its_workspace_was_made()
    {
        start = await ground.MakeOriginAsync(("a.txt", "a\n"), ("b.txt", "b\n"), ("c.txt", "c\n"));
        await ground.ConnectAsync();
        await using var live = await LiveSandbox.StartAsync(
            ground, new WorkspaceRequest { AttemptId = "attempt", RepositoryKey = TestGround.Key, BaseBranch = "main", BaseCommit = start, WorkBranch = "codexweb/x" });
        await live.RunAsync("echo mine > a.txt");
        var before = (await live.CheckpointAsync())!.Commit;
        var other = await BaseAsync(("a.txt", "theirs\n"), ("c.txt", "theirs\n"), ("d.txt", "new\n"));
        Assert.Equal(["a.txt"], (await Merging.PreviewAsync(TestGround.Key, before, merged: null, other, None)).Conflicts);

        await live.RunAsync($"git add -A && git commit -qm 'Work so far' && ! git merge -q {other} && echo both > a.txt");
        var after = (await live.CheckpointAsync())!.Commit;

        Assert.True((await Merging.ExamineAsync(TestGround.Key, before, merged: null, other, after, None)).IsComplete);
        Assert.Equal(["a.txt"], (await ground.Changes.SummariseAsync(TestGround.Key, other, after, None)).Files.Select(file => file.Path));
    }

    private Merging Merging => ground.Merging;

    private async Task<(string Work, string Other)> DivergeAsync((string, string)[] mine, (string, string)[] theirs)
    {
        start = await ground.MakeOriginAsync(("a.txt", "a\n"), ("b.txt", "b\n"), ("c.txt", "c\n"));
        await ground.ConnectAsync();
        var work = await ground.RecordAsync("attempt", start, mine);
        return (work, await BaseAsync(theirs));
    }

    private async Task<string> BaseAsync(params (string, string)[] files)
    {
        var commit = await ground.CommitAsync("Later", files);
        await FetchAsync();
        return commit;
    }

    // Fetched anew, although the last fetch was a moment ago.
    private Task FetchAsync() => new RepositoryMirrors(ground.Paths, ground.Git, ground.Origins, ground.Account, TimeProvider.System).FetchAsync(TestGround.Key, ground.Origin, None);
}

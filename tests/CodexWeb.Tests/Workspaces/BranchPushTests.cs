using CodexWeb.Agent.Workspaces;

namespace CodexWeb.Tests.Workspaces;

public sealed class BranchPushTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TestGround ground = new();

    public void Dispose() => ground.Dispose();

    [Fact]
    public async Task Many_checkpoints_leave_as_one_commit_on_a_branch_of_the_origin()
    {
        var start = await ground.MakeOriginAsync(("a.txt", "one\n"));
        await ground.ConnectAsync();
        var first = await ground.RecordAsync("attempt", start, ("a.txt", "two\n"));
        var second = await ground.RecordAsync("attempt", first, ("a.txt", "three\n"), ("b.txt", "new\n"));

        var commit = await ground.Changes.CommitForBranchAsync(TestGround.Key, second, [start], "Change a\n\nBecause.", new CommitAuthor("Grace <x>\n", "grace@example.org"), None);
        await ground.Push.PushAsync(TestGround.Key, ground.Origin, commit, "codexweb/change-a", None);
        await ground.Push.PushAsync(TestGround.Key, ground.Origin, commit, "codexweb/change-a", None);

        Assert.Equal(
            $"{start}|Grace x <grace@example.org>|CodexWeb|Change a\n\nBecause.",
            (await ground.GitAsync(ground.Origin, "show", "--no-patch", "--format=%P|%an <%ae>|%cn|%B", "codexweb/change-a")).TrimEnd());
        Assert.Equal("A\tb.txt", (await ground.GitAsync(ground.Origin, "diff", "--name-status", start, commit)).Split('\n')[1]);
        Assert.Equal(["refs/heads/codexweb/change-a", "refs/heads/main"], (await ground.GitAsync(ground.Origin, "for-each-ref", "--format=%(refname)")).Split('\n'));
    }

    [Fact]
    public async Task A_later_turn_adds_a_commit_to_the_same_branch()
    {
        var start = await ground.MakeOriginAsync(("a.txt", "one\n"));
        await ground.ConnectAsync();
        var first = await ground.Changes.CommitForBranchAsync(
            TestGround.Key, await ground.RecordAsync("attempt", start, ("a.txt", "two\n")), [start], "First", CommitAuthor.Server, None);
        await ground.Push.PushAsync(TestGround.Key, ground.Origin, first, "codexweb/x", None);
        var second = await ground.Changes.CommitForBranchAsync(
            TestGround.Key, await ground.RecordAsync("attempt", start, ("a.txt", "three\n")), [first], "Second", CommitAuthor.Server, None);
        await ground.Push.PushAsync(TestGround.Key, ground.Origin, second, "codexweb/x", None);

        Assert.Equal("Second\nFirst\nBegin", await ground.GitAsync(ground.Origin, "log", "--format=%s", "codexweb/x"));
        Assert.Equal(second, await ground.Changes.CommitForBranchAsync(TestGround.Key, second, [second], "Third", CommitAuthor.Server, None));
    }

    [Fact]
    public async Task A_branch_that_moved_on_is_not_overwritten()
    {
        var start = await ground.MakeOriginAsync(("a.txt", "one\n"));
        await ground.ConnectAsync();
        await ground.GitAsync(ground.Origin, "checkout", "--quiet", "-b", "codexweb/x");
        var theirs = await ground.CommitAsync("Theirs", ("a.txt", "theirs\n"));
        await ground.GitAsync(ground.Origin, "checkout", "--quiet", "main");
        var ours = await ground.RecordAsync("attempt", start, ("a.txt", "ours\n"));

        var failure = await Assert.ThrowsAsync<RepositoryException>(() => ground.Push.PushAsync(TestGround.Key, ground.Origin, ours, "codexweb/x", None));
        Assert.Contains("has commits that this task does not know", failure.Message, StringComparison.Ordinal);
        Assert.Equal(theirs, await ground.GitAsync(ground.Origin, "rev-parse", "codexweb/x"));
    }

    [Fact]
    public async Task A_branch_that_is_checked_out_at_the_origin_is_left_alone()
    {
        var start = await ground.MakeOriginAsync(("a.txt", "one\n"));
        await ground.ConnectAsync();
        await ground.GitAsync(ground.Origin, "checkout", "--quiet", "-b", "codexweb/x");
        var ours = await ground.RecordAsync("attempt", start, ("a.txt", "ours\n"));

        var failure = await Assert.ThrowsAsync<RepositoryException>(() => ground.Push.PushAsync(TestGround.Key, ground.Origin, ours, "codexweb/x", None));
        Assert.Contains("is checked out in", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("main")]
    [InlineData("codexweb")]
    [InlineData("codexweb/../main")]
    [InlineData("codexweb/x:refs/heads/main")]
    [InlineData("--force")]
    public async Task Other_branches_are_never_pushed(string branch)
    {
        var start = await ground.MakeOriginAsync(("a.txt", "one\n"));
        await ground.ConnectAsync();
        var ours = await ground.RecordAsync("attempt", start, ("a.txt", "ours\n"));

        await Assert.ThrowsAsync<RepositoryException>(() => ground.Push.PushAsync(TestGround.Key, ground.Origin, ours, branch, None));
        Assert.Equal($"{start} refs/heads/main", await ground.GitAsync(ground.Origin, "for-each-ref", "--format=%(objectname) %(refname)"));
    }

    [Fact]
    public async Task A_name_that_clashes_and_an_origin_that_is_gone_are_said()
    {
        var start = await ground.MakeOriginAsync(("a.txt", "one\n"));
        await ground.ConnectAsync();
        var ours = await ground.RecordAsync("attempt", start, ("a.txt", "ours\n"));
        await ground.GitAsync(ground.Origin, "branch", "codexweb");

        var clash = await Assert.ThrowsAsync<RepositoryException>(() => ground.Push.PushAsync(TestGround.Key, ground.Origin, ours, "codexweb/x", None));
        Assert.Contains("conflicting name", clash.Message, StringComparison.Ordinal);

        Directory.Delete(ground.Origin, recursive: true);
        var gone = await Assert.ThrowsAsync<RepositoryException>(() => ground.Push.PushAsync(TestGround.Key, ground.Origin, ours, "codexweb/x", None));
        Assert.StartsWith("There is no folder", gone.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Fix the failing test!", "codexweb/fix-the-failing-test")]
    [InlineData("Don't panic: it's 2 + 2", "codexweb/dont-panic-its-2-2")]
    [InlineData("日本語", "codexweb/task")]
    [InlineData("$(touch x); `id` --force ../..", "codexweb/touch-x-id-force")]
    [InlineData("One two three four five six seven eight nine ten eleven", "codexweb/one-two-three-four-five-six-seven-eight-nine-ten")]
    public void A_branch_is_named_after_the_title(string title, string branch)
    {
        Assert.Equal(branch, BranchSlug.From(title));
        Assert.True(BranchName.IsValid(branch));
    }

    [Fact]
    public void A_name_in_use_gets_a_number()
        => Assert.Equal("codexweb/x-3", BranchSlug.FirstFree("codexweb/x", name => name is "codexweb/x" or "codexweb/x-2"));
}

using CodexWeb.Agent.Workspaces;

namespace CodexWeb.Tests.Workspaces;

public sealed class WorkspaceTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TestGround ground = new();

    public void Dispose() => ground.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_new_workspace_is_on_its_branch_and_clean(bool copyOnWrite)
    {
        var start = await ConnectAsync(("a.txt", "one\n"), ("bin/run", "#!/bin/sh\n"), ("crlf.bat", "x\r\n"), (".gitattributes", "*.bat text eol=crlf\n"));
        await using var live = await LiveSandbox.StartAsync(ground, Request(start) with { CopyOnWrite = copyOnWrite });

        Assert.Equal("## codexweb/x", await live.RunAsync("git status --short --branch"));
        Assert.Equal($"{start}|Begin", await live.RunAsync("git log --format='%H|%s'"));
        Assert.Equal(
            $"{start} refs/heads/codexweb/x\n{start} refs/heads/main\n{start} refs/remotes/origin/main",
            await live.RunAsync("git for-each-ref --format='%(objectname) %(refname)'"));
        await live.RunAsync("echo two > a.txt && git commit -qam Mine");
        Assert.Equal("CodexWeb <codexweb@localhost>", await live.RunAsync("git log -1 --format='%an <%ae>'"));
    }

    [Fact]
    public async Task The_first_status_reads_no_file()
    {
        var start = await ConnectAsync(("a.txt", "one\n"), ("b/c.txt", "two\n"));
        await using var live = await LiveSandbox.StartAsync(ground, Request(start));

        // diff-files names every file that Git would have to read, changed or not.
        Assert.Equal("", await live.RunAsync("git diff-files --name-only"));
        await live.RunAsync("touch a.txt");
        Assert.Equal("a.txt", await live.RunAsync("git diff-files --name-only"));
    }

    [Fact]
    public async Task History_that_came_as_a_pack_and_history_that_came_later_can_be_read_inside()
    {
        var start = await ConnectAsync([.. Enumerable.Range(0, 150).Select(number => ($"f{number}", $"{number}\n"))]);
        var later = await ground.CommitAsync("Later", ("f0", "later\n"));
        await ground.ConnectAsync();
        await using var live = await LiveSandbox.StartAsync(ground, Request(start));

        Assert.Equal("149", await live.RunAsync("git show HEAD:f149"));
        Assert.Equal("later", await live.RunAsync($"git show {later}:f0"));
    }

    [Fact]
    public async Task Locks_left_by_a_killed_server_hold_nothing_up()
    {
        var start = await ConnectAsync(("a.txt", "one\n"));
        var checkpoints = ground.Paths.CheckpointsOf(TestGround.Key);
        Directory.CreateDirectory(Path.Combine(checkpoints, "refs/codexweb/attempts/attempt"));
        await File.WriteAllTextAsync(Path.Combine(checkpoints, "refs/codexweb/attempts/attempt/1.lock"), "");
        await File.WriteAllTextAsync(Path.Combine(checkpoints, "packed-refs.lock"), "");
        await File.WriteAllTextAsync(Path.Combine(ground.Paths.OriginOf(TestGround.Key), "refs/heads/main.lock"), "");

        // What a server does after its start.
        var mirrors = new RepositoryMirrors(ground.Paths, ground.Git, ground.Origins, ground.Account, TimeProvider.System);
        var later = await ground.CommitAsync("Later", ("a.txt", "two\n"));
        await mirrors.FetchAsync(TestGround.Key, ground.Origin, None);
        Assert.Equal(later, await mirrors.ResolveAsync(TestGround.Key, "main", None));
        await using var live = await LiveSandbox.StartAsync(ground, Request(start));
        await live.RunAsync("echo three > a.txt");
        Assert.Equal(1, (await live.CheckpointAsync())!.Number);
    }

    [Fact]
    public async Task In_Ask_mode_it_is_on_the_base_branch_and_records_nothing()
    {
        var start = await ConnectAsync(("a.txt", "one\n"));
        await using var live = await LiveSandbox.StartAsync(ground, Request(start) with { WorkBranch = null, ReadOnly = true });

        Assert.Equal("## main", (await live.RunAsync("git status --short --branch")).Split("...")[0]);
        Assert.NotEqual(0, (await live.TryAsync("echo x > a.txt")).Code);
        Assert.Null(await live.CheckpointAsync());
    }

    [Fact]
    public async Task What_one_attempt_writes_no_other_sees_and_the_checkout_stays_as_it_was()
    {
        var start = await ConnectAsync(("a.txt", "one\n"));
        await using var one = await LiveSandbox.StartAsync(ground, Request(start));
        await one.RunAsync("echo secret > a.txt; echo secret > b.txt; git add -A; git commit -qm Secret");
        var blob = await one.RunAsync("git rev-parse HEAD:a.txt");
        var checkpoint = await one.CheckpointAsync();

        await using var other = await LiveSandbox.StartAsync(ground, Request(start) with { AttemptId = "other" });
        Assert.Equal("one", await other.RunAsync("cat a.txt"));
        Assert.Equal("a.txt", await other.RunAsync("ls"));
        Assert.NotEqual(0, (await other.TryAsync($"git cat-file -e {blob}")).Code);
        Assert.NotEqual(0, (await other.TryAsync($"git cat-file -e {checkpoint!.Commit}")).Code);
        Assert.NotEqual(0, (await other.TryAsync("touch /codexweb/objects/x || touch /codexweb/base/x")).Code);
    }

    [Fact]
    public async Task A_workspace_opened_again_has_what_was_done_in_it()
    {
        var start = await ConnectAsync(("a.txt", "one\n"));
        Checkpoint? first;
        await using (var live = await LiveSandbox.StartAsync(ground, Request(start)))
        {
            await live.RunAsync("echo two > a.txt");
            first = await live.CheckpointAsync();
            await live.RunAsync("echo three > b.txt");
        }

        await using var again = await LiveSandbox.StartAsync(ground, Request(start) with { LastCheckpoint = first!.Commit });
        Assert.Equal("two\nthree", await again.RunAsync("cat a.txt b.txt"));
        var second = await again.CheckpointAsync();
        Assert.Equal(2, second!.Number);
        Assert.Equal(["b.txt"], await FilesBetweenAsync(first.Commit, second.Commit));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_workspace_that_is_gone_comes_back_from_the_last_checkpoint(bool copyOnWrite)
    {
        var start = await ConnectAsync(("a.txt", "one\n"), ("gone.txt", "x\n"), ("run", "x\n"));
        var request = Request(start) with { CopyOnWrite = copyOnWrite };
        Checkpoint? first;
        await using (var live = await LiveSandbox.StartAsync(ground, request))
        {
            await live.RunAsync("echo two > a.txt; rm gone.txt; chmod +x run; ln -s a.txt link; mkdir -p deep/er; echo new > deep/er/file");
            first = await live.CheckpointAsync();
        }

        await ground.Store.DeleteAsync("attempt", None);
        await using var again = await LiveSandbox.StartAsync(ground, request with { LastCheckpoint = first!.Commit });

        Assert.Equal(" M a.txt\n D gone.txt\n M run\n?? deep/\n?? link", await again.RunAsync("git status --porcelain"));
        Assert.Equal("two\nnew", await again.RunAsync("cat link deep/er/file"));
        Assert.Null(await again.CheckpointAsync());
        await again.RunAsync("echo three > a.txt");
        var second = await again.CheckpointAsync();
        Assert.Equal(2, second!.Number);
        Assert.Equal(["a.txt"], await FilesBetweenAsync(first.Commit, second.Commit));
    }

    [Fact]
    public async Task Many_attempts_opened_at_once_share_one_checkout()
    {
        var start = await ConnectAsync(("a.txt", "one\n"));
        var open = Enumerable.Range(0, 8).Select(number => ground.Store.OpenAsync(Request(start) with { AttemptId = $"attempt{number}" }, None));
        foreach (var workspace in await Task.WhenAll(open))
        {
            workspace.Dispose();
        }

        Assert.Equal([start], Directory.GetDirectories(ground.Paths.BasesOf(TestGround.Key)).Select(Path.GetFileName));
        Assert.Equal(0, await ground.Store.DiscardBasesAsync(0, None));
        for (var number = 0; number < 8; number++)
        {
            await ground.Store.DeleteAsync($"attempt{number}", None);
        }

        Assert.Equal(0, await ground.Store.DiscardBasesAsync(1, None));
        Assert.Equal(1, await ground.Store.DiscardBasesAsync(0, None));
        Assert.Empty(Directory.GetDirectories(ground.Paths.BasesOf(TestGround.Key)));
        Assert.Empty(Directory.GetDirectories(ground.Paths.Attempts));
    }

    [Fact]
    public async Task Deleting_follows_no_link_and_is_not_held_up_by_permissions()
    {
        var start = await ConnectAsync(("a.txt", "one\n"));
        var outside = Path.Combine(ground.Folder, "outside");
        Directory.CreateDirectory(outside);
        await File.WriteAllTextAsync(Path.Combine(outside, "kept"), "");
        await using (var live = await LiveSandbox.StartAsync(ground, Request(start)))
        {
            await live.RunAsync($"ln -s {outside} link; mkdir -p closed/inner; touch closed/inner/x; chmod 000 closed/inner closed");
        }

        await ground.Store.DeleteAsync("attempt", None);
        await ground.Store.DeleteAsync("attempt", None);

        Assert.True(File.Exists(Path.Combine(outside, "kept")));
        Assert.False(Directory.Exists(ground.Paths.AttemptFolder("attempt")));
        Assert.Empty(Directory.GetFileSystemEntries(ground.Paths.Trash));
    }

    [Fact]
    public async Task A_commit_the_server_does_not_have_is_said_to_be_missing()
    {
        await ConnectAsync(("a.txt", "one\n"));

        var failure = await Assert.ThrowsAsync<RepositoryException>(() => ground.Store.OpenAsync(Request(new string('a', 40)), None));
        Assert.Contains("is not in the server's copy", failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<RepositoryException>(() => ground.Store.OpenAsync(Request("main"), None));
        await Assert.ThrowsAsync<ArgumentException>(() => ground.Store.OpenAsync(Request(new string('a', 40)) with { AttemptId = "../x" }, None));
    }

    [Fact]
    public async Task A_branch_below_the_base_branch_can_be_worked_on()
    {
        var start = await ConnectAsync(("a.txt", "one\n"));
        await ground.GitAsync(ground.Origin, "branch", "-m", "codexweb");
        await using var live = await LiveSandbox.StartAsync(ground, Request(start) with { BaseBranch = "codexweb" });

        Assert.Equal("## codexweb/x", await live.RunAsync("git status --short --branch"));
    }

    private async Task<string> ConnectAsync(params (string Path, string Content)[] files)
    {
        var commit = await ground.MakeOriginAsync(files);
        await ground.ConnectAsync();
        return commit;
    }

    private async Task<IEnumerable<string>> FilesBetweenAsync(string from, string to)
        => (await ground.Changes.SummariseAsync(TestGround.Key, from, to, None)).Files.Select(file => file.Path);

    private static WorkspaceRequest Request(string commit)
        => new() { AttemptId = "attempt", RepositoryKey = TestGround.Key, BaseBranch = "main", BaseCommit = commit, WorkBranch = "codexweb/x" };
}

using System.Text;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Workspaces;

namespace CodexWeb.Tests.Workspaces;

public sealed class CheckpointTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TestGround ground = new();

    public void Dispose() => ground.Dispose();

    [Fact]
    public async Task Nothing_changed_is_no_checkpoint()
    {
        await using var live = await StartAsync(("a.txt", "one\n"));

        Assert.Null(await live.CheckpointAsync());
        await live.RunAsync("touch a.txt; echo x > b.txt; rm b.txt; git commit -q --allow-empty -m Empty");
        Assert.Null(await live.CheckpointAsync());
    }

    [Fact]
    public async Task Files_the_agent_locked_are_recorded_as_they_are_and_not_as_deleted()
    {
        await using var live = await StartAsync(("a.txt", "one\n"), ("folder/b.txt", "two\n"));
        await live.RunAsync("echo more >> a.txt; echo new > folder/c.txt; chmod 000 a.txt folder; chmod 555 .");

        var checkpoint = await live.CheckpointAsync();

        Assert.Empty(checkpoint!.Notices);
        Assert.Equal(["A 100644 folder/c.txt", "M 100644 a.txt"], (await ChangesAsync(checkpoint.Commit)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Everything_that_happens_to_files_is_recorded()
    {
        await using var live = await StartAsync(
            ("edit", "1\n"), ("delete", "2\n"), ("move", "3\n"), ("mode", "4\n"), ("to-folder", "5\n"), ("from/folder", "6\n"), (".gitignore", "*.log\n"), ("keep.log", "7\n"));
        await live.RunAsync(
            """
            echo more >> edit; rm delete; mv move moved; chmod +x mode; rm to-folder; mkdir to-folder; echo a > to-folder/a; rm -r from; echo b > from
            ln -s /etc/passwd link; echo ignored > x.log; echo c > -dash; echo d > 'with space "quote"'; echo e > "$(printf 'new\nline')"; mkdir -p ü/é; echo f > ü/é/ß; mkdir empty
            printf 'a\0b' > binary; mkfifo fifo
            """);
        var checkpoint = await live.CheckpointAsync();

        Assert.Empty(checkpoint!.Notices);
        Assert.Equal(
            """
            M 100644 edit
            D 000000 delete
            A 100644 moved
            D 000000 move
            M 100755 mode
            D 000000 to-folder
            A 100644 to-folder/a
            D 000000 from/folder
            A 100644 from
            A 120000 link
            A 100644 -dash
            A 100644 with space "quote"
            A 100644 new?line
            A 100644 ü/é/ß
            A 100644 binary
            """.Split('\n').Order(StringComparer.Ordinal),
            (await ChangesAsync(checkpoint.Commit)).Order(StringComparer.Ordinal));
        Assert.Null(await live.CheckpointAsync());
    }

    [Fact]
    public async Task Checkpoints_form_a_chain_under_hidden_refs()
    {
        await using var live = await StartAsync(("a.txt", "one\n"));
        var start = live.Workspace.LastCommit;
        await live.RunAsync("echo two > a.txt");
        var first = await live.CheckpointAsync();
        await live.RunAsync("echo one > a.txt");
        var second = await live.CheckpointAsync();
        await live.RunAsync("echo two > a.txt");
        var third = await live.CheckpointAsync();

        Assert.Equal([1, 2, 3], new[] { first!.Number, second!.Number, third!.Number });
        var store = ground.Paths.CheckpointsOf(TestGround.Key);
        Assert.Equal($"{third.Commit}\n{second.Commit}\n{first.Commit}\n{start}", await ground.GitAsync(store, "rev-list", third.Commit));
        Assert.Equal(
            $"{first.Commit} refs/codexweb/attempts/attempt/1\n{second.Commit} refs/codexweb/attempts/attempt/2\n{third.Commit} refs/codexweb/attempts/attempt/3",
            await ground.GitAsync(store, "for-each-ref", "--format=%(objectname) %(refname)"));
        Assert.Equal("two\n", Encoding.UTF8.GetString((await ground.Mirrors.ReadFileAsync(TestGround.Key, third.Commit, "a.txt", 100, None)).Content.Span));
        await ground.GitAsync(store, "fsck", "--strict", "--no-dangling");
    }

    [Theory]
    [InlineData("rm -rf .git")]
    [InlineData("rm -rf .git && git init -q && git add -A && git -c user.name=x -c user.email=x@x commit -qm x")]
    [InlineData("mv .git /tmp/moved && ln -s /tmp/moved .git")]
    [InlineData("rm -rf .git && ln -s /nowhere .git")]
    [InlineData("rm -rf .git && echo 'gitdir: /codexweb/base' > .git")]
    [InlineData("rm -rf .git/codexweb && ln -s /etc .git/codexweb")]
    [InlineData("rm -rf .git/codexweb && echo x > .git/codexweb")]
    [InlineData("echo garbage > .git/codexweb/index")]
    [InlineData("echo garbage > .git/codexweb/HEAD")]
    [InlineData("echo garbage > .git/codexweb/config")]
    [InlineData("echo garbage > .git/codexweb/tree")]
    [InlineData("rm -rf .git/codexweb/objects")]
    [InlineData("touch .git/codexweb/index.lock .git/index.lock")]
    [InlineData("git --git-dir=.git/codexweb --work-tree=. add -A && rm -rf .git/codexweb/objects/??")]
    [InlineData("git --git-dir=.git/codexweb rm -rqf --cached .")]
    public async Task Damage_to_the_workspaces_own_Git_does_not_stop_it(string damage)
    {
        await using var live = await StartAsync(("a.txt", "one\n"), ("b.txt", "two\n"));
        await live.RunAsync("echo before > before.txt");
        await live.CheckpointAsync();
        var earlier = live.Workspace.LastCommit;
        await live.RunAsync("echo changed > a.txt; mkdir d; echo new > d/c.txt");
        await live.RunAsync(damage);

        var checkpoint = await live.CheckpointAsync();

        Assert.Equal(["A 100644 d/c.txt", "M 100644 a.txt"], (await ChangesAsync(checkpoint!.Commit, earlier)).Order(StringComparer.Ordinal));
        await ground.GitAsync(ground.Paths.CheckpointsOf(TestGround.Key), "fsck", "--strict", "--no-dangling");
    }

    [Theory]
    [InlineData("git config core.fsmonitor 'touch MARKER'")]
    [InlineData("printf '#!/bin/sh\\ntouch MARKER\\n' > .git/hooks/post-index-change; chmod +x .git/hooks/*; cp .git/hooks/post-index-change .git/hooks/pre-commit")]
    [InlineData("git config filter.x.clean 'touch MARKER; cat'; git config filter.x.smudge 'touch MARKER; cat'; echo '* filter=x' > .gitattributes")]
    [InlineData("git config diff.x.textconv 'touch MARKER; cat'; git config diff.external 'touch MARKER'; echo '* diff=x' > .gitattributes")]
    [InlineData("git config core.sshCommand 'touch MARKER'; git config credential.helper '!touch MARKER'; git config gpg.program 'touch MARKER'; git config commit.gpgSign true")]
    [InlineData("git config url.ext::.insteadOf https:; git config protocol.ext.allow always; git config core.alternateRefsCommand 'touch MARKER'")]
    [InlineData("git config core.worktree /tmp")]
    [InlineData("printf '[core]\\n\\tfsmonitor = touch MARKER\\n\\thooksPath = /workspace\\n' >> .git/codexweb/config; printf '#!/bin/sh\\ntouch MARKER\\n' > post-index-change; chmod +x post-index-change")]
    [InlineData("echo /etc > .git/objects/info/alternates; echo /etc > .git/codexweb/objects/info/alternates")]
    public async Task Nothing_planted_in_a_workspace_runs_on_the_server(string plant)
    {
        await using (var live = await StartAsync(("a.txt", "one\n")))
        {
            var start = live.Workspace.LastCommit;
            await live.RunAsync("mkdir -p .git/hooks; " + plant.Replace("MARKER", ground.Marker, StringComparison.Ordinal));
            await live.RunAsync("echo two > a.txt");
            var checkpoint = await live.CheckpointAsync();

            using var patch = new MemoryStream();
            await ground.Changes.WritePatchAsync(TestGround.Key, start, checkpoint!.Commit, patch, None);
            Assert.Contains("+two", Encoding.UTF8.GetString(patch.ToArray()), StringComparison.Ordinal);
            var commit = await ground.Changes.CommitForBranchAsync(TestGround.Key, checkpoint.Commit, [start], "Message", CommitAuthor.Server, None);
            await ground.Push.PushAsync(TestGround.Key, ground.Origin, commit, "codexweb/x", None);
            await ground.Store.DeleteAsync("attempt", None);
            using var again = await ground.Store.OpenAsync(Request(start) with { LastCheckpoint = checkpoint.Commit }, None);
        }

        Assert.False(File.Exists(ground.Marker));
    }

    [Fact]
    public async Task What_cannot_be_recorded_is_said_once_and_the_rest_is_kept()
    {
        await using var live = await StartAsync(("a.txt", "one\n"));
        await live.RunAsync("truncate -s 100M big; git init -q inner; echo x > inner/x; echo two > a.txt");

        var checkpoint = await live.CheckpointAsync();
        Assert.Equal(["M 100644 a.txt"], await ChangesAsync(checkpoint!.Commit));
        Assert.Equal(2, checkpoint.Notices.Count);
        Assert.Contains("big is larger than 100 MB and is not part of the change.", checkpoint.Notices);
        Assert.Contains("inner/ is a Git repository of its own; what is in it is not part of the change.", checkpoint.Notices);

        Assert.Null(await live.CheckpointAsync());
        await live.RunAsync("git init -q other");
        var onlyNotice = await live.CheckpointAsync();
        Assert.Equal((checkpoint.Commit, 1, false, 1), (onlyNotice!.Commit, onlyNotice.Number, onlyNotice.Changed, onlyNotice.Notices.Count));
    }

    [Fact]
    public async Task A_hundred_and_more_new_files_come_in_as_one_pack()
    {
        await using var live = await StartAsync(("a.txt", "one\n"));
        await live.RunAsync("mkdir n; for i in $(seq 300); do echo $i > n/$i; done");

        var checkpoint = await live.CheckpointAsync();

        Assert.Equal(300, (await ChangesAsync(checkpoint!.Commit)).Count);
        Assert.Single(Directory.GetFiles(Path.Combine(ground.Paths.CheckpointsOf(TestGround.Key), "objects/pack"), "*.pack"));
    }

    [Theory]
    [InlineData(".git")]
    [InlineData("..")]
    [InlineData(".GIT")]
    public async Task A_pack_with_a_forged_name_is_refused(string name)
    {
        await StartAndStopAsync(("a.txt", "one\n"));
        var (scratch, blob) = await ScratchAsync();
        var tree = await MakeTreeAsync(scratch, $"100644 {name}", blob);

        await Assert.ThrowsAsync<GitException>(async () => await ground.Checkpoints.ImportAsync(TestGround.Key, TestGround.Once(await PackAsync(scratch, blob, tree)), None));
    }

    [Fact]
    public async Task A_pack_whose_objects_name_missing_ones_is_refused()
    {
        var start = await StartAndStopAsync(("a.txt", "one\n"));
        var (scratch, blob) = await ScratchAsync();
        var tree = await MakeTreeAsync(scratch, "100644 a.txt", blob);

        await Assert.ThrowsAsync<GitException>(async () => await ground.Checkpoints.ImportAsync(TestGround.Key, TestGround.Once(await PackAsync(scratch, tree)), None));
        await Assert.ThrowsAsync<GitException>(() => ground.Checkpoints.RecordAsync(TestGround.Key, "attempt", 1, tree, start, "x", None));
        await Assert.ThrowsAsync<GitException>(() => ground.Checkpoints.ImportAsync(TestGround.Key, TestGround.Once("garbage, not a pack"u8.ToArray()), None));
    }

    [Fact]
    public async Task A_sandbox_that_ended_is_said_and_loses_nothing()
    {
        await using var live = await StartAsync(("a.txt", "one\n"));
        await live.RunAsync("echo two > a.txt");
        await live.Sandbox.DisposeAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => live.CheckpointAsync());

        await using var again = await LiveSandbox.StartAsync(ground, Request(live.Workspace.LastCommit));
        Assert.Equal(["M 100644 a.txt"], await ChangesAsync((await again.CheckpointAsync())!.Commit));
    }

    private async Task<LiveSandbox> StartAsync(params (string Path, string Content)[] files)
    {
        var commit = await ground.MakeOriginAsync(files);
        if (files.Any(file => file.Path == "keep.log"))
        {
            await ground.GitAsync(ground.Origin, "add", "--force", "keep.log");
            commit = await ground.CommitAsync("Log");
        }

        await ground.ConnectAsync();
        return await LiveSandbox.StartAsync(ground, Request(commit));
    }

    private async Task<string> StartAndStopAsync(params (string Path, string Content)[] files)
    {
        await using var live = await StartAsync(files);
        return live.Workspace.LastCommit;
    }

    private async Task<List<string>> ChangesAsync(string commit, string? from = null)
    {
        from ??= await ground.GitAsync(ground.Origin, "rev-parse", "main");
        var output = await ground.GitAsync(ground.Paths.CheckpointsOf(TestGround.Key), "diff-tree", "-r", "-z", "--no-renames", from, commit);
        var fields = output.Split('\0', StringSplitOptions.RemoveEmptyEntries);
        return fields.Chunk(2).Select(pair => $"{pair[0].Split(' ')[4]} {pair[0].Split(' ')[1]} {pair[1].Replace('\n', '?')}").ToList();
    }

    private async Task<(string Scratch, string Blob)> ScratchAsync()
    {
        var scratch = Path.Combine(ground.Folder, "scratch");
        await ground.GitAsync(ground.Folder, "init", "--quiet", "--bare", scratch);
        await File.WriteAllTextAsync(Path.Combine(ground.Folder, "content"), "new\n");
        return (scratch, await ground.GitAsync(scratch, "hash-object", "-w", Path.Combine(ground.Folder, "content")));
    }

    /// <summary>Writes a tree that no Git would write by itself.</summary>
    private async Task<string> MakeTreeAsync(string scratch, string entry, string blob)
    {
        var raw = Path.Combine(ground.Folder, "tree");
        await File.WriteAllBytesAsync(raw, [.. Encoding.UTF8.GetBytes(entry), 0, .. Convert.FromHexString(blob)]);
        return await ground.GitAsync(scratch, "hash-object", "-t", "tree", "--literally", "-w", raw);
    }

    private async Task<ReadOnlyMemory<byte>> PackAsync(string scratch, params string[] objects)
        => (await ground.Runner.RunAsync(
            new ProcessCommand
            {
                FileName = "git",
                Arguments = ["--git-dir", scratch, "pack-objects", "-q", "--stdout"],
                Input = Encoding.UTF8.GetBytes(string.Concat(objects.Select(name => name + "\n"))),
                Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = HostPrograms.SearchPath, ["HOME"] = ground.Folder },
            },
            None)).Output;

    private static WorkspaceRequest Request(string commit)
        => new() { AttemptId = "attempt", RepositoryKey = TestGround.Key, BaseBranch = "main", BaseCommit = commit, WorkBranch = "codexweb/x" };
}

using System.Text;
using CodexWeb.Agent.Workspaces;

namespace CodexWeb.Tests.Workspaces;

public sealed class SandboxPatchTests : IAsyncLifetime
{
    private const string Patch = """
        diff --git a/a.txt b/a.txt
        --- a/a.txt
        +++ b/a.txt
        @@ -1,3 +1,3 @@
         one
        -two
        +zwei
         three
        diff --git a/new.txt b/new.txt
        new file mode 100755
        --- /dev/null
        +++ b/new.txt
        @@ -0,0 +1 @@
        +new

        """;

    private readonly TestGround _ground = new();
    private LiveSandbox _live = null!;

    public async Task InitializeAsync()
    {
        var commit = await _ground.MakeOriginAsync(("a.txt", "one\ntwo\nthree\n"), ("b.txt", "b\n"));
        await _ground.ConnectAsync();
        _live = await LiveSandbox.StartAsync(_ground, new WorkspaceRequest { AttemptId = "one", RepositoryKey = TestGround.Key, BaseBranch = "main", BaseCommit = commit, WorkBranch = "codexweb/x" });
    }

    public async Task DisposeAsync()
    {
        await _live.DisposeAsync();
        _ground.Dispose();
    }

    [Fact]
    public async Task A_patch_is_applied_and_taken_back()
    {
        var applied = await ApplyAsync(PatchDirection.Forward);
        var files = await _live.RunAsync("cat a.txt new.txt; test -x new.txt && echo can be run");
        var back = await ApplyAsync(PatchDirection.Reverse);

        Assert.True(applied.Applies);
        Assert.Equal("one\nzwei\nthree\nnew\ncan be run", files);
        Assert.True(back.Applies);
        Assert.Equal("one\ntwo\nthree\nno", await _live.RunAsync("cat a.txt; test -e new.txt || echo no"));
        Assert.Equal("", await _live.RunAsync("ls -d /tmp/.codexweb-apply-* 2>/dev/null || true"));
    }

    [Fact]
    public async Task What_is_there_already_counts_as_applied()
    {
        await ApplyAsync(PatchDirection.Forward);

        Assert.True((await ApplyAsync(PatchDirection.Forward)).Applies);
        Assert.Equal("one\nzwei\nthree", await _live.RunAsync("cat a.txt"));
    }

    [Fact]
    public async Task A_patch_that_fits_in_part_changes_nothing_and_names_the_place()
    {
        await _live.RunAsync("printf 'one\\ndeux\\nthree\\n' > a.txt");

        var outcome = await ApplyAsync(PatchDirection.Forward);

        Assert.Equal(["a.txt: the hunk at line 1 does not fit the lines that are there."], outcome.Conflicts);
        Assert.Equal("one\ndeux\nthree\nno", await _live.RunAsync("cat a.txt; test -e new.txt || echo no"));
    }

    [Fact]
    public async Task A_git_folder_that_the_agent_spoilt_has_no_say()
    {
        await _live.RunAsync("git config apply.whitespace error-all; git config core.hooksPath /workspace/hooks; rm -rf .git/HEAD");

        Assert.True((await ApplyAsync(PatchDirection.Forward)).Applies);
    }

    [Fact]
    public async Task No_link_leads_out_of_the_workspace()
    {
        await _live.RunAsync("rm a.txt && ln -s /tmp out && printf 'x\\n' > /tmp/a.txt");
        var outside = Patch.Replace("a.txt", "out/a.txt", StringComparison.Ordinal).Replace("-two", "-x", StringComparison.Ordinal);

        var outcome = await SandboxPatch.ApplyAsync(_live.Sandbox, Encoding.UTF8.GetBytes(outside), PatchDirection.Forward, CancellationToken.None);

        Assert.False(outcome.Applies);
        Assert.Equal("x", await _live.RunAsync("cat /tmp/a.txt"));
    }

    [Fact]
    public async Task A_large_patch_comes_through_whole()
    {
        var lines = string.Concat(Enumerable.Range(0, 100_000).Select(number => $"+{number}\n"));
        var large = $"diff --git a/large.txt b/large.txt\nnew file mode 100644\n--- /dev/null\n+++ b/large.txt\n@@ -0,0 +1,100000 @@\n{lines}";

        var outcome = await SandboxPatch.ApplyAsync(_live.Sandbox, Encoding.UTF8.GetBytes(large), PatchDirection.Forward, CancellationToken.None);

        Assert.True(outcome.Applies);
        Assert.Equal("100000", await _live.RunAsync("wc -l < large.txt"));
    }

    private Task<PatchOutcome> ApplyAsync(PatchDirection direction) => SandboxPatch.ApplyAsync(_live.Sandbox, Encoding.UTF8.GetBytes(Patch), direction, CancellationToken.None);
}

using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Tools;
using CodexWeb.Tests.Sandboxes;

namespace CodexWeb.Tests.Tools;

/// <summary>Patches in a real sandbox.</summary>
public sealed class SandboxPatchFilesTests : IAsyncLifetime
{
    // Files with mode and content, links with their target; folders do not count.
    private const string List = "find . -mindepth 1 \\( -type f -printf '%P %m: ' -exec cat {} \\; \\) -o \\( -type l -printf '%P -> %l\\n' \\) | sort";

    private readonly SandboxRig _rig = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task A_patch_changes_the_workspace_by_relative_and_absolute_paths()
    {
        var sandbox = await _rig.StartAsync();
        await sandbox.RunAsync("mkdir real; echo one > a; echo run > b.sh; chmod 755 b.sh; echo gone > c; echo target > d; ln -s real link; echo r > real/r; ln -s c dead");

        var result = await ApplyAsync(sandbox, """
            *** Begin Patch
            *** Update File: /workspace/a
            -one
            +1
            *** Update File: b.sh
            *** Move to: d
            -run
            +walk
            *** Delete File: dead
            *** Delete File: c
            *** Update File: link/r
            -r
            +R
            *** Add File: link/new/n
            +n
            *** End Patch
            """);

        Assert.Equal("a 644: 1\nd 755: walk\nlink -> real\nreal/new/n 644: n\nreal/r 644: R\n", (await sandbox.RunAsync(List)).Output);
        Assert.Equal("A link/new/n\nM a\nM d\nM link/r\nD dead\nD c", result.Files);
        Assert.Equal(new ChangedFile("a", FileChangeKind.Update, 1, 1), result.Changes[0]);
    }

    [Theory]
    [InlineData("*** Update File: out/f\n-secret\n+mine\n", "out/f leads out of the workspace by a symbolic link, to /tmp")]
    [InlineData("*** Add File: out/new\n+mine\n", "out/new leads out of the workspace by a symbolic link, to /tmp")]
    [InlineData("*** Delete File: out/f\n", "out/f leads out of the workspace by a symbolic link, to /tmp")]
    [InlineData("*** Add File: dangling\n+mine\n", "dangling leads out of the workspace by a symbolic link, to /tmp/new")]
    [InlineData("*** Add File: circle\n+mine\n", "circle is not a regular file, or may not be read")]
    [InlineData("*** Add File: pipe\n+mine\n", "pipe is not a regular file, or may not be read")]
    [InlineData("*** Add File: folder\n+mine\n", "folder is a folder")]
    [InlineData("*** Add File: a/b/c\n+mine\n", "a/b/c cannot be made: a is not a folder")]
    [InlineData("*** Add File: /tmp/f\n+mine\n", "The path /tmp/f is absolute")]
    [InlineData("*** Add File: /workspace/../tmp/f\n+mine\n", "has '..' in it")]
    public async Task What_leaves_the_workspace_or_is_no_file_is_refused(string hunk, string reason)
    {
        var sandbox = await _rig.StartAsync();
        await sandbox.RunAsync("echo a > a; echo secret > /tmp/f; ln -s /tmp out; ln -s /tmp/new dangling; ln -s circle circle; mkfifo pipe; mkdir folder");

        var refusal = await Assert.ThrowsAsync<PatchException>(() => ApplyAsync(sandbox, $"*** Begin Patch\n*** Update File: a\n-a\n+A\n{hunk}*** End Patch"));

        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.Equal("a\nsecret\nf\n", (await sandbox.RunAsync("cat a /tmp/f; ls /tmp")).Output);
    }

    [Fact]
    public async Task A_write_that_fails_half_way_leaves_nothing_behind()
    {
        var sandbox = await _rig.StartAsync();
        await sandbox.RunAsync("echo a > a; echo b > b");
        var name = new string('n', 300);

        var refusal = await Assert.ThrowsAsync<PatchException>(() => ApplyAsync(sandbox, $"*** Begin Patch\n*** Update File: a\n-a\n+A\n*** Delete File: b\n*** Add File: new/x\n+x\n*** Add File: {name}\n+x\n*** End Patch"));

        Assert.Contains($"{name}: File name too long", refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith(PatchException.NothingChanged, refusal.Message, StringComparison.Ordinal);
        Assert.Equal("a 644: a\nb 644: b\n", (await sandbox.RunAsync(List)).Output);
    }

    [Fact]
    public async Task A_read_only_workspace_takes_no_patch()
    {
        var sandbox = await _rig.StartAsync(spec => spec with { ReadOnlyWorkspace = true });

        await Assert.ThrowsAsync<PatchException>(() => ApplyAsync(sandbox, "*** Begin Patch\n*** Add File: a\n+a\n*** End Patch"));
    }

    private static Task<PatchResult> ApplyAsync(ISandbox sandbox, string patch) =>
        PatchApplier.ApplyAsync(patch, new SandboxPatchFiles(sandbox), CancellationToken.None);
}

using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Tools;

namespace CodexWeb.Tests.Tools;

/// <summary>A folder of this machine: nothing outside it is read or written, and a change that fails half-way is undone.</summary>
public sealed class LocalPatchFilesTests : IDisposable
{
    private readonly PatchFolder _outside = new();
    private readonly PatchFolder _folder = new();

    public void Dispose()
    {
        _folder.Dispose();
        _outside.Dispose();
    }

    [Theory]
    [InlineData("*** Update File: link\n-secret\n+mine\n")]
    [InlineData("*** Add File: link\n+mine\n")]
    [InlineData("*** Add File: dangling\n+mine\n")]
    [InlineData("*** Add File: dir/new\n+mine\n")]
    [InlineData("*** Update File: dir/secret\n-secret\n+mine\n")]
    [InlineData("*** Delete File: dir/secret\n")]
    [InlineData("*** Delete File: up/secret\n")]
    [InlineData("*** Delete File: proc/secret\n")]
    [InlineData("*** Update File: a\n*** Move to: dir/new\n-a\n")]
    [InlineData("*** Update File: a\n*** Move to: link\n-a\n")]
    public async Task No_link_leads_out(string hunk)
    {
        _outside["secret"] = "secret\n";
        _folder["a"] = "a\n";
        File.CreateSymbolicLink(_folder.At("link"), _outside.At("secret"));
        File.CreateSymbolicLink(_folder.At("dangling"), _outside.At("new"));
        File.CreateSymbolicLink(_folder.At("dir"), _outside.Path);
        File.CreateSymbolicLink(_folder.At("up"), $"../{Path.GetFileName(_outside.Path)}");
        File.CreateSymbolicLink(_folder.At("proc"), $"/proc/self/root{_outside.Path}");

        var refusal = await _folder.RefuseAsync($"*** Begin Patch\n{hunk}*** End Patch");

        Assert.Contains("leads out of the folder by a symbolic link", refusal, StringComparison.Ordinal);
        Assert.Equal(["secret: secret\n"], _outside.Contents);
    }

    [Fact]
    public async Task Links_inside_are_followed_and_a_deleted_link_leaves_its_target()
    {
        _folder["real/a"] = "a\n";
        _folder["real/b"] = "b\n";
        File.CreateSymbolicLink(_folder.At("dir"), "real");
        File.CreateSymbolicLink(_folder.At("real/up"), "../real/../real/a");
        File.CreateSymbolicLink(_folder.At("absolute"), _folder.At("real/b"));
        File.CreateSymbolicLink(_folder.At("gone"), "real/a");

        await _folder.ApplyAsync("""
            *** Begin Patch
            *** Update File: dir/up
            -a
            +A
            *** Update File: real/a
             A
            +A2
            *** Update File: absolute
            -b
            +B
            *** Add File: dir/c
            +c
            *** Delete File: gone
            *** Add File: gone
            +here
            *** End Patch
            """);

        Assert.Equal(
            ["absolute -> " + _folder.At("real/b"), "dir -> real", "gone: here\n", "real/", "real/a: A\nA2\n", "real/b: B\n", "real/c: c\n", "real/up -> ../real/../real/a"],
            _folder.Contents.Where(entry => !entry.StartsWith("dir/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_move_replaces_a_link_and_leaves_what_it_pointed_to()
    {
        _folder["a"] = "a\n";
        _folder["b"] = "b\n";
        File.CreateSymbolicLink(_folder.At("link"), "b");
        File.CreateSymbolicLink(_folder.At("nowhere"), "missing");

        await _folder.ApplyAsync("*** Begin Patch\n*** Update File: a\n*** Move to: link\n-a\n+A\n*** Update File: b\n*** Move to: nowhere\n-b\n+B\n*** End Patch");

        Assert.Equal(["link: A\n", "nowhere: B\n"], _folder.Contents);
    }

    [Fact]
    public async Task A_circle_of_links_is_refused()
    {
        File.CreateSymbolicLink(_folder.At("a"), "b");
        File.CreateSymbolicLink(_folder.At("b"), "a");

        Assert.Contains("more than 40 symbolic links", await _folder.RefuseAsync("*** Begin Patch\n*** Add File: a\n+x\n*** End Patch"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hard_link_to_a_file_elsewhere_stays_as_it_is()
    {
        _outside["shared"] = "one\n";
        LinkHard(_outside.At("shared"), _folder.At("a"));

        await _folder.ApplyAsync("*** Begin Patch\n*** Update File: a\n-one\n+two\n*** End Patch");

        Assert.Equal(("one\n", "two\n"), (_outside["shared"], _folder["a"]));
    }

    [Fact]
    public async Task A_socket_is_no_file_and_reading_does_not_wait_for_it()
    {
        await using var pipe = new System.IO.Pipes.NamedPipeServerStream(_folder.At("socket"));

        var refusal = await Assert.ThrowsAsync<PatchException>(() => _folder.ApplyAsync("*** Begin Patch\n*** Update File: socket\n+x\n*** End Patch"));

        Assert.Contains("socket is not a regular file", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_that_fails_undoes_those_before_it()
    {
        _folder["a"] = "old a\n";
        _folder["b"] = "old b\n";
        File.SetUnixFileMode(_folder.At("a"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var written = File.GetLastWriteTimeUtc(_folder.At("a"));
        using var files = new LocalPatchFiles(_folder.Path);

        var refusal = await Assert.ThrowsAsync<PatchException>(() => files.ChangeAsync(
            [
                new SandboxFileChange.Write("a", "new a\n"u8.ToArray()),
                new SandboxFileChange.Delete("b"),
                new SandboxFileChange.Write("b/c/d", "new d\n"u8.ToArray()),
                new SandboxFileChange.Write("e", "new e\n"u8.ToArray()),
                new SandboxFileChange.Write("e", "newer e\n"u8.ToArray()),
                new SandboxFileChange.Delete("missing"),
            ],
            CancellationToken.None));

        Assert.Equal($"missing cannot be changed: it is not there any more.\n{PatchException.NothingChanged}", refusal.Message);
        Assert.Equal(["a: old a\n", "b: old b\n"], _folder.Contents);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder.At("a")));
        Assert.Equal(written, File.GetLastWriteTimeUtc(_folder.At("a")));
    }

    [Fact]
    public async Task A_link_that_comes_into_the_way_after_reading_is_not_followed()
    {
        _outside["secret"] = "secret\n";
        _folder["inside/file"] = "file\n";
        File.CreateSymbolicLink(_folder.At("dir"), _outside.Path);
        File.CreateSymbolicLink(_folder.At("near"), "inside");
        using var files = new LocalPatchFiles(_folder.Path);

        foreach (var path in new[] { "dir/secret", "dir/new", "near/file", "near/new", "near" })
        {
            await Assert.ThrowsAsync<PatchException>(() => files.ChangeAsync([new SandboxFileChange.Write(path, "mine"u8.ToArray())], CancellationToken.None));
        }

        await Assert.ThrowsAsync<PatchException>(() => files.ChangeAsync([new SandboxFileChange.Delete("dir/secret")], CancellationToken.None));
        Assert.Equal(["secret: secret\n"], _outside.Contents);
        Assert.Equal("file\n", _folder["inside/file"]);
    }

    [Fact]
    public async Task A_link_swapped_again_and_again_never_leads_out()
    {
        _outside["secret"] = "secret\n";
        _folder["inside/secret"] = "mine\n";
        File.CreateSymbolicLink(_folder.At("dir"), "inside");
        using var handle = LinuxFiles.OpenFolder(_folder.Path);
        using var stop = new CancellationTokenSource();
        var swaps = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                foreach (var target in new[] { _outside.Path, "inside" })
                {
                    File.CreateSymbolicLink(_folder.At("next"), target);
                    LinuxFiles.Move(handle, "next", "dir");
                }
            }
        });
        swaps.Start();
        var applied = 0;
        try
        {
            for (var i = 0; i < 2_000; i++)
            {
                try
                {
                    await _folder.ApplyAsync($"*** Begin Patch\n*** Add File: dir/secret\n+{i}\n*** Add File: dir/new\n+{i}\n*** End Patch");
                    applied++;
                }
                catch (PatchException)
                {
                    // The link led outside just then.
                }
            }
        }
        finally
        {
            await stop.CancelAsync();
            swaps.Join();
        }

        Assert.Equal(["secret: secret\n"], _outside.Contents);
        Assert.InRange(applied, 1, 2_000);
    }

    [Fact]
    public void A_root_that_is_not_there_is_refused() =>
        Assert.Contains("cannot be used: No such file or directory", Assert.Throws<PatchException>(() => new LocalPatchFiles(_folder.At("none"))).Message, StringComparison.Ordinal);

    private static void LinkHard(string existing, string link)
    {
        using var ln = System.Diagnostics.Process.Start("ln", ["--", existing, link]);
        ln.WaitForExit();
        Assert.Equal(0, ln.ExitCode);
    }
}

using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Tools;

namespace CodexWeb.Tests.Tools;

/// <summary>What a patch of several hunks makes of a folder.</summary>
public sealed class PatchApplierTests
{
    private const UnixFileMode Script = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.OtherExecute;

    [Fact]
    public async Task Files_are_added_changed_moved_and_deleted_and_the_answer_names_them()
    {
        using var folder = new PatchFolder();
        folder["change.txt"] = "one\ntwo\n";
        folder["move.txt"] = "old\n";
        folder["gone.txt"] = "a\nb";

        var result = await folder.ApplyAsync("""
            *** Begin Patch
            *** Delete File: gone.txt
            *** Update File: change.txt
            -two
            +2
            +3
            *** Update File: move.txt
            *** Move to: deep/er/moved.txt
            -old
            +new
            *** Add File: ./new/file.txt
            +one
            *** Add File: empty
            *** End Patch
            """);

        Assert.Equal(["change.txt: one\n2\n3\n", "deep/", "deep/er/", "deep/er/moved.txt: new\n", "empty: ", "new/", "new/file.txt: one\n"], folder.Contents);
        Assert.Equal(
            [
                new ChangedFile("gone.txt", FileChangeKind.Delete, 0, 2),
                new ChangedFile("change.txt", FileChangeKind.Update, 2, 1),
                new ChangedFile("move.txt", FileChangeKind.Update, 1, 1, "deep/er/moved.txt"),
                new ChangedFile("new/file.txt", FileChangeKind.Add, 1, 0),
                new ChangedFile("empty", FileChangeKind.Add, 0, 0),
            ],
            result.Changes);
        Assert.Equal("Success. Updated the following files:\nA new/file.txt\nA empty\nM change.txt\nM deep/er/moved.txt\nD gone.txt", result.Text);
    }

    [Fact]
    public async Task A_failing_hunk_leaves_everything_as_it_was()
    {
        using var folder = new PatchFolder();
        folder["a.txt"] = "one\n";
        folder["b.txt"] = "two\n";

        var refusal = await folder.RefuseAsync("""
            *** Begin Patch
            *** Add File: new/c.txt
            +three
            *** Delete File: b.txt
            *** Update File: a.txt
            -one
            +1
            *** Update File: missing.txt
            -old
            +new
            *** End Patch
            """);

        Assert.StartsWith("Hunk 4, Update File: missing.txt (line 8 of the patch): There is no file missing.txt.", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_later_hunk_sees_what_an_earlier_one_did()
    {
        using var folder = new PatchFolder();
        folder["b.txt"] = "b\n";
        folder["d"] = "file\n";

        var result = await folder.ApplyAsync("""
            *** Begin Patch
            *** Add File: a.txt
            +one
            +two
            *** Update File: a.txt
            -one
            +1
            *** Update File: a.txt
            *** Move to: c.txt
             1
            -two
            *** Update File: b.txt
            *** Move to: e.txt
            -b
            +e
            *** Update File: e.txt
            +f
            *** Delete File: d
            *** Add File: d/x
            +folder
            *** Add File: t
            +t
            *** Delete File: t
            *** End Patch
            """);

        Assert.Equal(["c.txt: 1\n", "d/", "d/x: folder\n", "e.txt: e\nf\n"], folder.Contents);
        Assert.Equal("Success. Updated the following files:\nA c.txt\nA d/x\nM e.txt\nD d", result.Text);
        Assert.Equal(new ChangedFile("c.txt", FileChangeKind.Add, 1, 0), result.Changes[0]);
    }

    [Theory]
    [InlineData("*** Delete File: a.txt\n*** Update File: a.txt\n-a\n", "Hunk 2, Update File: a.txt (line 3 of the patch): There is no file a.txt.")]
    [InlineData("*** Delete File: a.txt\n*** Delete File: ./a.txt\n", "Hunk 2, Delete File: ./a.txt (line 3 of the patch): There is no file a.txt.")]
    [InlineData("*** Update File: a.txt\n*** Move to: c.txt\n-a\n*** Delete File: a.txt\n", "There is no file a.txt.")]
    [InlineData("*** Add File: x\n+1\n*** Add File: x/y\n+2\n", "x/y cannot be made: x is not a folder")]
    [InlineData("*** Add File: x/y\n+1\n*** Add File: x\n+2\n", "x is a folder")]
    [InlineData("*** Add File: a.txt/b/c\n+1\n", "a.txt/b/c cannot be made: a.txt is not a folder")]
    [InlineData("*** Add File: dir\n+1\n", "dir is a folder. A patch changes files.")]
    [InlineData("*** Delete File: dir\n", "dir is a folder. A patch changes files.")]
    [InlineData("*** Update File: dir\n-a\n", "dir is a folder. A patch changes files.")]
    [InlineData("*** Update File: a.txt\n*** Move to: dir\n-a\n", "dir is a folder. A patch changes files.")]
    [InlineData("*** Add File: ../x\n+1\n", "The path ../x has '..' in it.")]
    [InlineData("*** Add File: dir/../x\n+1\n", "The path dir/../x has '..' in it.")]
    [InlineData("*** Update File: a.txt\n*** Move to: ../x\n-a\n", "The path ../x has '..' in it.")]
    [InlineData("*** Delete File: /etc/hostname\n", "The path /etc/hostname is absolute.")]
    [InlineData("*** Add File: x/\n+1\n", "The path x/ names a folder.")]
    [InlineData("*** Add File: .\n+1\n", "The path . names a folder.")]
    [InlineData("*** Add File: a\0b\n+1\n", "The path a\\u0000b holds a control character.")]
    public async Task What_cannot_be_done_is_refused(string hunks, string reason)
    {
        using var folder = new PatchFolder();
        folder["a.txt"] = "a\n";
        folder["dir/keep"] = "keep\n";

        Assert.Contains(reason, await folder.RefuseAsync($"*** Begin Patch\n{hunks}*** End Patch"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Binary_files_and_other_encodings_are_refused_by_name_but_can_be_deleted_and_replaced()
    {
        using var folder = new PatchFolder();
        folder.Write("image.png", [0x89, 0x50, 0, 0x0A]);
        folder.Write("latin.txt", [0x63, 0x61, 0x66, 0xE9, 0x0A]);

        Assert.Contains("image.png is a binary file", await folder.RefuseAsync("*** Begin Patch\n*** Update File: image.png\n+x\n*** End Patch"), StringComparison.Ordinal);
        Assert.Contains("latin.txt is not UTF-8 text", await folder.RefuseAsync("*** Begin Patch\n*** Update File: latin.txt\n+x\n*** End Patch"), StringComparison.Ordinal);
        await folder.ApplyAsync("*** Begin Patch\n*** Delete File: image.png\n*** Add File: latin.txt\n+café\n*** End Patch");

        Assert.Equal(["latin.txt: café\n"], folder.Contents);
    }

    [Fact]
    public async Task A_file_over_16_MiB_is_refused_before_and_after()
    {
        using var folder = new PatchFolder();
        folder.Write("large.txt", [.. Enumerable.Repeat((byte)'x', 16 * 1024 * 1024)]);

        Assert.Contains("large.txt would be larger than 16 MiB", await folder.RefuseAsync("*** Begin Patch\n*** Update File: large.txt\n+x\n*** End Patch"), StringComparison.Ordinal);
        File.AppendAllText(folder.At("large.txt"), "y");
        Assert.Contains("large.txt is larger than 16 MiB", await folder.RefuseAsync("*** Begin Patch\n*** Update File: large.txt\n+x\n*** End Patch"), StringComparison.Ordinal);
        await folder.ApplyAsync("*** Begin Patch\n*** Delete File: large.txt\n*** End Patch");

        Assert.Empty(folder.Contents);
    }

    [Fact]
    public async Task Mode_bits_stay_with_a_file_that_is_changed_or_moved()
    {
        using var folder = new PatchFolder();
        folder["run.sh"] = "one\n";
        folder["old.sh"] = "one\n";
        folder["target.sh"] = "target\n";
        File.SetUnixFileMode(folder.At("run.sh"), Script);
        File.SetUnixFileMode(folder.At("old.sh"), Script);
        File.SetUnixFileMode(folder.At("target.sh"), UnixFileMode.UserRead | UnixFileMode.UserWrite);

        await folder.ApplyAsync("""
            *** Begin Patch
            *** Update File: run.sh
            -one
            +two
            *** Update File: old.sh
            *** Move to: target.sh
            -one
            +two
            *** Add File: new.txt
            +x
            *** End Patch
            """);

        Assert.Equal(["new.txt: x\n", "run.sh: two\n", "target.sh: two\n"], folder.Contents);
        Assert.Equal(Script, File.GetUnixFileMode(folder.At("run.sh")));
        Assert.Equal(Script, File.GetUnixFileMode(folder.At("target.sh")));
        Assert.Equal("rw-r--r--", Permissions(folder.At("new.txt")));
    }

    [Theory]
    [InlineData("a.txt")]
    [InlineData("./a.txt")]
    [InlineData("link.txt")]
    public async Task A_move_onto_itself_is_an_update(string target)
    {
        using var folder = new PatchFolder();
        folder["a.txt"] = "one\n";
        File.CreateSymbolicLink(folder.At("link.txt"), "a.txt");

        var result = await folder.ApplyAsync($"*** Begin Patch\n*** Update File: a.txt\n*** Move to: {target}\n-one\n+two\n*** End Patch");

        Assert.Equal(["a.txt: two\n", "link.txt -> a.txt"], folder.Contents);
        Assert.Equal([new ChangedFile("a.txt", FileChangeKind.Update, 1, 1)], result.Changes);
    }

    [Fact]
    public async Task Checking_a_patch_writes_nothing()
    {
        using var folder = new PatchFolder();
        folder["a.txt"] = "one\n";
        using var files = new LocalPatchFiles(folder.Path);

        var result = await PatchApplier.VerifyAsync("*** Begin Patch\n*** Update File: a.txt\n-one\n+two\n*** Add File: b/c\n+x\n*** End Patch", files, CancellationToken.None);

        Assert.Equal("A b/c\nM a.txt", result.Files);
        Assert.Equal(["a.txt: one\n"], folder.Contents);
    }

    private static string Permissions(string path) =>
        string.Concat(Enumerable.Range(0, 9).Select(bit => ((int)File.GetUnixFileMode(path) >> (8 - bit) & 1) == 1 ? "rwxrwxrwx"[bit] : '-'));
}

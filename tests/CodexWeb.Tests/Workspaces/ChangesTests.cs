using System.Text;
using CodexWeb.Agent.Workspaces;

namespace CodexWeb.Tests.Workspaces;

public sealed class ChangesTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TestGround ground = new();

    public void Dispose() => ground.Dispose();

    [Fact]
    public async Task A_summary_counts_lines_and_tells_renames_and_binary_files()
    {
        var text = string.Concat(Enumerable.Range(0, 50).Select(line => $"line {line}\n"));
        var start = await ground.MakeOriginAsync(("old.txt", text), ("gone.txt", "a\nb\n"), ("same.txt", "x\n"), ("edit.txt", "1\n2\n3\n"));
        await ground.ConnectAsync();
        await ground.GitAsync(ground.Origin, "checkout", "--quiet", "-b", "work");
        await ground.GitAsync(ground.Origin, "mv", "old.txt", "new name.txt");
        await ground.GitAsync(ground.Origin, "rm", "--quiet", "gone.txt");
        var end = await ground.CommitAsync("Change", ("edit.txt", "1\ntwo\n3\n4\n"), ("image.bin", "\0\u0001\0"), ("new name.txt", text + "more\n"));
        await ground.Mirrors.ConnectAsync(TestGround.Key + "2", ground.Origin, None);

        var summary = await ground.Changes.SummariseAsync(TestGround.Key + "2", start, end, None);

        Assert.Equal(
            [
                new FileDiff("edit.txt", FileDiffStatus.Modified, 2, 1, null, false),
                new FileDiff("gone.txt", FileDiffStatus.Deleted, 0, 2, null, false),
                new FileDiff("image.bin", FileDiffStatus.Added, 0, 0, null, true),
                new FileDiff("new name.txt", FileDiffStatus.Renamed, 1, 0, "old.txt", false),
            ],
            summary.Files);
        Assert.Equal((3, 3), (summary.Added, summary.Removed));
    }

    [Fact]
    public async Task A_patch_applies_with_Git_binary_files_included()
    {
        var start = await ground.MakeOriginAsync(("a.txt", "one\n"));
        await ground.ConnectAsync();
        var end = await ground.RecordAsync("attempt", start, ("a.txt", "two\n"), ("b.bin", "\0\u0001\u0002"), ("dir/c.txt", "no line end"));
        var file = Path.Combine(ground.Folder, "x.patch");
        await using (var stream = File.Create(file))
        {
            await ground.Changes.WritePatchAsync(TestGround.Key, start, end, stream, None);
        }

        await ground.GitAsync(ground.Origin, "apply", "--index", file);

        Assert.Equal(await ground.GitAsync(ground.Paths.CheckpointsOf(TestGround.Key), "rev-parse", end + "^{tree}"), await ground.GitAsync(ground.Origin, "write-tree"));
    }

    [Fact]
    public async Task Nothing_changed_is_an_empty_patch()
    {
        var start = await ground.MakeOriginAsync(("a.txt", "one\n"));
        await ground.ConnectAsync();
        using var stream = new MemoryStream();
        await ground.Changes.WritePatchAsync(TestGround.Key, start, start, stream, None);

        Assert.Equal("", Encoding.UTF8.GetString(stream.ToArray()));
        Assert.Empty((await ground.Changes.SummariseAsync(TestGround.Key, start, start, None)).Files);
    }

    [Fact]
    public async Task Deleting_an_attempts_checkpoints_leaves_those_of_others()
    {
        var start = await ground.MakeOriginAsync(("a.txt", "one\n"));
        await ground.ConnectAsync();
        await ground.RecordAsync("one", start, ("a.txt", "two\n"));
        await ground.RecordAsync("one", start, ("a.txt", "three\n"));
        await ground.RecordAsync("other", start, ("a.txt", "four\n"));

        await ground.Checkpoints.DeleteAsync(TestGround.Key, "one", None);

        Assert.Equal("refs/codexweb/attempts/other/1", await ground.GitAsync(ground.Paths.CheckpointsOf(TestGround.Key), "for-each-ref", "--format=%(refname)"));
    }
}

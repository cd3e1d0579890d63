using System.Text;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Review;
using CodexWeb.Tests.Workspaces;

namespace CodexWeb.Tests.Review;

public sealed class HunkPatchTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly string Lines = string.Concat(Enumerable.Range(1, 60).Select(number => $"line {number}\n"));

    private readonly TestGround _ground = new();

    public void Dispose() => _ground.Dispose();

    [Fact]
    public async Task One_of_several_hunks_is_taken_and_stands_where_it_belongs()
    {
        // The same three lines stand twice, so that a hunk whose place is not corrected would land on the first of them.
        var twice = Lines.Replace("line 20\n", "same\nsame\nsame\nsame\nsame\nsame\nsame\n", StringComparison.Ordinal).Replace("line 40\n", "same\nsame\nsame\nsame\nsame\nsame\nsame\n", StringComparison.Ordinal);
        var (before, after) = await ChangeAsync(
            [("a.txt", twice)],
            [("a.txt", twice.Replace("line 2\n", "", StringComparison.Ordinal).Replace("line 10\n", "ten\nand a half\nand more\n", StringComparison.Ordinal).Replace("line 41\n", "forty-one\n", StringComparison.Ordinal))]);
        var patch = await PatchAsync(before, after);
        var last = DiffParser.Parse(patch).Files[0].Hunks[^1];

        var cut = HunkPatch.Cut(patch, [new HunkName(last.Hash, last.OldStart)], PatchDirection.Forward);

        Assert.Equal([("a.txt", 1)], cut.Paths);
        Assert.Empty(cut.Missing);
        Assert.Equal(twice.Replace("line 41\n", "forty-one\n", StringComparison.Ordinal), await AppliedAsync(before, cut.Bytes, "a.txt"));
    }

    [Fact]
    public async Task One_of_several_hunks_is_dropped_and_the_others_stay()
    {
        var changed = Lines.Replace("line 10\n", "ten\nand a half\n", StringComparison.Ordinal).Replace("line 50\n", "fifty\n", StringComparison.Ordinal);
        var (before, after) = await ChangeAsync([("a.txt", Lines)], [("a.txt", changed)]);
        var patch = await PatchAsync(before, after);
        var hunks = DiffParser.Parse(patch).Files[0].Hunks;

        var cut = HunkPatch.Cut(patch, [new HunkName(hunks[1].Hash, null)], PatchDirection.Reverse);

        Assert.Equal(Lines.Replace("line 10\n", "ten\nand a half\n", StringComparison.Ordinal), await AppliedAsync(after, cut.Bytes, "a.txt", "--reverse"));
    }

    [Fact]
    public async Task New_deleted_moved_and_binary_files_go_as_a_whole()
    {
        var (before, after) = await ChangeAsync([("gone.txt", "gone\n"), ("old name.txt", Lines), ("image.bin", "a\0b")], [("new.txt", "new\n"), ("image.bin", "a\0c")], "gone.txt", "old name.txt", ("name.txt", Lines));
        var patch = await PatchAsync(before, after);
        var files = DiffParser.Parse(patch).Files;
        var all = files.SelectMany(file => file.Hunks.Count == 0 ? [new HunkName(file.Hash, null)] : file.Hunks.Select(hunk => new HunkName(hunk.Hash, hunk.OldStart))).ToList();

        var cut = HunkPatch.Cut(patch, all, PatchDirection.Forward);

        Assert.Equal(patch, cut.Bytes);
        Assert.Equal(["gone.txt", "image.bin", "name.txt", "new.txt"], cut.Paths.Select(path => path.Path).Order(StringComparer.Ordinal));
        Assert.Equal("new\n", await AppliedAsync(before, HunkPatch.Cut(patch, [all[files.ToList().FindIndex(file => file.NewPath == "new.txt")]], PatchDirection.Forward).Bytes, "new.txt"));
    }

    [Fact]
    public async Task A_hunk_that_is_not_there_is_named()
    {
        var (before, after) = await ChangeAsync([("a.txt", "old\n")], [("a.txt", "new\n")]);
        var patch = await PatchAsync(before, after);
        var hunk = DiffParser.Parse(patch).Files[0].Hunks[0];
        HunkName[] strangers = [new("0123456789abcdef", null), new(hunk.Hash, hunk.OldStart + 1)];

        var cut = HunkPatch.Cut(patch, [.. strangers, new HunkName(hunk.Hash, hunk.OldStart)], PatchDirection.Forward);

        Assert.Equal(strangers, cut.Missing);
    }

    [Theory]
    [InlineData("0123456789abcdef", true)]
    [InlineData("0123456789abcdef@12", true)]
    [InlineData("0123456789ABCDEF@12", false)]
    [InlineData("0123456789abcdef@-1", false)]
    [InlineData("0123456789abcdef@1@2", false)]
    [InlineData("0123456789abcde", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_name_is_sixteen_digits_and_perhaps_a_line(string? text, bool isName)
    {
        Assert.Equal(isName, HunkName.TryParse(text, out var name));
        Assert.Equal(isName ? text : new HunkName().ToString(), isName ? name.ToString() : new HunkName().ToString());
    }

    [Fact]
    public async Task A_trial_says_which_hunk_does_not_fit_and_changes_nothing()
    {
        var (before, after) = await ChangeAsync([("a.txt", Lines)], [("a.txt", Lines.Replace("line 30\n", "thirty\n", StringComparison.Ordinal)), ("new.txt", "x\n")]);
        var patch = await PatchAsync(before, after);
        var other = await CommitAsync(("a.txt", Lines.Replace("line 30\n", "three tens\n", StringComparison.Ordinal)), ("new.txt", "y\n"));
        var trials = new PatchTrials(_ground.Paths, _ground.Git);

        var fits = await trials.TryAsync(TestGround.Key, before, patch, PatchDirection.Forward, None);
        var back = await trials.TryAsync(TestGround.Key, after, patch, PatchDirection.Reverse, None);
        var misfit = await trials.TryAsync(TestGround.Key, other, patch, PatchDirection.Forward, None);
        var nonsense = await trials.TryAsync(TestGround.Key, before, Encoding.UTF8.GetBytes("this is no patch\n"), PatchDirection.Forward, None);

        Assert.True(fits.Applies);
        Assert.True(back.Applies);
        Assert.Equal(["a.txt: the hunk at line 27 does not fit the lines that are there.", "new.txt: there is a file of this name already."], misfit.Conflicts);
        Assert.False(nonsense.Applies);
        Assert.Empty(Directory.GetFiles(_ground.Paths.CheckpointsOf(TestGround.Key), "trial-*"));
    }

    private async Task<(string Before, string After)> ChangeAsync((string Path, string Content)[] before, (string Path, string Content)[] after, params object[] more)
    {
        await _ground.MakeOriginAsync(before);
        await _ground.ConnectAsync();
        var first = await _ground.GitAsync(_ground.Origin, "rev-parse", "HEAD");
        foreach (var path in more.OfType<string>())
        {
            File.Delete(Path.Combine(_ground.Origin, path));
        }

        return (first, await CommitAsync([.. after, .. more.OfType<(string, string)>()]));
    }

    // A commit in the server's repository, as a checkpoint is.
    private async Task<string> CommitAsync(params (string Path, string Content)[] files)
    {
        var commit = await _ground.CommitAsync("Change", files);
        await _ground.GitAsync(_ground.Paths.CheckpointsOf(TestGround.Key), "fetch", "--quiet", _ground.Origin, $"{commit}:refs/test/{commit}");
        return commit;
    }

    private async Task<byte[]> PatchAsync(string from, string to)
    {
        using var patch = new MemoryStream();
        await _ground.Changes.WritePatchAsync(TestGround.Key, from, to, patch, None);
        return patch.ToArray();
    }

    private async Task<string> AppliedAsync(string commit, byte[] patch, string path, params string[] options)
    {
        await _ground.GitAsync(_ground.Origin, "checkout", "--quiet", "--force", commit);
        var file = Path.Combine(_ground.Folder, "cut.patch");
        await File.WriteAllBytesAsync(file, patch);
        await _ground.GitAsync(_ground.Origin, ["apply", "--whitespace=nowarn", .. options, file]);
        return await File.ReadAllTextAsync(Path.Combine(_ground.Origin, path));
    }
}

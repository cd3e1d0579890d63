using System.Text;
using CodexWeb.CodeReviews;
using CodexWeb.Review;
using CodexWeb.Tests.Workspaces;
using FsCheck;
using FsCheck.Fluent;

namespace CodexWeb.Tests.CodeReviews;

public sealed class ChangedLinesTests : IDisposable
{
    private readonly TestGround ground = new();

    public void Dispose() => ground.Dispose();

    [Theory]
    [InlineData("a.txt", 10, 10, "a.txt:10")]
    [InlineData("a.txt", 1, 40, "a.txt:7-13")]
    [InlineData("a.txt", 12, 29, "a.txt:27-29")]
    [InlineData("a.txt", 14, 20, null)]
    [InlineData("a.txt", 900, 901, null)]
    [InlineData("new.txt", 2, 9, "new.txt:2")]
    [InlineData("moved.txt", 5, 5, "moved.txt:5")]
    [InlineData("old.txt", 5, 5, "moved.txt:5")]
    [InlineData("gone.txt", 1, 1, null)]
    [InlineData("image.bin", 1, 1, null)]
    [InlineData("untouched.txt", 1, 1, null)]
    public async Task Lines_are_kept_as_far_as_one_hunk_shows_them(string path, int first, int last, string? kept)
    {
        var change = await ChangeAsync();

        Assert.Equal(kept, change.Clamp(new LinesOfFile(path, first, last))?.ToString());
    }

    [Theory]
    [InlineData("a.txt", 1, 3, "a.txt:1-3")]
    [InlineData("a.txt", 10, 10, null)]
    [InlineData("a.txt", 9, 11, null)]
    [InlineData("a.txt", 20, 21, "a.txt:20-21")]
    [InlineData("a.txt", 29, 30, null)]
    [InlineData("a.txt", 30, 31, "a.txt:31-32")]
    [InlineData("old.txt", 1, 1, "moved.txt:1")]
    [InlineData("old.txt", 5, 5, null)]
    [InlineData("gone.txt", 1, 1, null)]
    [InlineData("untouched.txt", 1, 1, "untouched.txt:1")]
    public async Task Lines_are_followed_unless_they_were_changed(string path, int first, int last, string? now)
    {
        var change = await ChangeAsync();

        Assert.Equal(now, change.Follow(new LinesOfFile(path, first, last))?.ToString());
    }

    [Fact]
    public void Lines_that_are_followed_have_the_same_text_after_any_change() =>
        Prop.ForAll(Changes.ToArbitrary(), change =>
        {
            var before = Enumerable.Range(0, change.Kinds.Length).Select(static line => $"line {line}").ToList();
            var (after, patch) = Apply(before, change.Kinds);
            var lines = new ChangedLines(DiffParser.Parse(Encoding.UTF8.GetBytes(patch)));
            var place = new LinesOfFile("f", change.First + 1, Math.Min(before.Count, change.First + change.Length));
            var same = lines.Follow(place) is not { } now
                || before[(place.First - 1)..place.Last].SequenceEqual(after[(now.First - 1)..now.Last]);
            // They are given up only for a reason.
            var touched = Enumerable.Range(place.First - 1, place.Last - place.First + 1).Any(line => change.Kinds[line] is 1 || (change.Kinds[line] is 2 && line > place.First - 1));
            return same && (lines.Follow(place) is null) == touched;
        }).QuickCheckThrowOnFailure();

    // For each line: 0 stays, 1 goes, 2 has a new line before it.
    private static Gen<(int[] Kinds, int First, int Length)> Changes =>
        from count in Gen.Choose(1, 25)
        from kinds in Gen.Frequency((6, Gen.Constant(0)), (1, Gen.Constant(1)), (1, Gen.Constant(2))).ArrayOf(count)
        from first in Gen.Choose(0, count - 1)
        from length in Gen.Choose(1, 4)
        select (kinds, first, length);

    private static (List<string> After, string Patch) Apply(List<string> before, int[] kinds)
    {
        var after = new List<string>();
        var body = new StringBuilder();
        for (var i = 0; i < before.Count; i++)
        {
            if (kinds[i] is 2)
            {
                after.Add($"new {i}");
                body.Append("+new ").Append(i).Append('\n');
            }

            body.Append(kinds[i] is 1 ? '-' : ' ').Append(before[i]).Append('\n');
            if (kinds[i] is not 1)
            {
                after.Add(before[i]);
            }
        }

        return (after, FormattableString.Invariant($"diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1,{before.Count} +{(after.Count == 0 ? 0 : 1)},{after.Count} @@\n{body}"));
    }

    private async Task<ChangedLines> ChangeAsync()
    {
        var lines = Enumerable.Range(1, 40).Select(static line => $"line {line}").ToList();
        var old = Enumerable.Range(1, 20).Select(static line => $"old {line}").ToList();
        var from = await ground.MakeOriginAsync(("a.txt", Text(lines)), ("old.txt", Text(old)), ("gone.txt", "gone\n"), ("untouched.txt", "same\n"), ("image.bin", "a\0b\n"));
        lines[9] = "line ten";
        lines.Insert(29, "between 29 and 30");
        old[4] = "old five";
        await ground.GitAsync(ground.Origin, "rm", "--quiet", "gone.txt", "old.txt");
        var to = await ground.CommitAsync("Change", ("a.txt", Text(lines)), ("moved.txt", Text(old)), ("new.txt", "one\ntwo\n"), ("image.bin", "a\0c\n"));
        await ground.ConnectAsync();
        var parser = new DiffParser();
        await using var patch = new PatchStream(parser);
        await ground.Changes.WritePatchAsync(TestGround.Key, from, to, patch, CancellationToken.None);
        return new ChangedLines(parser.Finish());
    }

    private static string Text(IEnumerable<string> lines) => string.Concat(lines.Select(static line => line + "\n"));
}

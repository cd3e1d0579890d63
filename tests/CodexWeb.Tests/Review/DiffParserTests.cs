using System.Text;
using CodexWeb.Review;
using FsCheck;
using FsCheck.Fluent;

namespace CodexWeb.Tests.Review;

public sealed class DiffParserTests
{
    private const string Edit = """
        diff --git a/src/a.txt b/src/a.txt
        index 1111111..2222222 100644
        --- a/src/a.txt
        +++ b/src/a.txt
        @@ -3,4 +3,5 @@ heading
         one
        -two
        +TWO
        +and more
         three
         four

        """;

    [Fact]
    public void Lines_have_their_numbers_and_kinds()
    {
        var file = Assert.Single(Read(Edit).Files);

        var hunk = Assert.Single(file.Hunks);
        Assert.Equal((3, 4, 3, 5, "heading"), (hunk.OldStart, hunk.OldCount, hunk.NewStart, hunk.NewCount, hunk.Section));
        Assert.Equal(
            [
                new DiffLine(DiffLineKind.Context, 3, 3, "one"),
                new DiffLine(DiffLineKind.Removed, 4, null, "two"),
                new DiffLine(DiffLineKind.Added, null, 4, "TWO"),
                new DiffLine(DiffLineKind.Added, null, 5, "and more"),
                new DiffLine(DiffLineKind.Context, 5, 6, "three"),
                new DiffLine(DiffLineKind.Context, 6, 7, "four"),
            ],
            hunk.Lines);
        Assert.Equal((2, 1, DiffFileKind.Changed, "100644"), (file.Added, file.Removed, file.Kind, file.NewMode));
    }

    [Theory]
    [InlineData("similarity index 100%\nrename from old name.txt\nrename to new/name.txt\n", DiffFileKind.Renamed)]
    [InlineData("similarity index 90%\ncopy from old name.txt\ncopy to new/name.txt\n", DiffFileKind.Copied)]
    public void A_move_has_both_names(string headers, DiffFileKind kind)
    {
        var file = Assert.Single(Read("diff --git a/old name.txt b/new/name.txt\n" + headers).Files);

        Assert.Equal(("old name.txt", "new/name.txt", kind), (file.OldPath, file.NewPath, file.Kind));
    }

    [Fact]
    public void A_change_of_mode_alone_is_a_file_without_hunks()
    {
        var file = Assert.Single(Read("diff --git a/my run.sh b/my run.sh\nold mode 100644\nnew mode 100755\n").Files);

        Assert.Equal(("my run.sh", "100644", "100755"), (file.NewPath, file.OldMode, file.NewMode));
        Assert.Empty(file.Hunks);
    }

    [Fact]
    public void New_and_deleted_files_keep_their_one_name()
    {
        var diff = Read("""
            diff --git a/new.txt b/new.txt
            new file mode 100644
            index 0000000..257cc56
            --- /dev/null
            +++ b/new.txt
            @@ -0,0 +1 @@
            +foo
            diff --git a/old.txt b/old.txt
            deleted file mode 100644
            index 257cc56..0000000
            --- a/old.txt
            +++ /dev/null
            @@ -1 +0,0 @@
            -foo

            """);

        Assert.Equal([("new.txt", DiffFileKind.Added, 1, 0), ("old.txt", DiffFileKind.Deleted, 0, 1)], diff.Files.Select(f => (f.NewPath, f.Kind, f.Added, f.Removed)));
        Assert.Equal((1, 1), (diff.Added, diff.Removed));
    }

    [Fact]
    public void An_empty_new_file_is_named_by_the_first_line_alone()
    {
        var file = Assert.Single(Read("diff --git a/a b/c d b/a b/c d\nnew file mode 100644\nindex 0000000..e69de29\n").Files);

        Assert.Equal(("a b/c d", DiffFileKind.Added), (file.NewPath, file.Kind));
    }

    [Fact]
    public void Quoted_paths_are_read_as_the_bytes_they_stand_for()
    {
        var diff = Read("""
            diff --git "a/sch\303\266n\t\"x\".txt" "b/sch\303\266n\t\"x\".txt"
            --- "a/sch\303\266n\t\"x\".txt"
            +++ "b/sch\303\266n\t\"x\".txt"
            @@ -1 +1 @@
            -a
            +b
            diff --git a/plain.txt "b/k\303\244se.txt"
            similarity index 100%
            rename from plain.txt
            rename to "k\303\244se.txt"

            """);

        Assert.Equal(["schön\t\"x\".txt", "käse.txt"], diff.Files.Select(f => f.NewPath));
        Assert.Equal("plain.txt", diff.Files[1].OldPath);
    }

    [Fact]
    public void Binary_files_are_named_whichever_way_git_writes_them()
    {
        var diff = Read("""
            diff --git a/a.png b/a.png
            new file mode 100644
            index 0000000000000000000000000000000000000000..8c7a1
            GIT binary patch
            literal 12
            TcmZQzU|?imU|?W%kN^Mx0RR91

            literal 0
            HcmV?d00001

            diff --git a/b.bin b/b.bin
            index 1..2 100644
            Binary files a/b.bin and b/b.bin differ
            diff --git a/c.bin b/c.bin
            index 1..2 100644
            GIT binary patch
            delta 5
            McmZ<`0|5X600;m8

            delta 5
            McmZ<`0|5X600;m8


            """);

        Assert.Equal([("a.png", true), ("b.bin", true), ("c.bin", true)], diff.Files.Select(f => (f.NewPath, f.IsBinary)));
        Assert.All(diff.Files, f => Assert.Empty(f.Hunks));
    }

    [Fact]
    public void A_missing_line_feed_at_the_end_belongs_to_the_line_above()
    {
        var hunk = Read("diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+x\n").Files[0].Hunks[0];

        Assert.Equal([true, false], hunk.Lines.Select(l => l.EndsFile));
    }

    [Fact]
    public void Carriage_returns_are_kept_and_mixed_endings_are_noticed()
    {
        var file = Read("diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-x\r\n+x\n").Files[0];

        Assert.Equal(["x\r", "x"], file.Hunks[0].Lines.Select(l => l.Text));
        Assert.True(file.HasMixedLineEndings);
    }

    [Fact]
    public void Content_that_looks_like_headers_is_content()
    {
        var file = Assert.Single(Read("diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,3 +1,2 @@\n--- a/x\n-diff --git a/x b/x\n+++ b/y\n @@ -1 +1 @@\n").Files);

        Assert.Equal(["-- a/x", "diff --git a/x b/x", "++ b/y", "@@ -1 +1 @@"], file.Hunks[0].Lines.Select(l => l.Text));
        Assert.Equal("a", file.NewPath);
    }

    [Fact]
    public void A_merge_seen_from_both_parents_is_named_without_lines()
    {
        var file = Assert.Single(Read("diff --cc src/a b.txt\nindex 1,2..3\n--- a/src/a b.txt\n+++ b/src/a b.txt\n@@@ -1,1 -1,1 +1,1 @@@\n- a\n -b\n++c\n").Files);

        Assert.Equal("src/a b.txt", file.NewPath);
        Assert.True(file.IsTooLarge);
    }

    [Fact]
    public void A_hunk_keeps_its_name_when_it_moves_and_loses_it_when_a_line_changes()
    {
        var before = Read(Edit).Files[0].Hunks[0].Hash;

        Assert.Equal(before, Read(Edit.Replace("@@ -3,4 +3,5 @@ heading", "@@ -30,4 +31,5 @@ other", StringComparison.Ordinal)).Files[0].Hunks[0].Hash);
        Assert.NotEqual(before, Read(Edit.Replace("+TWO", "+Two", StringComparison.Ordinal)).Files[0].Hunks[0].Hash);
        Assert.NotEqual(before, Read(Edit.Replace("src/a.txt", "src/b.txt", StringComparison.Ordinal)).Files[0].Hunks[0].Hash);
    }

    [Fact]
    public void One_line_of_two_hundred_megabytes_makes_that_file_too_large_and_no_other()
    {
        var parser = new DiffParser();
        parser.Append(Encoding.UTF8.GetBytes(Edit + "diff --git a/big.json b/big.json\nnew file mode 100644\n--- /dev/null\n+++ b/big.json\n@@ -0,0 +1 @@\n+"));
        var chunk = new byte[1024 * 1024];
        Array.Fill(chunk, (byte)'x');
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 200; i++)
        {
            parser.Append(chunk);
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        parser.Append(Encoding.UTF8.GetBytes("\n" + Edit));
        var diff = parser.Finish();

        Assert.Equal([("src/a.txt", false, 1), ("big.json", true, 0), ("src/a.txt", false, 1)], diff.Files.Select(f => (f.NewPath, f.IsTooLarge, f.Hunks.Count)));
        Assert.Equal(5, diff.Added);
        Assert.InRange(allocated, 0, 1024 * 1024);
    }

    [Fact]
    public void Files_and_bytes_beyond_the_limits_are_counted()
    {
        var parser = new DiffParser(new DiffLimits { Files = 2, TotalBytes = 150 });
        parser.Append(Encoding.UTF8.GetBytes(Edit + Edit + Edit));
        var diff = parser.Finish();

        Assert.Equal([false, true], diff.Files.Select(f => f.IsTooLarge));
        Assert.Equal((1, 6, 3), (diff.FilesLeftOut, diff.Added, diff.Removed));
    }

    [Fact]
    public void A_long_line_is_cut_between_characters_and_says_how_much_is_missing()
    {
        var parser = new DiffParser(new DiffLimits { LineCharacters = 4 });
        parser.Append("diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -0,0 +1 @@\n+abc😀def\n"u8);
        var line = parser.Finish().Files[0].Hunks[0].Lines[0];

        Assert.Equal(("abc", 7), (line.Text, line.LeftOut));
    }

    [Fact]
    public void Where_the_stream_is_cut_does_not_matter() =>
        Prop.ForAll(Gen.Choose(1, 40).ToArbitrary(), size =>
        {
            var parser = new DiffParser();
            foreach (var chunk in Encoding.UTF8.GetBytes(Edit + Edit).Chunk(size))
            {
                parser.Append(chunk);
            }

            return string.Equals(Shape(parser.Finish()), Shape(Read(Edit + Edit)), StringComparison.Ordinal);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_input_makes_it_fail()
    {
        string[] pieces = ["diff --git ", "a/x", "b/x", "\"a/\\3", "\"", "\n", "--- ", "+++ ", "@@ -1,2 +1,2 @@", "@@ -99999999999 +1 @@", "@@@", " x\n", "+y\n", "-z\n", "\\ No\n", "rename from ",
            "diff --cc ", "index ", "GIT binary patch\n", "new file mode ", "\0", "\r", "ä", "@@ -0,0 +1,999999999 @@\n", "\\", "/dev/null"];
        Prop.ForAll(Gen.Elements(pieces).ListOf().ToArbitrary(), parts =>
        {
            var diff = Read(string.Concat(parts));
            return diff.Files.All(f => f.Hunks.All(h => h.Lines.Count <= (long)h.OldCount + h.NewCount));
        }).QuickCheckThrowOnFailure();
        Prop.ForAll<byte[]>(bytes => DiffParser.Parse(bytes) is not null).QuickCheckThrowOnFailure();
    }

    private static Diff Read(string patch) => DiffParser.Parse(Encoding.UTF8.GetBytes(patch));

    private static string Shape(Diff diff) => string.Join('|', diff.Files.SelectMany(f => f.Hunks).Select(h => h.Hash + h.OldStart + string.Join(',', h.Lines)));
}

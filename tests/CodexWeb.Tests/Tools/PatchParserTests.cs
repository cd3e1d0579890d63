using CodexWeb.Agent.Tools;

namespace CodexWeb.Tests.Tools;

public sealed class PatchParserTests
{
    private const string Update = "*** Update File: a.txt\n@@\n-one\n+two\n";

    public static TheoryData<string, string> Wrapped => new()
    {
        { "as it should be", $"*** Begin Patch\n{Update}*** End Patch" },
        { "with a newline at its end", $"*** Begin Patch\n{Update}*** End Patch\n" },
        { "outer white space", $"\n \t\n*** Begin Patch\n{Update}*** End Patch \n\n" },
        { "blanks around the markers", $"  *** Begin Patch \n{Update} *** End Patch  " },
        { "blanks around the header", $"*** Begin Patch\n  {Update}*** End Patch" },
        { "a here-document", $"<<EOF\n*** Begin Patch\n{Update}*** End Patch\nEOF" },
        { "a here-document in single quotes", $"<<'EOF'\n*** Begin Patch\n{Update}*** End Patch\nEOF\n" },
        { "a here-document in double quotes", $"<<\"EOF\"\n\n*** Begin Patch\n{Update}*** End Patch\n\nEOF\n" },
        { "carriage returns", $"*** Begin Patch\n{Update}*** End Patch\n".ReplaceLineEndings("\r\n") },
        { "a byte-order mark", $"\uFEFF*** Begin Patch\n{Update}*** End Patch\n" },
        { "a first chunk without its header", "*** Begin Patch\n*** Update File: a.txt\n-one\n+two\n*** End Patch" },
        { "blanks after the file name and the chunk header", "*** Begin Patch\n*** Update File: a.txt  \n@@  \n-one\n+two\n*** End Patch" },
    };

    [Theory]
    [MemberData(nameof(Wrapped))]
    public void A_sloppy_patch_means_the_same(string way, string text)
    {
        Assert.NotEmpty(way);
        var update = Assert.IsType<PatchHunk.Update>(Assert.Single(PatchParser.Parse(text).Hunks));
        Assert.Equal(("a.txt", null), (update.Path, update.MovedTo));
        var chunk = Assert.Single(update.Chunks);
        Assert.Empty(chunk.Contexts);
        Assert.Equal([new PatchLine(PatchLineKind.Remove, "one"), new PatchLine(PatchLineKind.Add, "two")], chunk.Lines);
        Assert.False(chunk.AtEnd);
    }

    [Theory]
    [InlineData("", "begins with ''")]
    [InlineData("Here is the patch:\n*** Begin Patch\n*** Delete File: a\n*** End Patch", "begins with 'Here is the patch:'")]
    [InlineData("```\n*** Begin Patch\n*** Delete File: a\n*** End Patch\n```", "begins with '```'")]
    [InlineData("*** begin patch\n*** Delete File: a\n*** end patch", "begins with '*** begin patch'")]
    [InlineData("*** Begin Patch", "The last line of a patch is '*** End Patch'")]
    [InlineData("*** Begin Patch\n*** Delete File: a", "this text ends with '*** Delete File: a'")]
    [InlineData("*** Begin Patch\n*** Delete File: a\n*** End Patch\nDone.", "Line 4 of the patch: there is text after '*** End Patch'")]
    [InlineData("*** Begin Patch\n*** Delete File: a\n*** End Patch\n*** Begin Patch\n*** Delete File: b\n*** End Patch", "Line 4 of the patch: there is text after '*** End Patch'")]
    [InlineData("*** Begin Patch\n*** End Patch", "The patch has no hunk")]
    [InlineData("*** Begin Patch\n\n*** Delete File: a\n*** End Patch", "Line 2 of the patch, ''")]
    [InlineData("*** Begin Patch\n*** delete file: a\n*** End Patch", "Line 2 of the patch, '*** delete file: a'")]
    [InlineData("*** Begin Patch\n*** Delete File:\n*** End Patch", "Line 2 of the patch: '*** Delete File:' names no file")]
    [InlineData("*** Begin Patch\n*** Delete File:a\n*** End Patch", "Line 2 of the patch, '*** Delete File:a'")]
    [InlineData("*** Begin Patch\n*** Delete File: a\n-one\n*** End Patch", "Line 3 of the patch, '-one'")]
    [InlineData("*** Begin Patch\n*** Add File: a\n+one\n\n+two\n*** End Patch", "Line 4 of the patch, '': every line of an added file begins with '+'")]
    [InlineData("*** Begin Patch\n*** Add File: a\none\n*** End Patch", "Line 3 of the patch, 'one'")]
    [InlineData("*** Begin Patch\n*** Update File: a\n*** End Patch", "Line 2 of the patch: the update of a has no lines")]
    [InlineData("*** Begin Patch\n*** Update File: a\n*** Move to: b\n*** End Patch", "Line 2 of the patch: the update of a has no lines")]
    [InlineData("*** Begin Patch\n*** Update File: a\n@@ class A\n*** End Patch", "Line 3 of the patch: the chunk has no lines")]
    [InlineData("*** Begin Patch\n*** Update File: a\n*** End of File\n*** End Patch", "Line 3 of the patch: the chunk has no lines")]
    [InlineData("*** Begin Patch\n*** Update File: a\n@@class A\n-one\n*** End Patch", "Line 3 of the patch, '@@class A'")]
    [InlineData("*** Begin Patch\n*** Update File: a\n-one\n\ttwo\n*** End Patch", "Line 4 of the patch, '\ttwo'")]
    [InlineData("*** Begin Patch\n*** Update File: a\n-one\n*** Move to: b\n*** End Patch", "Line 4 of the patch, '*** Move to: b'")]
    [InlineData("*** Begin Patch\n*** Update File: a\n-one\n*** End of File\n-two\n*** End Patch", "Line 5 of the patch, '-two': after '*** End of File' a chunk begins with '@@'")]
    public void What_is_no_patch_is_refused_with_the_line(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<PatchException>(() => PatchParser.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_whole_patch_is_read_hunk_by_hunk()
    {
        var patch = PatchParser.Parse("""
            *** Begin Patch
            *** Add File: docs/new file.md
            +# Title
            +
            ++plus
            *** Add File: empty
            *** Update File: a.cs
            *** Move to: b.cs
            @@ class A
            @@     void M()
                 {

            -        One();
            +        Two();
            @@
             last
            *** End of File

            *** Delete File: c.cs
            *** End Patch
            """);

        Assert.Equal(["docs/new file.md", "empty", "a.cs", "c.cs"], patch.Hunks.Select(hunk => hunk.Path));
        Assert.Equal([2, 6, 7, 19], patch.Hunks.Select(hunk => hunk.Line));
        Assert.Equal(["# Title", "", "+plus"], ((PatchHunk.Add)patch.Hunks[0]).Lines);
        Assert.Empty(((PatchHunk.Add)patch.Hunks[1]).Lines);
        var update = (PatchHunk.Update)patch.Hunks[2];
        Assert.Equal("b.cs", update.MovedTo);
        Assert.Equal(["class A", "    void M()"], update.Chunks[0].Contexts);
        Assert.Equal(
            [
                new PatchLine(PatchLineKind.Context, "    {"),
                new PatchLine(PatchLineKind.Context, ""),
                new PatchLine(PatchLineKind.Remove, "        One();"),
                new PatchLine(PatchLineKind.Add, "        Two();"),
            ],
            update.Chunks[0].Lines);
        Assert.Equal((false, true), (update.Chunks[0].AtEnd, update.Chunks[1].AtEnd));
        Assert.Empty(update.Chunks[1].Contexts);
    }

    [Fact]
    public void A_marker_after_a_blank_is_context_inside_an_update()
    {
        var patch = PatchParser.Parse("*** Begin Patch\n*** Update File: a\n *** Delete File: b\n-*** End Patch\n+@@\n*** End Patch");

        var update = Assert.IsType<PatchHunk.Update>(Assert.Single(patch.Hunks));
        Assert.Equal(
            [new PatchLine(PatchLineKind.Context, "*** Delete File: b"), new PatchLine(PatchLineKind.Remove, "*** End Patch"), new PatchLine(PatchLineKind.Add, "@@")],
            Assert.Single(update.Chunks).Lines);
    }

    // Not with the others: attributes cannot hold half of a pair.
    [Fact]
    public void Half_of_a_surrogate_pair_is_refused() =>
        Assert.Contains("surrogate", Assert.Throws<PatchException>(() => PatchParser.Parse("*** Begin Patch\n*** Add File: a\n+\uD800\n*** End Patch")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_patch_of_too_many_hunks_or_characters_is_refused()
    {
        var hunks = string.Concat(Enumerable.Repeat("*** Delete File: a\n", PatchParser.MaxHunks + 1));

        Assert.Contains("5,000 hunks", Assert.Throws<PatchException>(() => PatchParser.Parse($"*** Begin Patch\n{hunks}*** End Patch")).Message, StringComparison.Ordinal);
        Assert.Contains("longer than", Assert.Throws<PatchException>(() => PatchParser.Parse(new string('x', PatchParser.MaxLength + 1))).Message, StringComparison.Ordinal);
    }
}

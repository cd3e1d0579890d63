using System.Text;

namespace CodexWeb.Tests.Tools;

/// <summary>What an update makes of one file: where its lines are found, and which bytes come out.</summary>
public sealed class PatchUpdateTests
{
    public static TheoryData<string, string, string, string> Cases => new()
    {
        // name, file, body of the update, expected file
        { "one line is replaced", "one\ntwo\nthree\n", "@@\n-two\n+2", "one\n2\nthree\n" },
        { "context above and below stays", "one\ntwo\nthree\n", " one\n-two\n+2\n three", "one\n2\nthree\n" },
        { "several chunks in the order of the file", "a\nb\na\nb\na\nb\n", "@@\n-b\n+1\n@@\n-b\n+2", "a\n1\na\n2\na\nb\n" },
        { "lines are only taken out", "one\ntwo\nthree\n", " one\n-two\n three", "one\nthree\n" },
        { "all lines are taken out", "one\ntwo\n", "-one\n-two", "" },
        { "a file gets a newline at its end", "one\ntwo", "-one\n+1", "1\ntwo\n" },
        { "the replaced last line gets a newline", "one", "-one\n+1\n+2", "1\n2\n" },
        { "an empty file is filled", "", "+one", "one\n" },
        { "additions alone go to the end", "one\ntwo\n", "@@\n+three\n+four", "one\ntwo\nthree\nfour\n" },
        { "additions alone go after a last line without newline", "one\ntwo", "+three", "one\ntwo\nthree\n" },
        { "additions alone go after the line of their context", "one\ntwo\nthree\n", "@@ two\n+2b", "one\ntwo\n2b\nthree\n" },
        { "additions at the end do not move the cursor", "one\ntwo\n", "@@\n+three\n@@\n-one\n+1", "1\ntwo\nthree\n" },
        { "two additions after one context keep their order", "one\ntwo\n", "@@ one\n+a\n@@\n-two\n+b", "one\na\nb\n" },
        { "additions with an end-of-file marker go to the end", "one\ntwo\n", "@@ one\n+three\n*** End of File", "one\ntwo\nthree\n" },
        { "a context line narrows the place", "a()\n  x\nb()\n  x\n", "@@ b()\n-  x\n+  y", "a()\n  x\nb()\n  y\n" },
        { "a context line is found without its indentation", "class A\n    b()\n      x\n", "@@ b()\n-      x\n+      y", "class A\n    b()\n      y\n" },
        { "stacked context lines narrow it further", "class A\n  run\n    x\nclass B\n  go\n    x\n  run\n    x\n", "@@ class B\n@@   run\n-    x\n+    y", "class A\n  run\n    x\nclass B\n  go\n    x\n  run\n    y\n" },
        { "a bare header between stacked ones says nothing", "class A\n  x\nclass B\n  x\n", "@@\n@@ class B\n-  x\n+  y", "class A\n  x\nclass B\n  y\n" },
        { "the end-of-file marker means the last ones", "x\ny\nx\n", "-x\n+z\n*** End of File", "x\ny\nz\n" },
        { "blank lines after the end-of-file marker say nothing", "x\ny\nx\n", "-x\n+z\n*** End of File\n\n  \n", "x\ny\nz\n" },
        { "an exact line below beats a loose one above", "\tx = 1\nx = 1\n", "-x = 1\n+x = 2", "\tx = 1\nx = 2\n" },
        { "an exact line below beats one with trailing space above", "x  \nx\n", "-x\n+y", "x  \ny\n" },
        { "plain quotes below beat typographic ones above", "“x”\n  \"x\"\n", "-\"x\"\n+y", "“x”\ny\n" },
        { "a line without trailing space beats an indented one", "  x\nx  \n", "-x\n+y", "  x\ny\n" },
        { "trailing white space is overlooked", "one  \ntwo\t\nthree\n", " one\n-two\n+2\n three", "one  \n2\nthree\n" },
        { "indentation is overlooked, and kept where the line stays", "\tif (x)\n\t\ty();\n", " if (x)\n-  y();\n+\t\tz();", "\tif (x)\n\t\tz();\n" },
        { "typographic dashes", "a – b — c − d\n\u2010\u2011\u2012\u2015\n", " a - b - c - d\n-----\n+x", "a – b — c − d\nx\n" },
        { "typographic quotes", "‘a’ ‚b‛ “c” „d‟\n", "-'a' 'b' '' \"c\" \"d\"\n+x", null! },
        { "typographic quotes, each for its plain one", "‘a’ ‚b‛ “c” „d‟\nend\n", " 'a' 'b' \"c\" \"d\"\n-end\n+x", "‘a’ ‚b‛ “c” „d‟\nx\n" },
        { "typographic spaces", "a\u00A0b\u2002c\u200Ad\u202Fe\u205Ff\u3000g\nend\n", " a b c d e f g\n-end\n+x", "a\u00A0b\u2002c\u200Ad\u202Fe\u205Ff\u3000g\nx\n" },
        { "an empty last context line that is not there", "one\ntwo\n", "-one\n+1\n", "1\ntwo\n" },
        { "an empty last context line at the end of the file", "one\ntwo\n", " one\n-two\n+2\n \n*** End of File", "one\n2\n" },
        { "an empty last line replaced by one", "one\n", "-one\n-\n+1\n+", "1\n" },
        { "an empty line that is not there before additions", "one\n", " one\n \n+two", "one\n\ntwo\n" },
        { "an empty last line that is there counts", "one\n\nthree\none\nfour\n", "-one\n-", "three\none\nfour\n" },
        { "an empty line inside is an empty context line", "one\n\ntwo\n", " one\n\n-two\n+2", "one\n\n2\n" },
        { "added lines take the file's line ending", "one\r\ntwo\r\n", "-one\n+1\n+1b", "1\r\n1b\r\ntwo\r\n" },
        { "carriage returns of the patch do not count", "one\ntwo\n", "-one\r\n+1\r", "1\ntwo\n" },
        { "a missing newline at the end is made in the file's own way", "one\r\ntwo", "-one\n+1", "1\r\ntwo\r\n" },
        { "untouched lines keep their own ending", "one\r\ntwo\nthree\r\n", "-three\n+3", "one\r\ntwo\n3\r\n" },
        { "a carriage return inside a line is part of it", "one\rtwo\nthree\n", "-three\n+3", "one\rtwo\n3\n" },
        { "a byte-order mark does not hide the first line", "\uFEFFone\ntwo\n", "-one\n+1", "\uFEFF1\ntwo\n" },
        { "a byte-order mark the model repeats is not doubled", "\uFEFFone\ntwo\n", "-\uFEFFone\n+\uFEFF1", "\uFEFF1\ntwo\n" },
        { "a byte-order mark goes with the last line", "\uFEFFone\n", "-one", "" },
        { "context alone changes nothing", "one\ntwo\n", " one\n two", "one\ntwo\n" },
        { "a line of stars and at signs is content", "*** End Patch\n@@ x\n", " *** End Patch\n-@@ x\n+@@ y", "*** End Patch\n@@ y\n" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task An_update_makes_exactly_these_bytes(string name, string file, string body, string? expected)
    {
        Assert.NotEmpty(name);
        using var folder = new PatchFolder();
        folder["f.txt"] = file;
        var patch = $"*** Begin Patch\n*** Update File: f.txt\n{body}\n*** End Patch";

        if (expected is null)
        {
            await folder.RefuseAsync(patch);
            return;
        }

        await folder.ApplyAsync(patch);

        Assert.Equal(Encoding.UTF8.GetBytes(expected), folder.Bytes("f.txt"));
    }

    [Theory]
    [InlineData("one\ntwo\n", "-zwei", "chunk 1 (line 3 of the patch): the file does not hold these lines one after the other. Expected:\n    zwei\nThe closest place in the file, from line 1 of 2:\n    1: one\n    2: two\n")]
    [InlineData("a\nb\nc\nd\ne\n", "-b\n+B\n@@\n c\n-x\n e", "chunk 2 (line 5 of the patch): the file does not hold these lines one after the other at or below its line 3. Expected:\n    c\n    x\n    e\nThe closest place in the file, from line 3 of 5:\n    3: c\n    4: d\n    5: e\n")]
    [InlineData("a\nb\nc\n", "-b\n+B\n@@\n-a", "its lines stand at line 1 of the file, above line 3 where the search began")]
    [InlineData("a\nb\nc\n", "-b\n*** End of File", "its lines stand at line 2 of the file, but '*** End of File' says they are its last. Expected at the end:\n    b\nThe closest place in the file, from line 3 of 3:\n    3: c\n")]
    [InlineData("class Apple\n  x\nclass Pear\n", "@@ class Aple\n-  x", "the file has no such line. Expected for '@@':\n    class Aple\nThe closest place in the file, from line 1 of 3:\n    1: class Apple\n")]
    [InlineData("", "-one", "Expected:\n    one\nThe file is empty.")]
    [InlineData("\u001b[31mred\n", "-blue", "1: \\u001b[31mred")]
    [InlineData("one\n", "-", "the file does not hold these lines")]
    public async Task A_chunk_without_a_place_is_refused_with_what_the_file_holds_there(string file, string body, string reason)
    {
        using var folder = new PatchFolder();
        folder["f.txt"] = file;

        var refusal = await folder.RefuseAsync($"*** Begin Patch\n*** Update File: f.txt\n{body}\n*** End Patch");

        Assert.StartsWith("Hunk 1, Update File: f.txt (line 2 of the patch): chunk ", refusal, StringComparison.Ordinal);
        Assert.Contains(reason, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_line_of_the_file_is_cut_in_the_refusal()
    {
        using var folder = new PatchFolder();
        folder["f.txt"] = new string('x', 100_000);

        Assert.True((await folder.RefuseAsync("*** Begin Patch\n*** Update File: f.txt\n-y\n*** End Patch")).Length < 1_000);
    }

    [Fact]
    public async Task A_file_of_equal_lines_is_searched_in_linear_time()
    {
        using var folder = new PatchFolder();
        folder["f.txt"] = string.Concat(Enumerable.Repeat("a\n", 200_000)) + "b\n";
        var lines = string.Concat(Enumerable.Repeat("-a\n", 50_000));

        var result = await folder.ApplyAsync($"*** Begin Patch\n*** Update File: f.txt\n{lines}-b\n*** End Patch");

        Assert.Equal(50_001, Assert.Single(result.Changes).Removed);
        Assert.Equal(300_000, folder.Bytes("f.txt").Length);
    }

    [Fact]
    public async Task A_patch_made_to_be_slow_is_given_up()
    {
        using var folder = new PatchFolder();
        folder["f.txt"] = string.Concat(Enumerable.Repeat("a\n", 200_000)) + " z\n";
        var hunks = string.Concat(Enumerable.Repeat("*** Update File: f.txt\n@@ z\n+y\n", 300));

        Assert.Contains("takes too long", await folder.RefuseAsync($"*** Begin Patch\n{hunks}*** End Patch"), StringComparison.Ordinal);
    }
}

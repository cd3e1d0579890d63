using System.Text;
using CodexWeb.Review;

namespace CodexWeb.Tests.Review;

public sealed class DiffRowsTests
{
    private static readonly DiffHunk Hunk = DiffParser.Parse(Encoding.UTF8.GetBytes("""
        diff --git a/a b/a
        --- a/a
        +++ b/a
        @@ -1,4 +1,4 @@
         same
        -one
        -two
        +uno
         same
        +a line that is longer than the others

        """)).Files[0].Hunks[0];

    [Fact]
    public void Unified_rows_are_the_lines() =>
        Assert.Equal([(null, 0), (1, null), (2, null), (null, 3), (null, 4), (null, 5)], new DiffLayout(Split: false, Wrap: 0).Rows(Hunk).Select(r => (r.Left, r.Right)));

    [Fact]
    public void Split_rows_put_the_first_removed_line_beside_the_first_added_one() =>
        Assert.Equal([(0, 0), (1, 3), (2, null), (4, 4), (null, 5)], new DiffLayout(Split: true, Wrap: 0).Rows(Hunk).Select(r => (r.Left, r.Right)));

    [Fact]
    public void A_line_longer_than_the_columns_takes_more_rows()
    {
        var layout = new DiffLayout(Split: false, Wrap: 20);

        Assert.Equal([0, 0, 0, 0, 0, 0, 1], layout.Rows(Hunk).Select(r => r.Part));
        Assert.Equal(7, layout.Count(Hunk));
    }

    [Theory]
    [InlineData("abcdef", 4, new[] { "abcd", "ef" })]
    [InlineData("\tab", 4, new[] { "\t", "ab" })]
    [InlineData("漢字かな", 4, new[] { "漢字", "かな" })]
    [InlineData("a😀b", 2, new[] { "a", "😀", "b" })]
    [InlineData("", 4, new[] { "" })]
    [InlineData("abc", 0, new[] { "abc" })]
    public void Lines_are_wrapped_between_characters_by_their_width(string text, int columns, string[] parts)
    {
        var read = Enumerable.Range(0, TextWrap.CountParts(text, columns)).Select(p => TextWrap.Part(text, columns, p)).Select(p => text.Substring(p.Start, p.Length));

        Assert.Equal(parts, read);
    }

    [Fact]
    public void Changed_words_are_marked_on_both_sides()
    {
        var (before, after) = WordMarks.Compare("return total * rate;", "return total * (rate + 1);");

        Assert.Equal(("return total * rate;", "return total * [(]rate[ + 1)];"), (Marked("return total * rate;", before), Marked("return total * (rate + 1);", after)));
    }

    [Fact]
    public void Lines_that_have_nothing_in_common_get_no_marks()
    {
        var (before, after) = WordMarks.Compare("alpha beta", "gamma,delta");

        Assert.Empty(before);
        Assert.Empty(after);
    }

    [Fact]
    public void Without_white_space_an_indented_line_is_the_same_line()
    {
        var diff = DiffParser.Parse(Encoding.UTF8.GetBytes("""
            diff --git a/a b/a
            --- a/a
            +++ b/a
            @@ -1,3 +1,4 @@
            -if (x)
            -go();
            +if (x) {
            +    go();
            +}
             end
            @@ -9 +10 @@
            -	tab
            +    tab

            """));

        var file = Assert.Single(WhiteSpace.Ignore(diff).Files);

        var hunk = Assert.Single(file.Hunks);
        Assert.Equal(
            [(DiffLineKind.Removed, 1, null), (DiffLineKind.Added, null, 1), (DiffLineKind.Context, 2, 2), (DiffLineKind.Added, null, 3), (DiffLineKind.Context, 3, 4)],
            hunk.Lines.Select(l => (l.Kind, l.OldNumber, l.NewNumber)));
        Assert.Equal((2, 1), (file.Added, file.Removed));
    }

    [Fact]
    public void A_file_that_differs_in_white_space_alone_is_left_out()
    {
        var diff = DiffParser.Parse("diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-x y\n+xy\n"u8);

        Assert.Equal((0, 0, 0), (WhiteSpace.Ignore(diff).Files.Count, WhiteSpace.Ignore(diff).Added, WhiteSpace.Ignore(diff).Removed));
    }

    [Theory]
    [InlineData("src/Shop/Cart.cs", FileGroup.Main)]
    [InlineData("src/latest/contest.py", FileGroup.Main)]
    [InlineData("tests/cart.py", FileGroup.Tests)]
    [InlineData("Shop.Tests/Cart.cs", FileGroup.Tests)]
    [InlineData("src/cart_test.go", FileGroup.Tests)]
    [InlineData("t/money.t", FileGroup.Tests)]
    [InlineData("web/app.min.js", FileGroup.Generated)]
    [InlineData("web/package-lock.json", FileGroup.Locks)]
    public void Files_are_grouped_by_what_they_are_to_a_reviewer(string path, FileGroup group) => Assert.Equal(group, FileGroups.Of(path));

    private static string Marked(string text, int[] marks)
    {
        for (var i = marks.Length - 2; i >= 0; i -= 2)
        {
            text = text.Insert(marks[i] + marks[i + 1], "]").Insert(marks[i], "[");
        }

        return text;
    }
}

using CodexWeb.Ui.Markup;
using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace CodexWeb.Tests.Ui;

public sealed class OutgoingMarkdownTests
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePreciseSourceLocation().UsePipeTables().Build();

    [Theory]
    [InlineData("Thanks to @ana and @acme/web.", "Thanks to `@ana` and `@acme/web`.")]
    [InlineData("Mail ada@example.org stays.", "Mail ada@example.org stays.")]
    [InlineData("Fixes #12, closes acme/shop#3 and resolves GH-4.", "Fixes `#12`, closes `acme/shop#3` and resolves `GH-4`.")]
    [InlineData("Closes https://github.com/acme/shop/issues/12.", "Closes `https://github.com/acme/shop/issues/12.`")]
    [InlineData("In `@code` and\n\n```\n@fence #1\n```\n", "In `@code` and\n\n```\n@fence #1\n```\n")]
    [InlineData("A <b>bold</b> word<!-- @ana -->", "A &lt;b>bold&lt;/b> word&lt;!-- `@ana` -->")]
    [InlineData("By number &#64;ana and &commat;bob, &#35;12", "By number `@ana` and `@bob`, `#12`")]
    [InlineData("Escaped \\@ana", "Escaped `@ana`")]
    [InlineData("A stray ` before @ana", "A stray ' before `@ana`")]
    [InlineData("# 12 things\n\n1 < 2 and a & b", "# 12 things\n\n1 < 2 and a & b")]
    public void Mentions_references_and_html_lose_their_effect(string text, string expected) =>
        Assert.Equal(expected, OutgoingMarkdown.Neutralise(text));

    [Theory]
    [InlineData("<a title=\"`\"> `@ana`")]
    [InlineData("`` ` `` ` @ana ` @bob")]
    [InlineData("<div>\n`\n</div>\n\n`@ana")]
    [InlineData("&#96;@ana&#96; \\`@ana\\`")]
    [InlineData("[x](<@ana>) ![@bob](/x) |@eve|\n|-|\n|@eve|")]
    [InlineData("~~~\n@in\n~~~\n@out")]
    public void Whatever_the_text_does_with_its_backticks_no_mention_is_left_outside_of_code(string text)
    {
        var safe = OutgoingMarkdown.Neutralise(text);

        // Asked of the library itself: what is left as plain text, and not as code.
        var plain = Markdig.Markdown.ToPlainText(StripCode(safe));
        Assert.DoesNotContain("@", plain, StringComparison.Ordinal);
        Assert.Equal(safe, OutgoingMarkdown.Neutralise(safe));
    }

    [Theory]
    [InlineData("src/a.cs", "`src/a.cs`")]
    [InlineData("a`b", "``a`b``")]
    [InlineData("`a`", "`` `a` ``")]
    [InlineData("a\nb", "`a␊b`")]
    public void Any_line_can_be_code(string line, string expected) => Assert.Equal(expected, OutgoingMarkdown.Code(line));

    private static string StripCode(string markdown)
    {
        var document = Markdig.Markdown.Parse(markdown, Pipeline);
        foreach (var part in document.Descendants().Where(part => part is CodeInline or CodeBlock).OrderByDescending(part => part.Span.Start))
        {
            markdown = markdown.Remove(part.Span.Start, part.Span.Length);
        }

        return markdown;
    }
}

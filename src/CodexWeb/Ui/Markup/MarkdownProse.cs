using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace CodexWeb.Ui.Markup;

/// <summary>A Markdown text taken apart by who speaks.</summary>
/// <param name="Prose">The text, with code, quotes and HTML blanked out: what is left the writer says in plain words. As long as the text.</param>
/// <param name="Own">The text with quotes and HTML comments blanked out. As long as the text.</param>
public sealed record MarkdownProse(string Prose, string Own)
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePreciseSourceLocation().UsePipeTables().Build();

    /// <summary>Takes a text apart; null for one nobody writes, nested too deeply or with too many links.</summary>
    public static MarkdownProse? Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var source = text.ReplaceLineEndings("\n");
        return Markdown.Guarded(source, Pipeline, document =>
        {
            var prose = source.ToCharArray();
            var own = source.ToCharArray();
            foreach (var part in document.Descendants())
            {
                if (part is QuoteBlock or HtmlBlock or HtmlInline)
                {
                    Blank(own, part.Span);
                    Blank(prose, part.Span);
                }
                else if (part is CodeBlock or CodeInline)
                {
                    Blank(prose, part.Span);
                }
            }

            return new MarkdownProse(new string(prose), new string(own));
        });
    }

    private static void Blank(char[] text, SourceSpan span)
    {
        for (var at = Math.Max(0, span.Start); at <= span.End && at < text.Length; at++)
        {
            text[at] = text[at] == '\n' ? '\n' : ' ';
        }
    }
}

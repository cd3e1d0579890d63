using System.Globalization;
using Markdig.Extensions.Tables;
using Markdig.Extensions.TaskLists;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;

namespace CodexWeb.Ui.Markup.Rendering;

/// <summary>The page has the first two levels of headings.</summary>
internal sealed class DemotedHeading : HtmlObjectRenderer<HeadingBlock>
{
    protected override void Write(HtmlRenderer renderer, HeadingBlock obj)
    {
        var level = Math.Clamp(obj.Level + 2, 3, 6).ToString(CultureInfo.InvariantCulture);
        renderer.EnsureLine();
        renderer.Write("<h").Write(level).Write(">").WriteLeafInline(obj).Write("</h").Write(level).WriteLine(">");
    }
}

/// <summary>Code: text, with the language as a class for colours when it is a plain word.</summary>
internal sealed class CodeForm : HtmlObjectRenderer<CodeBlock>
{
    private const int LongestLanguage = 24;

    protected override void Write(HtmlRenderer renderer, CodeBlock obj)
    {
        renderer.EnsureLine();
        renderer.Write("<pre tabindex=\"0\"><code");
        if (Language((obj as FencedCodeBlock)?.Info) is { } language)
        {
            renderer.Write(" class=\"language-").Write(language).Write("\"");
        }

        renderer.Write(">").WriteLeafRawLines(obj, writeEndOfLines: true, escape: true).WriteLine("</code></pre>");
    }

    private static string? Language(string? info) =>
        info is { Length: > 0 and <= LongestLanguage } && info.All(character => char.IsAsciiLetterOrDigit(character) || character is '+' or '#' or '-' or '_') ? info.ToLowerInvariant() : null;
}

/// <summary>A box of a task list, drawn.</summary>
internal sealed class TaskForm : HtmlObjectRenderer<TaskList>
{
    protected override void Write(HtmlRenderer renderer, TaskList obj) => renderer.Write(obj.Checked
        ? "<span class=\"task done\" role=\"img\" aria-label=\"done\">✓</span>"
        : "<span class=\"task\" role=\"img\" aria-label=\"to do\"></span>");
}

/// <summary>A table, its columns aligned by class.</summary>
internal sealed class TableForm : HtmlObjectRenderer<Table>
{
    protected override void Write(HtmlRenderer renderer, Table obj)
    {
        renderer.EnsureLine();
        renderer.WriteLine("<div class=\"table\" tabindex=\"0\"><table>");
        foreach (var row in obj.OfType<TableRow>())
        {
            renderer.Write("<tr>");
            foreach (var (index, cell) in row.OfType<TableCell>().Index())
            {
                var name = row.IsHeader ? "th" : "td";
                renderer.Write("<").Write(name).Write(ClassOf(obj, index)).Write(">");
                var implicitBefore = renderer.ImplicitParagraph;
                renderer.ImplicitParagraph = cell is [ParagraphBlock];
                renderer.WriteChildren(cell);
                renderer.ImplicitParagraph = implicitBefore;
                renderer.Write("</").Write(name).Write(">");
            }

            renderer.WriteLine("</tr>");
        }

        renderer.WriteLine("</table></div>");
    }

    private static string ClassOf(Table table, int column) =>
        (column < table.ColumnDefinitions.Count ? table.ColumnDefinitions[column].Alignment : null) switch
        {
            TableColumnAlign.Right => " class=\"right\"",
            TableColumnAlign.Center => " class=\"center\"",
            _ => "",
        };
}

using Markdig.Extensions.Tables;
using Markdig.Extensions.TaskLists;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Renderers.Html.Inlines;

namespace CodexWeb.Ui.Markup.Rendering;

/// <summary>Writes the HTML of a document. Every element that can carry an address, a style or a name from the text has a form of our own.</summary>
internal sealed class SafeHtmlRenderer(TextWriter writer, CitationLinks? links) : HtmlRenderer(writer)
{
    /// <summary>Where citations lead; null to show them as labels.</summary>
    public CitationLinks? Links { get; } = links;

    /// <summary>True within a link: a link in a link is text.</summary>
    public bool InsideLink { get; set; }

    /// <summary>Puts our forms in the place of the library's; to be called after the pipeline has set up its own.</summary>
    public void UseSafeForms()
    {
        ObjectRenderers.ReplaceOrAdd<HeadingRenderer>(new DemotedHeading());
        ObjectRenderers.ReplaceOrAdd<CodeBlockRenderer>(new CodeForm());
        ObjectRenderers.ReplaceOrAdd<LinkInlineRenderer>(new LinkForm());
        ObjectRenderers.ReplaceOrAdd<AutolinkInlineRenderer>(new AutolinkForm());
        ObjectRenderers.ReplaceOrAdd<HtmlEntityInlineRenderer>(new EntityForm());
        ObjectRenderers.ReplaceOrAdd<LiteralInlineRenderer>(new LiteralForm());
        ObjectRenderers.ReplaceOrAdd<HtmlTaskListRenderer>(new TaskForm());
        ObjectRenderers.ReplaceOrAdd<HtmlTableRenderer>(new TableForm());
        ObjectRenderers.Add(new CitationForm());
    }
}

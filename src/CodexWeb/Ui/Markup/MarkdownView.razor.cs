using Microsoft.AspNetCore.Components;

namespace CodexWeb.Ui.Markup;

/// <summary>A Markdown text from outside.</summary>
public sealed partial class MarkdownView : ComponentBase
{
    private string? _renderedText;
    private CitationLinks? _renderedLinks;
    private bool _renderedStreaming;
    private string _html = "";

    /// <summary>The text.</summary>
    [Parameter, EditorRequired]
    public string Text { get; set; } = "";

    /// <summary>Where citations lead; null to show them as labels. Keep the object: another one renders anew.</summary>
    [Parameter]
    public CitationLinks? Citations { get; set; }

    /// <summary>True while the text still grows.</summary>
    [Parameter]
    public bool Streaming { get; set; }

    private RenderFragment Content => builder => builder.AddMarkupContent(0, _html);

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (string.Equals(_renderedText, Text, StringComparison.Ordinal) && ReferenceEquals(_renderedLinks, Citations) && _renderedStreaming == Streaming)
        {
            return;
        }

        (_renderedText, _renderedLinks, _renderedStreaming) = (Text, Citations, Streaming);
        _html = Markdown.ToHtml(Streaming ? Markdown.WithoutUnfinished(Text) : Text, Citations);
    }
}

using Microsoft.AspNetCore.Components;

namespace CodexWeb.Ui.Markup;

/// <summary>A terminal's output, with its colours.</summary>
public sealed partial class AnsiView : ComponentBase
{
    private string? _rendered;
    private string _html = "";

    /// <summary>The output as it came.</summary>
    [Parameter, EditorRequired]
    public string Text { get; set; } = "";

    /// <summary>What it is, for those who hear the page.</summary>
    [Parameter]
    public string Label { get; set; } = "Output";

    private RenderFragment Content => builder => builder.AddMarkupContent(0, _html);

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (!string.Equals(_rendered, Text, StringComparison.Ordinal))
        {
            _rendered = Text;
            _html = AnsiText.ToHtml(Text);
        }
    }
}

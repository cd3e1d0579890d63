using Markdig.Helpers;
using Markdig.Parsers;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace CodexWeb.Ui.Markup;

/// <summary>A citation within Markdown. Code does not hold any: there it is text.</summary>
internal sealed class CitationInline(Citation citation) : LeafInline
{
    /// <summary>What is cited.</summary>
    public Citation Citation { get; } = citation;
}

/// <summary>Finds citations.</summary>
internal sealed class CitationInlineParser : InlineParser
{
    public CitationInlineParser() => OpeningCharacters = ['【'];

    /// <inheritdoc/>
    public override bool Match(InlineProcessor processor, ref StringSlice slice)
    {
        if (Citation.ReadAt(slice.AsSpan(), out var length) is not { } citation)
        {
            return false;
        }

        var start = processor.GetSourcePosition(slice.Start, out var line, out var column);
        processor.Inline = new CitationInline(citation) { Span = new SourceSpan(start, start + length - 1), Line = line, Column = column };
        slice.Start += length;
        return true;
    }
}

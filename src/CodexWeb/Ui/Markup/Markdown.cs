using System.Globalization;
using System.Net;
using CodexWeb.Ui.Markup.Rendering;
using Markdig;
using Markdig.Extensions.EmphasisExtras;
using Markdig.Syntax;

namespace CodexWeb.Ui.Markup;

/// <summary>
/// Markdown from outside as HTML that can do no harm: no HTML of its own, no images, links to http, https and mail addresses alone and with their host shown,
/// hidden characters written out.
/// </summary>
public static class Markdown
{
    /// <summary>Characters that are rendered at most; what comes after is left out, and the page says so.</summary>
    public const int LongestText = 1 << 20;

    private const int LinksInAParagraph = 2_000;

    private static readonly MarkdownPipeline Pipeline = Build();

    /// <summary>The HTML of a text.</summary>
    /// <param name="links">Where citations lead; null to show them as labels without a link.</param>
    public static string ToHtml(string text, CitationLinks? links)
    {
        ArgumentNullException.ThrowIfNull(text);
        var shown = PlainText.Reveal(Shortened(text).ReplaceLineEndings("\n"));
        var html = Guarded(shown, Pipeline, document => Render(document, links)) ?? AsItIs(shown);
        return text.Length <= LongestText ? html
            : html + string.Create(CultureInfo.InvariantCulture, $"<p class=\"cut\">The text goes on: only the first {LongestText:N0} of {text.Length:N0} characters are shown.</p>\n");
    }

    /// <summary>The citations of a text, in order; those within code are not meant.</summary>
    public static IReadOnlyList<CitationPlace> CitationsIn(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Guarded(Shortened(text), Pipeline, document => document.Descendants<CitationInline>()
            .Select(inline => new CitationPlace(inline.Citation, inline.Span.Start, inline.Span.Length))
            .Where(place => text.AsSpan(place.Start, place.Length) is ['【', .., '】'])
            .OrderBy(place => place.Start)
            .ToList()) ?? [];
    }

    /// <summary>A text that still grows, without the beginning of a citation at its end: it would show for a moment and vanish.</summary>
    public static string WithoutUnfinished(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var open = text.LastIndexOf('【');
        return open >= 0 && text.Length - open < 500 && text.IndexOf('】', open) < 0 ? text[..open] : text;
    }

    private static string Shortened(string text) =>
        text.Length <= LongestText ? text : text[..(char.IsHighSurrogate(text[LongestText - 1]) ? LongestText - 1 : LongestText)];

    private static string AsItIs(string text) =>
        $"<pre tabindex=\"0\">{WebUtility.HtmlEncode(text)}</pre>\n<p class=\"cut\">Shown as plain text: it is nested too deeply or has too many links in one paragraph.</p>\n";

    // Null for a text nobody writes: nested deeper than the library accepts, or made to take it quadratic time.
    internal static T? Guarded<T>(string text, MarkdownPipeline pipeline, Func<MarkdownDocument, T> use)
        where T : class
    {
        if (MostLinksInAParagraph(text) > LinksInAParagraph)
        {
            return null;
        }

        try
        {
            return use(Markdig.Markdown.Parse(text, pipeline));
        }
        catch (ArgumentException exception) when (exception.Message.Contains("nested", StringComparison.Ordinal))
        {
            return null;
        }
    }

    // Links and definitions are what the library's time grows with beyond the length, within one run of lines.
    private static int MostLinksInAParagraph(string text)
    {
        var (most, links) = (0, 0);
        for (var i = 1; i < text.Length; i++)
        {
            links = text[i] == '\n' && text[i - 1] == '\n' ? 0
                : text[i - 1] == ']' && text[i] is '(' or ':' or '[' ? links + 1
                : links;
            most = Math.Max(most, links);
        }

        return most;
    }

    private static string Render(MarkdownDocument document, CitationLinks? links)
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        var renderer = new SafeHtmlRenderer(writer, links);
        Pipeline.Setup(renderer);
        renderer.UseSafeForms();
        renderer.Render(document);
        return writer.ToString();
    }

    private static MarkdownPipeline Build()
    {
        var builder = new MarkdownPipelineBuilder()
            .DisableHtml()
            .UsePreciseSourceLocation()
            .UsePipeTables()
            .UseTaskLists()
            .UseEmphasisExtras(EmphasisExtraOptions.Strikethrough)
            .UseAutoLinks();
        builder.InlineParsers.Insert(0, new CitationInlineParser());
        return builder.Build();
    }
}

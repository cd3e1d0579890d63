using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax.Inlines;

namespace CodexWeb.Ui.Markup.Rendering;

/// <summary>A link, when its address may be followed; an image as a link with its text; else the text alone.</summary>
internal sealed class LinkForm : HtmlObjectRenderer<LinkInline>
{
    protected override void Write(HtmlRenderer renderer, LinkInline obj)
    {
        var safe = (SafeHtmlRenderer)renderer;
        var target = safe.InsideLink ? null : LinkTarget.Of(obj.GetDynamicUrl is { } dynamic ? dynamic() ?? obj.Url : obj.Url);
        if (target is null)
        {
            renderer.WriteChildren(obj);
            return;
        }

        target.Open(renderer);
        safe.InsideLink = true;
        renderer.WriteChildren(obj);
        if (obj.FirstChild is null)
        {
            renderer.WriteEscape(target.Address);
        }

        safe.InsideLink = false;
        target.Close(renderer, isShown: obj.IsAutoLink || obj.FirstChild is null, obj.IsImage);
    }
}

/// <summary>An address in angle brackets.</summary>
internal sealed class AutolinkForm : HtmlObjectRenderer<AutolinkInline>
{
    protected override void Write(HtmlRenderer renderer, AutolinkInline obj)
    {
        var target = ((SafeHtmlRenderer)renderer).InsideLink ? null : LinkTarget.Of(obj.IsEmail ? "mailto:" + obj.Url : obj.Url);
        target?.Open(renderer);
        renderer.WriteEscape(obj.Url);
        target?.Close(renderer, isShown: true, isImage: false);
    }
}

/// <summary>An address that may be followed.</summary>
/// <param name="Address">As the browser gets it.</param>
/// <param name="Host">What is shown of it.</param>
internal sealed record LinkTarget(string Address, string Host)
{
    private const int Longest = 2_000;

    /// <summary>The target of a link; null when it may not be followed: any scheme but http, https and mailto, or no scheme.</summary>
    public static LinkTarget? Of(string? url) =>
        url is { Length: <= Longest } && Uri.TryCreate(url.Trim(), UriKind.Absolute, out var uri)
            ? uri.Scheme switch
            {
                "http" or "https" when uri.IdnHost.Length > 0 => new LinkTarget(uri.AbsoluteUri, uri.IdnHost),
                "mailto" => new LinkTarget(uri.AbsoluteUri, uri.GetComponents(UriComponents.UserInfo | UriComponents.Host, UriFormat.UriEscaped)),
                _ => null,
            }
            : null;

    /// <summary>Begins the link.</summary>
    public void Open(HtmlRenderer renderer) => renderer.Write("<a href=\"").WriteEscape(Address).Write("\" rel=\"noopener nofollow\" target=\"_blank\">");

    /// <summary>Ends it.</summary>
    /// <param name="isShown">True when the text of the link is its address.</param>
    public void Close(HtmlRenderer renderer, bool isShown, bool isImage)
    {
        renderer.Write("</a>");
        if (!isShown)
        {
            renderer.Write("<span class=\"host\"> (").Write(isImage ? "image at " : "").WriteEscape(Host).Write(")</span>");
        }
    }
}

/// <summary>A citation as a link within this site; as a label where links are not known; nothing where it leads nowhere.</summary>
internal sealed class CitationForm : HtmlObjectRenderer<CitationInline>
{
    protected override void Write(HtmlRenderer renderer, CitationInline obj)
    {
        var safe = (SafeHtmlRenderer)renderer;
        var address = safe.Links?.Address(obj.Citation);
        if (safe.Links is null || safe.InsideLink)
        {
            renderer.Write("<span class=\"cite\">").WriteEscape(obj.Citation.Label).Write("</span>");
        }
        else if (address is ['/' or '?' or '#', ..] and not ['/', '/' or '\\', ..])
        {
            renderer.Write("<a class=\"cite\" href=\"").WriteEscape(address).Write("\" data-cite=\"").WriteEscape(Reference(obj.Citation)).Write("\"");
            renderer.Write(" title=\"").WriteEscape(Title(obj.Citation)).Write("\">").WriteEscape(obj.Citation.Label).Write("</a>");
        }
    }

    // Without the brackets, which scripts do not need.
    private static string Reference(Citation citation) => citation.ToString()[1..^1];

    private static string Title(Citation citation) => citation switch
    {
        Citation.File file => PlainText.RevealLine(file.Path),
        _ => "Command in the log",
    };
}

/// <summary>Text. The marks of checks are drawn: not every system has an emoji font.</summary>
internal sealed class LiteralForm : HtmlObjectRenderer<LiteralInline>
{
    protected override void Write(HtmlRenderer renderer, LiteralInline obj) => MarkedText.Write(renderer, obj.Content.AsSpan());
}

/// <summary>A character written as an entity.</summary>
internal sealed class EntityForm : HtmlObjectRenderer<HtmlEntityInline>
{
    protected override void Write(HtmlRenderer renderer, HtmlEntityInline obj) => MarkedText.Write(renderer, PlainText.Reveal(obj.Transcoded.ToString()));
}

/// <summary>Writes text with the marks of checks drawn.</summary>
internal static class MarkedText
{
    private const char Variation = '\uFE0F';

    public static void Write(HtmlRenderer renderer, ReadOnlySpan<char> text)
    {
        while (text.IndexOfAny('✅', '❌', '⚠') is >= 0 and var at)
        {
            renderer.WriteEscape(text[..at]);
            renderer.Write(text[at] switch
            {
                '✅' => "<span class=\"mark pass\" role=\"img\" aria-label=\"passed\">✓</span>",
                '❌' => "<span class=\"mark fail\" role=\"img\" aria-label=\"failed\">✗</span>",
                _ => "<span class=\"mark warn\" role=\"img\" aria-label=\"warning\">!</span>",
            });
            text = text[(at + 1)..];
            text = text is [Variation, ..] ? text[1..] : text;
        }

        renderer.WriteEscape(text);
    }
}

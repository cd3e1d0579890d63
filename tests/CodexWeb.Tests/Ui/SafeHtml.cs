using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace CodexWeb.Tests.Ui;

/// <summary>What HTML made from outside text may hold. Everything else fails the test.</summary>
internal static class SafeHtml
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["a"] = ["href", "rel", "target", "class", "data-cite", "title"],
        ["blockquote"] = [],
        ["br"] = [],
        ["code"] = ["class"],
        ["del"] = [],
        ["div"] = ["class", "tabindex"],
        ["em"] = [],
        ["h3"] = [],
        ["h4"] = [],
        ["h5"] = [],
        ["h6"] = [],
        ["hr"] = [],
        ["li"] = ["class"],
        ["ol"] = ["start", "class"],
        ["p"] = ["class"],
        ["pre"] = ["tabindex"],
        ["span"] = ["class", "role", "aria-label"],
        ["strong"] = [],
        ["table"] = [],
        ["tbody"] = [],
        ["tr"] = [],
        ["th"] = ["class"],
        ["td"] = ["class"],
        ["ul"] = ["class"],
    };

    /// <summary>Parses HTML and fails when it holds anything that is not allowed, or does not parse without errors.</summary>
    public static IElement Check(string html)
    {
        var body = Parse(html);
        foreach (var element in body.QuerySelectorAll("*"))
        {
            Assert.True(Allowed.TryGetValue(element.LocalName, out var attributes), $"<{element.LocalName}> in: {html}");
            foreach (var attribute in element.Attributes)
            {
                Assert.True(attributes.Contains(attribute.Name), $"{attribute.Name}=\"{attribute.Value}\" of <{element.LocalName}> in: {html}");
            }

            if (element.GetAttribute("href") is { } address)
            {
                var inside = element.ClassName == "cite";
                Assert.Matches(inside ? "^/[^/\\\\]" : "^(https?://|mailto:)", address);
                Assert.Equal(inside ? null : "noopener nofollow", element.GetAttribute("rel"));
                Assert.Null(element.ParentElement!.Closest("a"));
            }
        }

        return body;
    }

    /// <summary>Parses HTML.</summary>
    public static IElement Parse(string html) => new HtmlParser().ParseDocument($"<!doctype html><body>{html}</body>").Body!;
}

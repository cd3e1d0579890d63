using System.Diagnostics;
using CodexWeb.Ui.Markup;
using FsCheck;
using FsCheck.Fluent;

namespace CodexWeb.Tests.Ui;

public sealed class MarkdownTests
{
    private static readonly CitationLinks Links = new(citation => citation switch
    {
        Citation.File file => $"/files/{Uri.EscapeDataString(file.Path)}?line={file.First}",
        Citation.Command { ItemId: "item_404" } => null,
        Citation.Command command => $"/log#{command.ItemId}",
        _ => null,
    });

    private static string Html(string text) => Markdown.ToHtml(text, Links);

    private static readonly string[] Hostile =
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<svg><script>alert(1)</script></svg>", "<iframe src=javascript:alert(1)>",
        "<body onload=alert(1)>", "<a href=\"javascript:alert(1)\">x</a>", "<style>*{background:url(//evil.example)}</style>", "<base href=//evil.example>",
        "<form action=javascript:alert(1)><input type=submit>", "<details open ontoggle=alert(1)>", "<math><mi xlink:href=\"javascript:alert(1)\">", "<!--><script>alert(1)</script>-->",
        "<![CDATA[<script>alert(1)</script>]]>", "<?php alert(1) ?>", "<scr<script>ipt>alert(1)</scr</script>ipt>", "</p></div><script>alert(1)</script>",
        "text <b onmouseover=alert(1)>x</b>", "<x:script xmlns:x=\"http://www.w3.org/1999/xhtml\">alert(1)</x:script>", "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x]( javascript:alert(1))", "[x](java\nscript:alert(1))", "[x](java\tscript:alert(1))", "[x](<javascript:alert(1)>)",
        "[x](<java script:alert(1)>)", "[x](&#106;avascript:alert(1))", "[x](&#x6A;avascript&colon;alert(1))", "[x](javascript&#58;alert(1))", "[x](\u0001javascript:alert(1))",
        "[x](vbscript:msgbox(1))", "[x](data:text/html,<script>alert(1)</script>)", "[x](data:text/html;base64,PHNjcmlwdD4=)", "[x](file:///etc/passwd)", "[x](//evil.example)",
        "[x](\\\\evil.example\\share)", "[x](blob:https://a.example/1)", "[x](view-source:https://a.example)", "[x](https:javascript:alert(1))", "[x](mailto:a@b.example?body=<script>)",
        "[x](https://a.example/\" onclick=\"alert(1))", "[x](https://a.example/'onclick='alert(1))", "[x](https://a.example \"t\\\" onclick=alert(1) \\\"\")",
        "[x](https://a.example 'title\" onclick=\"alert(1)')", "[x](https://user:secret@a.example/)", "[x](https://a.example\"><script>alert(1)</script>)",
        "<javascript:alert(1)>", "<JAVASCRIPT:alert(1)>", "<data:text/html,x>", "<https://a.example/\"onclick=alert(1)>", "<a@b.example\"onclick=alert(1)>", "https://a.example/\"onclick=\"alert(1)",
        "www.a.example/<script>alert(1)</script>", "[x][1]\n\n[1]: javascript:alert(1)", "[x][1]\n\n[1]: <javascript:alert(1)> \"t\"", "[x]\n\n[x]: data:text/html,<script>", "[1]: javascript:alert(1)\n\n![x][1]",
        "![x](https://evil.example/p.png)", "![x](javascript:alert(1))", "![x\" onerror=\"alert(1)](https://a.example/x.png)", "![x](data:image/svg+xml,<svg onload=alert(1)>)", "![][1]\n\n[1]: //evil.example/p.png",
        "[![a](https://b.example/x.png)](https://a.example)", "[a [b](https://b.example) c](https://a.example)", "[【C:item_1】](https://a.example)", "[https://b.example](https://a.example)",
        "```\" onclick=\"alert(1)\nx\n```", "```<script>alert(1)</script>\nx\n```", "```js\"><script>alert(1)</script>\nx\n```", "``` {.a onclick=alert(1)}\nx\n```", "~~~ a'b\nx\n~~~", "```\n</code></pre><script>alert(1)</script>\n```",
        "`</code><script>alert(1)</script>`", "# x {onclick=alert(1)}", "# <img src=x onerror=alert(1)>", "| a |\n|---|\n| <script>alert(1)</script> |", "| a \" onclick=x | b |\n|:-:|--:|\n| [x](javascript:alert(1)) | y |",
        "- [ ] <script>alert(1)</script>\n- [x] y", "> <script>alert(1)</script>", "* a\n\n  <div onclick=alert(1)>", "&lt;script&gt;alert(1)&lt;/script&gt;", "&#60;script&#62;alert(1)&#60;/script&#62;", "&quot; onclick=&quot;alert(1)",
        "【F:\" onclick=\"alert(1)†L1】", "【F:<script>†L1-L2】", "【C:<script>】", "【F:a†L0】【F:a†L9-L2】【F:†L1】【C:】【X:1】", "【F:javascript:alert(1)†L1】", "【F:../../etc/passwd†L1】", "【【C:item_1】】",
        "x\u0000<script>", "\u202Etxt.exe", "a\uFEFF<b>", "\uD800", "99999999999. x", "2. x", "---\ntitle: x\n---", "[^1]\n\n[^1]: x", "*[x]: y", ":::x\ny\n:::", "$$x$$", "^a^ ~b~ ==c==",
    ];

    public static TheoryData<string> Payloads => new(Hostile);

    [Theory]
    [MemberData(nameof(Payloads))]
    public void Nothing_but_harmless_elements_comes_out(string payload)
    {
        var body = SafeHtml.Check(Html(payload));

        Assert.DoesNotContain("javascript:", string.Join(' ', body.QuerySelectorAll("a:not(.cite)").Select(a => a.GetAttribute("href"))), StringComparison.OrdinalIgnoreCase);
        SafeHtml.Check(Markdown.ToHtml(payload, null));
    }

    [Fact]
    public void Nothing_but_harmless_elements_comes_out_of_any_mixture()
    {
        var pieces = Hostile.SelectMany(payload => new[] { payload, payload[..(payload.Length / 2)], payload[(payload.Length / 2)..] })
            .Concat(["\n", "\n\n", " ", "\t", "    ", "> ", "- ", "1. ", "# ", "|", "---", "`", "```", "*", "**", "_", "~~", "[", "]", "(", ")", "!", "<", ">", "\\", "&", "\"", "'", "【", "】", "†"]);
        var texts = Gen.Elements(pieces.ToArray()).ListOf().Select(string.Concat);

        Prop.ForAll(texts.ToArbitrary(), text => { SafeHtml.Check(Html(text)); }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Theory]
    [InlineData("# One\n## Two", "<h3>One</h3>\n<h4>Two</h4>\n")]
    [InlineData("a *b* **c** ~~d~~ `e`", "<p>a <em>b</em> <strong>c</strong> <del>d</del> <code>e</code></p>\n")]
    [InlineData("```C#\nvar x = 1 < 2;\n```", "<pre tabindex=\"0\"><code class=\"language-c#\">var x = 1 &lt; 2;\n</code></pre>\n")]
    [InlineData("[docs](https://example.com/a)", "<p><a href=\"https://example.com/a\" rel=\"noopener nofollow\" target=\"_blank\">docs</a><span class=\"host\"> (example.com)</span></p>\n")]
    [InlineData("https://example.com/a", "<p><a href=\"https://example.com/a\" rel=\"noopener nofollow\" target=\"_blank\">https://example.com/a</a></p>\n")]
    [InlineData("[https://good.example](https://evil.example)", "<p><a href=\"https://evil.example/\" rel=\"noopener nofollow\" target=\"_blank\">https://good.example</a><span class=\"host\"> (evil.example)</span></p>\n")]
    [InlineData("![graph](https://example.com/a.png)", "<p><a href=\"https://example.com/a.png\" rel=\"noopener nofollow\" target=\"_blank\">graph</a><span class=\"host\"> (image at example.com)</span></p>\n")]
    [InlineData("![graph](a.png) [text](b.md)", "<p>graph text</p>\n")]
    [InlineData("✅ yes ❌ no ⚠️ hm", "<p><span class=\"mark pass\" role=\"img\" aria-label=\"passed\">✓</span> yes <span class=\"mark fail\" role=\"img\" aria-label=\"failed\">✗</span> no <span class=\"mark warn\" role=\"img\" aria-label=\"warning\">!</span> hm</p>\n")]
    [InlineData("a\u202Eb &#x202E; `c\u200Bd`", "<p>a‹U+202E›b ‹U+202E› <code>c‹U+200B›d</code></p>\n")]
    [InlineData("x 【C:item_12】.", "<p>x <a class=\"cite\" href=\"/log#item_12\" data-cite=\"C:item_12\" title=\"Command in the log\">log 12</a>.</p>\n")]
    [InlineData("【F:lib/A b.pm†L3-L9】", "<p><a class=\"cite\" href=\"/files/lib%2FA%20b.pm?line=3\" data-cite=\"F:lib/A b.pm†L3-L9\" title=\"lib/A b.pm\">A b.pm:3-9</a></p>\n")]
    [InlineData("gone 【C:item_404】", "<p>gone </p>\n")]
    [InlineData("`【C:item_12】`", "<p><code>【C:item_12】</code></p>\n")]
    [InlineData("| a | b |\n|--:|---|\n| 1 | 2 |", "<div class=\"table\" tabindex=\"0\"><table>\n<tr><th class=\"right\">a</th><th>b</th></tr>\n<tr><td class=\"right\">1</td><td>2</td></tr>\n</table></div>\n")]
    public void Markdown_becomes_this_html(string text, string html) => Assert.Equal(html, Html(text));

    [Fact]
    public void Citations_without_links_are_labels() => Assert.Equal("<p><span class=\"cite\">a.cs:3</span></p>\n", Markdown.ToHtml("【F:src/a.cs†L3】", null));

    [Fact]
    public void A_citation_is_held_back_until_it_is_whole()
    {
        Assert.Equal("see ", Markdown.WithoutUnfinished("see 【F:lib/Ba"));
        Assert.Equal("see 【C:item_1】 a", Markdown.WithoutUnfinished("see 【C:item_1】 a"));
    }

    [Fact]
    public void Citations_are_found_at_their_places_and_not_in_code()
    {
        const string Text = "| a |\n|---|\n| 【C:item_1】 |\n\n> - b **【F:x/y.c†L1-L2】** `【C:item_3】`\n\n```\n【C:item_4】\n```\n\n    【C:item_5】\n\n🙂 【F:z†L7】";

        var places = Markdown.CitationsIn(Text);

        Assert.Equal(["【C:item_1】", "【F:x/y.c†L1-L2】", "【F:z†L7】"], places.Select(place => place.Citation.ToString()));
        Assert.All(places, place => Assert.Equal(place.Citation.ToString(), Text.Substring(place.Start, place.Length)));
    }

    [Fact]
    public void A_text_that_is_too_long_is_cut_and_says_so()
    {
        var html = Html(new string('a', Markdown.LongestText + 1));

        Assert.EndsWith("<p class=\"cut\">The text goes on: only the first 1,048,576 of 1,048,577 characters are shown.</p>\n", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("> ")]
    [InlineData("- ")]
    [InlineData("[")]
    [InlineData("*a ")]
    public void Deep_nesting_is_shown_as_it_is_rather_than_failing(string piece) => SafeHtml.Check(Html(string.Concat(Enumerable.Repeat(piece, 3_000)) + "x"));

    public static TheoryData<string> Repeated => new(
        ["[", "![", "[a](", "[a](b", "]", "*a_ ", "**a ", "_a*", "~~a ", "`a``", "<a", "<a ", "</", "<!--", "&", "&#", "\\", "【", "【F:a†L1】", "【F:", "http://", "https://a.b/", "www.", "a@b.c ", "<http://a",
        "> ", "- a\n", "* a\n  ", "1. a\n", "|a", "|a|b|\n|-|-|\n", "[x]: y\n", "[x][", "```\n", "~~~a\n", "# a\n", "a\n\n", "a  \n", "    a\n", "\u202E", "\u0000", "(", "\"", "- [ ] a\n"]);

    [Theory]
    [MemberData(nameof(Repeated))]
    public void Eight_times_the_text_takes_about_eight_times_as_long(string piece)
    {
        string Text(int length) => string.Concat(Enumerable.Repeat(piece, length / piece.Length));
        Html(Text(1_000));
        var (small, large) = (Text(25_000), Text(200_000));
        double Milliseconds(string text) => Enumerable.Range(0, 5).Min(_ =>
        {
            var watch = Stopwatch.StartNew();
            Html(text);
            return watch.Elapsed.TotalMilliseconds;
        });

        // Eight times when linear, 64 when quadratic; below 150 ms the collector decides more than the length.
        Assert.True(Milliseconds(large) < Math.Max(150, 28 * Milliseconds(small)), $"'{piece}' repeated: {Milliseconds(small):0.0} ms, then {Milliseconds(large):0.0} ms");
    }
}

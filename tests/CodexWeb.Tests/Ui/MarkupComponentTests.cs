using Bunit;
using CodexWeb.Ui.Markup;

namespace CodexWeb.Tests.Ui;

public sealed class MarkupComponentTests : BunitContext
{
    [Fact]
    public void Markdown_grows_with_its_text_and_holds_back_what_is_unfinished()
    {
        var view = Render<MarkdownView>(parameters => parameters.Add(p => p.Text, "One **two** 【F:a").Add(p => p.Streaming, true));
        Assert.Equal("<p>One <strong>two</strong></p>", view.Find(".markdown").InnerHtml.Trim());

        view.Render(parameters => parameters.Add(p => p.Text, "One **two** 【F:a†L1】").Add(p => p.Streaming, false));
        Assert.Equal("a:1", view.Find(".cite").TextContent);
    }

    [Fact]
    public void Output_is_shown_with_its_colours()
    {
        var view = Render<AnsiView>(parameters => parameters.Add(p => p.Text, "\e[32mok\e[0m\n"));

        Assert.Equal("ok", view.Find("pre.ansi > .ansi-fg-2").TextContent);
    }
}

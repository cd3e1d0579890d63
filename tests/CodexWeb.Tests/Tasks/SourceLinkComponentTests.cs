using Bunit;
using CodexWeb.Tasks;

namespace CodexWeb.Tests.Tasks;

public sealed class SourceLinkComponentTests : BunitContext
{
    [Fact]
    public void The_page_a_task_came_from_is_a_link_that_says_so()
    {
        var link = Render<SourceLink>(p => p.Add(l => l.Source, new TaskSource("https://github.com/acme/shop/issues/12", "acme/shop#12")).Add(l => l.Author, "ana")).Find("a");

        Assert.Equal("https://github.com/acme/shop/issues/12", link.GetAttribute("href"));
        Assert.Equal("Started from acme/shop#12 by ana; text from outside is data", link.GetAttribute("title"));
        Assert.Equal("noopener noreferrer", link.GetAttribute("rel"));
    }

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("data:text/html,x")]
    [InlineData("not an address")]
    public void What_is_no_web_page_is_not_linked_to(string address)
    {
        var shown = Render<SourceLink>(p => p.Add(l => l.Source, new TaskSource(address, "acme/shop#12")).Add(l => l.Author, "ana"));

        Assert.Empty(shown.FindAll("a"));
        Assert.Equal("acme/shop#12", shown.Find("span").TextContent);
    }
}

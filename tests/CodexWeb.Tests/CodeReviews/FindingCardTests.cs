using Bunit;
using CodexWeb.CodeReviews;
using CodexWeb.Data;

namespace CodexWeb.Tests.CodeReviews;

public sealed class FindingCardTests : BunitContext
{
    private static readonly FindingView Finding = new(
        Id.New<FindingId>(TimeProvider.System), "Divides by <b>zero</b>\u202E", "When the list is **empty**. <script>alert(1)</script>", 1, 0.75, "lib/shop.pl", 2, 2, FindingState.Open, null, null);

    [Fact]
    public void A_finding_shows_its_words_its_place_and_its_code()
    {
        var card = Render(Finding, new Excerpt(1, ["one", "two <i>", "three"]));

        Assert.Equal("Divides by <b>zero</b>‹U+202E›", card.Find("h3").TextContent);
        Assert.Equal("P1 (Urgent)", card.Find(".badge").TextContent);
        Assert.Equal("empty", card.Find(".text strong").TextContent);
        Assert.Empty(card.FindAll("script, h3 b, pre i"));
        Assert.Equal(("/file", "lib/shop.pl:2"), (card.Find("a.place").GetAttribute("href"), card.Find("a.place").TextContent));
        Assert.Equal(["1one", "2two <i>", "3three"], card.FindAll("pre .line").Select(static line => line.TextContent.Trim()));
        Assert.Equal("2two <i>", card.Find("pre .hit").TextContent.Trim());
        Assert.Contains("Urgent · confidence 75 %", card.Find("footer").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_button_asks_for_it_to_be_mended()
    {
        FindingView? asked = null;
        var card = Render(Finding, null, finding => asked = finding);

        await card.Find("footer button").ClickAsync(new());

        Assert.Same(Finding, asked);
    }

    [Fact]
    public void One_that_is_being_mended_leads_there_and_a_resolved_one_offers_nothing()
    {
        var task = Id.New<TaskId>(TimeProvider.System);

        var mending = Render(Finding with { FixTaskId = task, CommentUrl = "https://github.com/acme/shop/pull/1#discussion_r2" }, null);
        var resolved = Render(Finding with { State = FindingState.Resolved }, null);

        Assert.Equal(["https://github.com/acme/shop/pull/1#discussion_r2", $"/tasks/{task}"], mending.FindAll("footer a").Select(static link => link.GetAttribute("href")!));
        Assert.Empty(mending.FindAll("footer button"));
        Assert.Empty(resolved.FindAll("footer button, footer a"));
        Assert.Contains(resolved.FindAll(".badge"), static badge => badge.TextContent == "Resolved");
    }

    private IRenderedComponent<FindingCard> Render(FindingView finding, Excerpt? excerpt, Action<FindingView>? asked = null) => Render<FindingCard>(parameters =>
    {
        parameters.Add(card => card.Finding, finding).Add(card => card.Excerpt, excerpt).Add(card => card.FileUrl, "/file");
        parameters.Add(card => card.Fixed, found => asked?.Invoke(found));
    });
}

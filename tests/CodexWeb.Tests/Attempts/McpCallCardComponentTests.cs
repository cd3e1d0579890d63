using Bunit;
using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Attempts.Items;
using CodexWeb.Data;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.Attempts;

public sealed class McpCallCardComponentTests : BunitContext
{
    private static readonly Item.McpToolCall Call = new("item_4", "shelves", "find", """{"title":"<i>Emma</i>"}""", ItemStatus.Completed, "one\ntwo", 1_200);

    public McpCallCardComponentTests() => Services.AddSingleton(TimeProvider.System);

    [Fact]
    public void A_call_is_folded_and_shows_what_it_was_given_and_answered_when_it_is_opened()
    {
        var card = Show(Call, live: false);
        Assert.Empty(card.FindAll("pre"));
        Assert.All(["shelves", "find", "done", "1.2 s"], part => Assert.Contains(part, card.Find("button").TextContent, StringComparison.Ordinal));

        card.Find("button").Click();

        Assert.Equal("{\n  \"title\": \"<i>Emma</i>\"\n}", card.Find("pre").TextContent);
        Assert.Contains("two", card.Find(".output").TextContent, StringComparison.Ordinal);
        Assert.Empty(card.FindAll("i"));
    }

    [Fact]
    public void A_failed_call_is_open_and_says_why()
    {
        var card = Show(Call with { Status = ItemStatus.Failed, Reason = "It ended with exit code 7." }, live: false);

        Assert.Equal("It ended with exit code 7.", card.Find(".reason").TextContent);
        Assert.Equal("failed", card.Find(".badge").TextContent);
    }

    [Fact]
    public void Hidden_characters_of_a_tools_name_are_seen()
    {
        var card = Show(Call with { Tool = "find\u202Edlo" }, live: false);

        Assert.Contains("find‹U+202E›dlo", card.Find("h2").TextContent, StringComparison.Ordinal);
    }

    private IRenderedComponent<McpCallCard> Show(Item.McpToolCall call, bool live) => Render<McpCallCard>(p => p
        .Add(c => c.Entry, new TranscriptItem(call, new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero), live))
        .AddCascadingValue(new TranscriptLinks("/tasks/1", null, Id.New<RepositoryId>(TimeProvider.System), null)));
}

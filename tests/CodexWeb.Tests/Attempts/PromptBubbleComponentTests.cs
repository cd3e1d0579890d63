using Bunit;
using CodexWeb.Agent.Models;
using CodexWeb.Attempts.Items;

namespace CodexWeb.Tests.Attempts;

public sealed class PromptBubbleComponentTests : BunitContext
{
    [Fact]
    public void Text_from_outside_is_marked_and_told_apart_from_the_persons_words()
    {
        var prompt = $"Solve this.\n\n{OutsideText.Quote("issue acme/shop#12 by bo", "<b>The basket\u202E is empty</b>")}\n\nThen stop.";

        var bubble = Render<PromptBubble>(p => p.Add(b => b.Text, prompt));

        Assert.Equal(["Solve this.", "Then stop."], bubble.FindAll(".text").Select(text => text.TextContent));
        var outside = bubble.Find("details.outside");
        Assert.Equal("Text from outside: issue acme/shop#12 by bo", outside.QuerySelector("summary")!.TextContent.Trim());
        Assert.Equal("<b>The basket‹U+202E› is empty</b>", outside.QuerySelector("pre")!.TextContent);
        Assert.False(outside.HasAttribute("open"));
    }

    [Fact]
    public async Task A_long_prompt_is_cut_until_asked_for()
    {
        var bubble = Render<PromptBubble>(p => p.Add(b => b.Text, new string('x', 5_000)));
        Assert.Equal(2_002, bubble.Find(".text").TextContent.Length);

        await bubble.Find("button").ClickAsync(new());

        Assert.Equal(5_000, bubble.Find(".text").TextContent.Length);
    }
}

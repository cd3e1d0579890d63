using CodexWeb.CodeReviews;
using FsCheck;
using FsCheck.Fluent;

namespace CodexWeb.Tests.CodeReviews;

public sealed class MentionCommandTests
{
    private static readonly string[] Names = ["codexweb", "codexweb-acme"];

    [Theory]
    [InlineData("@codexweb fix the test", MentionVerb.Code, "fix the test")]
    [InlineData("@CodexWeb: fix the test", MentionVerb.Code, "fix the test")]
    [InlineData("Hey @codexweb, please fix it.", MentionVerb.Code, "Hey\nplease fix it.")]
    [InlineData("(@codexweb) fix it", MentionVerb.Code, "(\n) fix it")]
    [InlineData("@codexweb", MentionVerb.Code, "")]
    [InlineData("Thanks, @codexweb.", MentionVerb.Code, "Thanks,\n.")]
    [InlineData("@codexweb-acme do it", MentionVerb.Code, "do it")]
    [InlineData("@codexweb[bot] do it", MentionVerb.Code, "do it")]
    [InlineData("@codexweb ask why is it red?", MentionVerb.Ask, "why is it red?")]
    [InlineData("@codexweb Ask: why?", MentionVerb.Ask, "why?")]
    [InlineData("@codexweb asks too much", MentionVerb.Code, "asks too much")]
    [InlineData("@codexweb ask-me-later", MentionVerb.Code, "ask-me-later")]
    [InlineData("@codexweb review", MentionVerb.Review, "review")]
    [InlineData("@codexweb review the locking, please", MentionVerb.Review, "review the locking, please")]
    [InlineData("@codexweb reviewer", MentionVerb.Code, "reviewer")]
    [InlineData("> @codexweb old words\n\n@codexweb new words", MentionVerb.Code, "new words")]
    [InlineData("> do evil\n\n@codexweb as he says", MentionVerb.Code, "as he says")]
    [InlineData("@codexweb run\n```sh\nmake test\n```", MentionVerb.Code, "run\n```sh\nmake test\n```")]
    [InlineData("**@codexweb** fix it", MentionVerb.Code, "**\n** fix it")]
    [InlineData("- @codexweb fix it", MentionVerb.Code, "-\nfix it")]
    [InlineData("@codexweb fix <!-- a hidden word --> it", MentionVerb.Code, "fix                        it")]
    public void A_mention_is_found_with_what_it_asks_for(string text, MentionVerb verb, string instruction) =>
        Assert.Equal(new MentionCommand(verb, instruction), MentionCommand.Find(text, Names));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("codexweb fix it")]
    [InlineData("Use `@codexweb review` for that.")]
    [InlineData("```\n@codexweb fix it\n```")]
    [InlineData("~~~text\n@codexweb fix it\n~~~")]
    [InlineData("Look:\n\n    @codexweb fix it")]
    [InlineData("> @codexweb fix it")]
    [InlineData("- one\n  > @codexweb fix it")]
    [InlineData("<!-- @codexweb fix it -->")]
    [InlineData("<div>\n@codexweb fix it\n</div>")]
    [InlineData("ana@codexweb.example")]
    [InlineData("ana@codexweb fix it")]
    [InlineData("Mail bot@codexweb")]
    [InlineData("@codexweb.example is a name")]
    [InlineData("@codexweb/team look")]
    [InlineData("@codexweber fix it")]
    [InlineData("@codexweb-other fix it")]
    [InlineData("@codexweb_other fix it")]
    [InlineData("@@codexweb fix it")]
    [InlineData("\\@codexweb fix it")]
    [InlineData("https://github.example/@codexweb fix it")]
    [InlineData("@codeхweb fix it")] // with a Cyrillic letter
    [InlineData("@code\u200Bxweb fix it")]
    public void What_is_no_mention_is_not_taken_for_one(string? text) => Assert.Null(MentionCommand.Find(text, Names));

    [Fact]
    public void No_text_makes_it_fail_or_take_long()
    {
        string[] hostile =
        [
            "@codexweb " + new string('>', 60_000),
            "@codexweb " + new string('[', 60_000),
            "@codexweb " + string.Concat(Enumerable.Repeat("[a](", 15_000)),
            "@codexweb " + string.Concat(Enumerable.Repeat("*a **b ", 8_000)),
            string.Concat(Enumerable.Repeat("@codexweb`", 6_000)),
            string.Concat(Enumerable.Repeat("<!-- @codexweb ", 4_000)),
            new string('@', 60_000) + "codexweb",
        ];
        var started = TimeProvider.System.GetTimestamp();

        foreach (var text in hostile)
        {
            _ = MentionCommand.Find(text, Names);
        }

        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Whatever_is_written_around_it_nothing_fails() => Prop.ForAll<string, string>((before, after) =>
    {
        _ = MentionCommand.Find($"{before}@codexweb{after}", Names);
        return MentionCommand.Find($"```\n{before?.Replace('`', ' ').Replace('\n', ' ').Replace('\r', ' ')}@codexweb\n```", Names) is null;
    }).QuickCheckThrowOnFailure();
}

using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CodexWeb.Browser.Tests;

/// <summary>The main job in a browser: an example task, live work, the diff, the pushed branch.</summary>
public sealed class MainJourneyTests(AppUnderTest app) : IClassFixture<AppUnderTest>
{
    [Fact]
    public async Task From_the_example_to_a_pushed_branch_that_passes()
    {
        await using var visitor = await Visitor.ComeAsync(app);
        var page = visitor.Page;
        await visitor.OpenAsync("/");
        await visitor.IsAccessibleAsync();

        await visitor.StartExampleAsync("Fix the failing test");
        await Expect(page.Locator(".command").First).ToBeVisibleAsync();
        await visitor.SeesStateAsync("Ready for review");
        await Expect(page.GetByText("Demo (scripted, not an AI)").First).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Link, new() { NameRegex = new Regex("^Changes") }).First.ClickAsync();
        await Expect(page.Locator(".code-rows")).ToContainTextAsync("$quantity < $step->{from}");
        await visitor.IsAccessibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Push branch" }).ClickAsync();
        await page.Locator("dialog[open] form.push").WaitForAsync();
        await visitor.IsAccessibleAsync();
        await page.Locator("dialog[open]").GetByRole(AriaRole.Button, new() { Name = "Push branch" }).ClickAsync();
        await Expect(page.Locator("dialog[open]")).ToContainTextAsync("is at the origin");
        var branch = await page.Locator("dialog[open] p.done code").First.InnerTextAsync();

        var clone = app.Folder.Below($"clone-{Guid.NewGuid():N}");
        await Terminal.RunAsync(app.Folder.Path, "git", "clone", "--quiet", "--no-hardlinks", "--branch", branch, "--", Sample, clone);
        await Terminal.RunAsync(clone, "prove", "-lr", "t");
        Assert.Contains("lib/Basket/Discount.pm", await Terminal.RunAsync(Sample, "git", "show", "--stat", branch), StringComparison.Ordinal);
        visitor.SawNoTrouble();
    }

    [Fact]
    public async Task An_answer_cites_places_that_open()
    {
        await using var visitor = await Visitor.ComeAsync(app);
        var page = visitor.Page;

        await visitor.StartExampleAsync("How is the total computed?");
        await visitor.SeesStateAsync("Ready for review");
        var citation = page.Locator(".message[data-final] a.cite[href*='/files/']").First;
        var label = await citation.InnerTextAsync();
        await citation.ClickAsync();

        await page.WaitForURLAsync("**/repositories/*/files/**");
        await Expect(page.Locator("main")).ToContainTextAsync(label[..label.IndexOf(':', StringComparison.Ordinal)]);
        await Expect(page.Locator("main")).ToContainTextAsync("sub ");
        visitor.SawNoTrouble();
    }

    [Fact]
    public async Task The_narrow_window_does_the_same_job()
    {
        await using var visitor = await Visitor.ComeAsync(app, width: 400);
        var page = visitor.Page;
        await visitor.OpenAsync("/");
        await visitor.FitsAsync();
        await visitor.IsAccessibleAsync();

        await visitor.StartExampleAsync("Fix the failing test");
        await visitor.SeesStateAsync("Ready for review");
        await visitor.FitsAsync();
        await visitor.IsAccessibleAsync();
        await page.GetByRole(AriaRole.Link, new() { NameRegex = new Regex("^Changes") }).First.ClickAsync();
        await Expect(page.Locator(".code-rows")).ToContainTextAsync("$step->{from}");
        await visitor.FitsAsync();
        visitor.SawNoTrouble();
    }

    [Fact]
    public async Task The_keyboard_alone_starts_a_task_and_opens_it_again()
    {
        await using var visitor = await Visitor.ComeAsync(app);
        var page = visitor.Page;
        await visitor.OpenAsync("/");

        await page.Locator("#prompt").FocusAsync();
        await page.Keyboard.TypeAsync("Say hello.\n\n```sh\necho hello from the keyboard\n```");
        await page.Keyboard.PressAsync("Alt+Enter");
        await page.WaitForURLAsync("**/tasks/*");
        await visitor.SeesStateAsync("Ready for review");
        var address = page.Url;

        await page.Locator("main").FocusAsync();
        await page.Keyboard.PressAsync("c");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "What should be done?" })).ToBeVisibleAsync();
        await page.GoBackAsync();
        await Expect(page).ToHaveURLAsync(address);
        visitor.SawNoTrouble();
    }

    [Fact]
    public async Task A_task_is_stopped_from_its_page_and_says_so()
    {
        await using var visitor = await Visitor.ComeAsync(app);
        var page = visitor.Page;

        await visitor.StartAsync("Wait.\n\n```sh\necho begun; sleep 300\n```");
        await Expect(page.Locator(".command").GetByText("begun").Last).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();

        await visitor.SeesStateAsync("Stopped");
        visitor.SawNoTrouble();
    }

    [Fact]
    public async Task A_reload_in_the_middle_and_a_second_window_show_the_same()
    {
        await using var first = await Visitor.ComeAsync(app);
        await first.StartAsync("Count.\n\n```sh\nfor i in 1 2 3 4 5 6 7 8; do echo number $i; sleep 0.4; done\n```");
        await Expect(first.Page.GetByText("number 2").Last).ToBeVisibleAsync();
        await using var second = await Visitor.ComeAsync(app);
        await second.OpenAsync(new Uri(first.Page.Url).PathAndQuery);
        await first.Page.ReloadAsync();
        await first.Page.Locator("main[data-interactive]").WaitForAsync();

        await first.SeesStateAsync("Ready for review");
        await second.SeesStateAsync("Ready for review");

        const string Conversation = ".conversation .content";
        await Expect(second.Page.Locator(Conversation)).ToContainTextAsync("Done", new() { IgnoreCase = true, Timeout = 5_000 });
        Assert.Equal(Settled(await first.Page.Locator(Conversation).InnerTextAsync()), Settled(await second.Page.Locator(Conversation).InnerTextAsync()));
        await first.Page.ReloadAsync();
        await first.Page.Locator("main[data-interactive]").WaitForAsync();
        await first.SeesStateAsync("Ready for review");
        await Expect(first.Page.Locator(".message[data-final]")).ToHaveCountAsync(await second.Page.Locator(".message[data-final]").CountAsync());
        first.SawNoTrouble();
        second.SawNoTrouble();
    }

    private string Sample => app.Folder.Below("data/sample");

    private static string Settled(string text) => string.Join('\n', text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}

using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CodexWeb.Browser.Tests;

/// <summary>The pages as a person uses them: a real browser, a real server, real sandboxes.</summary>
public sealed partial class PagesTests(AppUnderTest app) : IClassFixture<AppUnderTest>
{
    private readonly List<string> _failures = [];

    [Fact]
    public async Task An_example_is_started_with_one_click_reviewed_and_pushed()
    {
        var page = await OpenAsync("/");

        await page.Locator("button.example").First.ClickAsync();
        await page.WaitForURLAsync(TaskAddress());

        await Expect(page.Locator(".head .pill.state")).ToContainTextAsync("Ready for review", Patient);
        await Expect(page.Locator(".conversation")).ToContainTextAsync("1 failed");
        await Expect(page.Locator(".conversation .evidence")).ToContainTextAsync("prove");
        await Expect(page.Locator(".body .changes")).ToContainTextAsync("lib/Basket/Discount.pm");

        await page.GetByRole(AriaRole.Button, new() { Name = "Push branch" }).First.ClickAsync();
        await page.Locator("dialog[open] button[type=submit]").ClickAsync();
        await Expect(page.Locator("dialog[open]")).ToContainTextAsync("is at the origin", Patient);
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator(".head .pill.state")).ToContainTextAsync("Done");
        Assert.Empty(_failures);
    }

    [Fact]
    public async Task An_answers_citation_opens_the_file_at_its_lines()
    {
        var page = await OpenAsync("/");
        await page.Locator("button.example").Nth(1).ClickAsync();
        await Expect(page.Locator(".head .pill.state")).ToContainTextAsync("Ready for review", Patient);

        await page.Locator(".message a[href*='/files/']").First.ClickAsync();

        await page.WaitForURLAsync(FileAddress());
        await Expect(page.Locator(".file-page h1")).ToContainTextAsync("Basket");
        Assert.Empty(_failures);
    }

    [Fact]
    public async Task A_draft_outlives_a_reload_and_what_cannot_be_sent_stays_in_the_box()
    {
        var page = await OpenAsync("/");
        var box = page.Locator("#prompt");
        await box.FillAsync("Keep this");
        await Expect(box).ToHaveAttributeAsync("data-filled", "");
        await page.ReloadAsync();
        await ReadyAsync(page);
        await Expect(box).ToHaveValueAsync("Keep this");

        await box.EvaluateAsync("box => { box.value = 'x'.repeat(1100000); box.dispatchEvent(new Event('input')); }");
        await box.PressAsync("Control+Enter");

        await Expect(page.Locator("#prompt-error")).ToContainTextAsync("1,100,000 characters", Patient);
        Assert.Equal(1_100_000, (await box.InputValueAsync()).Length);
        await box.FillAsync("");
        Assert.Empty(_failures);
    }

    [Fact]
    public async Task Messages_wait_for_the_next_step_and_stop_ends_the_work()
    {
        var page = await OpenAsync("/");
        await page.Locator("#prompt").FillAsync("Run:\n```sh\necho begun; sleep 60\n```");
        await Expect(page.Locator("#prompt")).ToHaveAttributeAsync("data-filled", "");
        await page.Locator("#prompt").PressAsync("Control+Enter");
        await Expect(page.Locator(".command .output")).ToContainTextAsync("begun", Patient);

        await page.Locator("#message").FillAsync("First");
        await page.Locator("#message").PressAsync("Enter");
        await Expect(page.Locator(".queue .text")).ToHaveTextAsync(["First"]);
        await page.Locator("#message").FillAsync("Second");
        await page.Locator("#message").PressAsync("Enter");
        await Expect(page.Locator(".queue .text")).ToHaveTextAsync(["First", "Second"]);
        await page.Locator("[title='Send earlier']").Nth(1).ClickAsync();
        await Expect(page.Locator(".queue .text")).ToHaveTextAsync(["Second", "First"]);

        await page.GetByRole(AriaRole.Button, new() { Name = "Stop", Exact = true }).ClickAsync();

        await Expect(page.Locator(".head .pill.state")).ToContainTextAsync("Stopped");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Retry" }).First).ToBeVisibleAsync();
        Assert.Empty(_failures);
    }

    [Fact]
    public async Task The_list_is_walked_by_keyboard()
    {
        var page = await OpenAsync("/");
        await page.Locator("button.example").Nth(1).ClickAsync();
        await page.WaitForURLAsync(TaskAddress());
        await Expect(page.Locator(".head .pill.state")).ToContainTextAsync("Ready for review", Patient);

        await page.Keyboard.PressAsync("c");
        await page.WaitForURLAsync(app.Address.ToString());
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync(TaskAddress());
        await page.Keyboard.PressAsync("/");
        await Expect(page.Locator("#palette")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("?");
        await Expect(page.Locator("#shortcuts")).ToBeVisibleAsync();
        Assert.Empty(_failures);
    }

    [Theory]
    [InlineData("/no-such-page", "There is no such page")]
    [InlineData("/tasks/0197a000-0000-7000-8000-000000000000", "This task does not exist")]
    [InlineData("/tasks/nonsense", "This task does not exist")]
    public async Task What_does_not_exist_is_said(string path, string words)
    {
        var page = await OpenAsync(path);

        await Expect(page.Locator("h1")).ToContainTextAsync(words);
    }

    [Theory]
    [InlineData(1440, ColorScheme.Light)]
    [InlineData(900, ColorScheme.Dark)]
    [InlineData(400, ColorScheme.Light)]
    public async Task The_pages_keep_the_rules_of_accessibility_and_fit_their_window(int width, ColorScheme scheme)
    {
        var first = await OpenAsync("/", width, scheme);
        await first.Locator("button.example").First.ClickAsync();
        await Expect(first.Locator(".head .pill.state")).ToContainTextAsync("Ready for review", Patient);
        var task = new Uri(first.Url).AbsolutePath;
        await first.CloseAsync();

        foreach (var path in (string[])["/", "/tasks", "/settings", task, task + "?tab=log", task + "?tab=evidence", task + "?tab=info"])
        {
            var page = await OpenAsync(path, width, scheme, axe: true);
            await Expect(page.Locator("[data-state=loading]")).ToHaveCountAsync(0);
            var found = await page.RunAxe(new AxeRunOptions { RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] } });
            Assert.True(found.Violations.Length == 0, string.Join('\n', found.Violations.Select(v => $"{path} {v.Id}: {v.Help} {string.Join(' ', v.Nodes.Select(n => n.Html))}")));
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{path} is wider than its window.");
            await page.CloseAsync();
        }

        Assert.Empty(_failures);
    }

    private static LocatorAssertionsToContainTextOptions Patient => new() { Timeout = 60_000 };

    private async Task<IPage> OpenAsync(string path, int width = 1440, ColorScheme scheme = ColorScheme.Light, bool axe = false)
    {
        // Axe is put into the page from outside, which the page's own policy rightly forbids.
        var page = await app.Browser.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = 900 }, ColorScheme = scheme, BypassCSP = axe });
        page.Console += (_, message) =>
        {
            if (message.Type is "error")
            {
                _failures.Add(message.Text);
            }
        };
        page.PageError += (_, error) => _failures.Add(error);
        await page.GotoAsync(new Uri(app.Address, path).ToString());
        await ReadyAsync(page);
        return page;
    }

    private static Task ReadyAsync(IPage page) => page.Locator("main[data-interactive]").WaitForAsync();

    [GeneratedRegex("/tasks/[0-9a-f-]{36}", RegexOptions.CultureInvariant)]
    private static partial Regex TaskAddress();

    [GeneratedRegex("/repositories/.+/files/.+#L", RegexOptions.CultureInvariant)]
    private static partial Regex FileAddress();
}

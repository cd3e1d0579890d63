using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CodexWeb.Browser.Tests;

/// <summary>A person reads a change: hostile content, keys, comments, the log and a file.</summary>
public sealed class ReviewTests(AppUnderTest app) : IClassFixture<AppUnderTest>
{
    private const string Prompt = """
        Make a change to look at
        ```sh
        perl -pi -e 's/quantity/amount/g' lib/Basket/Discount.pm
        printf 'const a = "<img src=x onerror=alert(1)>";\nif (isAdmin\342\200\256 ) { grant(); }\n' > app.js
        printf '\033[31mred\033[0m <script>alert(2)</script>\n'
        ```
        """;

    [Fact]
    public async Task A_change_is_read_by_keys_commented_and_sent_back()
    {
        var (task, _) = await ChangeAsync();
        await using var context = await app.Browser.NewContextAsync();
        var page = await OpenAsync(context, $"/tasks/{task}?tab=changes");
        var errors = Watch(page);
        var changes = page.Locator(".changes");

        await Expect(changes.Locator("[data-part=progress]")).ToHaveTextAsync("0 of 3 hunks viewed");
        await Expect(changes.Locator(".hidden-character")).ToHaveTextAsync("U+202E");
        await Expect(changes.GetByText("<img src=x onerror=alert(1)>")).ToBeVisibleAsync();
        await Expect(changes.Locator(".removed mark").First).ToHaveTextAsync("quantity");

        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("v");
        await Expect(changes.Locator("[data-part=progress]")).ToHaveTextAsync("1 of 3 hunks viewed");
        await changes.Locator(".row.added .n.right[data-line]").First.ClickAsync();
        await page.Keyboard.TypeAsync("Why?");
        await page.Keyboard.PressAsync("Control+Enter");
        await Expect(changes.GetByText("1 comment will be sent")).ToBeVisibleAsync();

        await page.ReloadAsync();
        await Expect(changes.Locator("[data-part=progress]")).ToHaveTextAsync("1 of 3 hunks viewed");
        await changes.GetByRole(AriaRole.Button, new() { Name = "Request changes" }).ClickAsync();
        await Expect(page.GetByText("1 comment sent as a follow-up.")).ToBeVisibleAsync();
        Assert.Empty(errors);
    }

    [Fact]
    public async Task The_panels_pass_the_accessibility_rules()
    {
        var (task, _) = await ChangeAsync();
        await using var context = await app.Browser.NewContextAsync();
        foreach (var tab in (string[])["changes", "log"])
        {
            var page = await OpenAsync(context, $"/tasks/{task}?tab={tab}");
            await Expect(page.Locator(tab == "changes" ? ".changes .row .t" : ".log .step").First).ToBeVisibleAsync();

            var result = await page.Locator($".{tab}").RunAxe();

            var violations = string.Join('\n', result.Violations.Select(v => $"{tab}: {v.Id} {v.Help} {string.Join(' ', v.Nodes.Take(3).Select(n => n.Html))}"));
            Assert.True(violations.Length == 0, violations);
        }
    }

    [Fact]
    public async Task A_citation_opens_the_command_in_the_log_with_its_colours_and_nothing_runs()
    {
        var (task, command) = await ChangeAsync();
        await using var context = await app.Browser.NewContextAsync();
        var page = await OpenAsync(context, $"/tasks/{task}?tab=log&item={command}");
        var errors = Watch(page);

        var step = page.Locator($"#log-{command}");
        await Expect(step).ToHaveAttributeAsync("data-wanted", "true");
        await Expect(step.Locator(".output .row .t")).ToHaveTextAsync("red <script>alert(2)</script>");
        await Expect(step.Locator(".output .fg-1")).ToHaveTextAsync("red");
        await step.Locator(".output input").FillAsync("SCRIPT");
        await Expect(step.Locator(".output [data-part=found]")).ToHaveTextAsync("1 of 1");
        Assert.Empty(errors);
    }

    [Fact]
    public async Task A_file_opens_at_the_lines_of_its_address()
    {
        using var client = new ApiClient(app.Address);
        var sample = await client.SampleAsync();
        var (task, attempt) = await client.StartAsync(sample, "code", "Look\n```sh\ntrue\n```");
        await client.UntilEndAsync(attempt, 0);
        var commit = (await client.GetAsync($"/api/v1/tasks/{task}")).GetProperty("baseCommit").GetString();
        await using var context = await app.Browser.NewContextAsync();

        var page = await OpenAsync(context, $"/repositories/{sample}/files/{commit}/lib/Basket/Discount.pm#L3-L5");

        await Expect(page.Locator(".row.target")).ToHaveCountAsync(3);
        await Expect(page.Locator(".row.target").First).ToContainTextAsync("A discount by quantity");
        var missing = await OpenAsync(context, $"/repositories/{sample}/files/{commit}/nothing.pm");
        await Expect(missing.GetByText("There is no file nothing.pm at this commit.")).ToBeVisibleAsync();
    }

    /// <summary>Lets the demo model make the change.</summary>
    /// <returns>The task's id, and the id of its command's item.</returns>
    private async Task<(string Task, string Command)> ChangeAsync()
    {
        using var client = new ApiClient(app.Address);
        var (task, attempt) = await client.StartAsync(await client.SampleAsync(), "code", Prompt);
        var events = await client.UntilEndAsync(attempt, 0);
        return (task, ApiClient.CommandsOf(events)[0].GetProperty("id").GetString()!);
    }

    private async Task<IPage> OpenAsync(IBrowserContext context, string path)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync(new Uri(app.Address, path).ToString());
        // Before the circuit is there the page is the server's drawing, which is replaced.
        await page.Locator("main[data-interactive]").WaitForAsync();
        return page;
    }

    private static List<string> Watch(IPage page)
    {
        var errors = new List<string>();
        page.Console += (_, message) => { if (message.Type is "error") { errors.Add(message.Text); } };
        page.PageError += (_, error) => errors.Add(error);
        page.Dialog += async (_, dialog) =>
        {
            errors.Add($"dialog: {dialog.Message}");
            await dialog.DismissAsync();
        };
        return errors;
    }
}

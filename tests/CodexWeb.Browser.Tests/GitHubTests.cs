using CodexWeb.EmulatedGitHub;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CodexWeb.Browser.Tests;

/// <summary>A person connects GitHub and a repository of it, with a GitHub of our own beside the server.</summary>
public sealed class GitHubTests : IAsyncLifetime
{
    private readonly DataFolder _folder = new();
    private GitHubServer _gitHub = null!;
    private HostedAccount _ana = null!;
    private ServerProcess _server = null!;
    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;

    public async Task InitializeAsync()
    {
        _gitHub = await GitHubServer.StartAsync();
        _ana = _gitHub.AddUser("ana");
        _gitHub.AddOrganisation("acme", _ana);
        foreach (var name in (string[])["acme/shop", "acme/tools", "ana/notes"])
        {
            (await _gitHub.AddRepositoryAsync(name, [("a.txt", "one\n")])).Allow(_ana, RepositoryRole.Write);
        }

        var client = _gitHub.OAuth.Add("http://127.0.0.1/github/callback");
        _server = await ServerProcess.StartAsync(
            _folder, port: 0, $"--GitHub:BaseUrl={_gitHub.Web}", $"--GitHub:ApiUrl={_gitHub.Api}", $"--GitHub:ClientId={client.Id}", $"--GitHub:ClientSecret={client.Secret}");
        _playwright = await Playwright.CreateAsync();
        _browser = await AppUnderTest.LaunchAsync(_playwright);
        SetDefaultExpectTimeout(30_000);
    }

    public async Task DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
        await _server.DisposeAsync();
        await _gitHub.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_pasted_token_connects_and_a_private_repository_is_taken_from_the_list()
    {
        var page = await OpenAsync("/settings");
        var section = page.Locator("#github");
        await Expect(section).ToContainTextAsync("No account is connected.");

        await section.GetByLabel("Token of GitHub").FillAsync("ghp_000000000000000000000000000000000000");
        await section.GetByRole(AriaRole.Button, new() { Name = "Connect", Exact = true }).ClickAsync();
        await Expect(section.GetByRole(AriaRole.Alert)).ToContainTextAsync("GitHub does not know this token");

        await section.GetByLabel("Token of GitHub").FillAsync(_gitHub.AddToken(_ana, "repo"));
        await section.GetByRole(AriaRole.Button, new() { Name = "Connect", Exact = true }).ClickAsync();
        await Expect(section.GetByRole(AriaRole.Status).First).ToContainTextAsync("GitHub is connected as ana.");
        await Expect(section).ToContainTextAsync("Without the scope workflow");
        await Expect(section.GetByLabel("Token of GitHub")).ToHaveValueAsync("");

        await page.GetByRole(AriaRole.Button, new() { Name = "Connect a repository" }).ClickAsync();
        var dialog = page.Locator("dialog[open]");
        await Expect(dialog.Locator(".row")).ToHaveCountAsync(3);
        await dialog.GetByLabel("Find a repository of GitHub").FillAsync("shop");
        await Expect(dialog.Locator(".row")).ToHaveCountAsync(1);
        await dialog.GetByLabel("Find a repository of GitHub").PressAsync("Enter");
        await Expect(page.Locator("dialog[open]")).ToHaveCountAsync(0);
        await Expect(page.Locator(".column")).ToContainTextAsync("acme/shop");

        await section.GetByRole(AriaRole.Button, new() { Name = "Disconnect ana" }).ClickAsync();
        await Expect(section.Locator(".ask")).ToContainTextAsync("1 repository");
        await section.GetByRole(AriaRole.Button, new() { Name = "Disconnect for good" }).ClickAsync();
        await Expect(section.GetByRole(AriaRole.Status).First).ToContainTextAsync("ana is disconnected");
    }

    [Fact]
    public async Task Consent_is_given_on_GitHubs_page_and_an_app_is_made_by_two_clicks()
    {
        var page = await OpenAsync("/settings");

        await page.GetByRole(AriaRole.Link, new() { Name = "Connect with GitHub" }).ClickAsync();
        await Expect(page.Locator("#github .notice")).ToContainTextAsync("GitHub is connected as ana.");

        await page.GetByRole(AriaRole.Link, new() { Name = "Set up a GitHub App" }).ClickAsync();
        await Expect(page.Locator("h1")).ToContainTextAsync("Set up a GitHub App");
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on to GitHub" }).ClickAsync();
        await Expect(page.Locator("#github .notice")).ToContainTextAsync("is this server's now");
        await Expect(page.Locator("#github")).ToContainTextAsync("It is installed nowhere yet");

        await page.GetByRole(AriaRole.Link, new() { Name = "Install on an account" }).ClickAsync();
        await Expect(page.Locator("#github")).ToContainTextAsync("all repositories");
    }

    [Theory]
    [InlineData(1440, ColorScheme.Light)]
    [InlineData(400, ColorScheme.Dark)]
    public async Task The_section_and_the_list_keep_the_rules_and_fit(int width, ColorScheme scheme)
    {
        var page = await OpenAsync("/settings", width, scheme, axe: true);
        await page.Locator("#github").GetByLabel("Token of GitHub").FillAsync(_gitHub.AddToken(_ana));
        await page.Locator("#github").GetByRole(AriaRole.Button, new() { Name = "Connect", Exact = true }).ClickAsync();
        await Expect(page.Locator("#github .notice")).ToContainTextAsync("connected as ana");
        await page.GetByRole(AriaRole.Button, new() { Name = "Disconnect ana" }).ClickAsync();
        await Expect(page.Locator("#github .ask")).ToBeVisibleAsync();
        await LooksRightAsync(page, $"settings-{width}");

        await page.GetByRole(AriaRole.Button, new() { Name = "Connect a repository" }).ClickAsync();
        await Expect(page.Locator("dialog[open] .row")).ToHaveCountAsync(3);
        await LooksRightAsync(page, $"dialog-{width}");

        await page.GotoAsync(new Uri(_server.Address, "/github/app/new").ToString());
        await LooksRightAsync(page, $"app-{width}");
    }

    private static async Task LooksRightAsync(IPage page, string what)
    {
        var found = await page.RunAxe(new AxeRunOptions { RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] } });
        Assert.True(found.Violations.Length == 0, string.Join('\n', found.Violations.Select(v => $"{what} {v.Id}: {v.Help} {string.Join(' ', v.Nodes.Select(n => n.Html))}")));
        Assert.True(await page.EvaluateAsync<bool>("[document.documentElement, ...document.querySelectorAll('.page')].every(box => box.scrollWidth <= box.clientWidth)"), $"{what} is wider than its window.");
    }

    private async Task<IPage> OpenAsync(string path, int width = 1440, ColorScheme scheme = ColorScheme.Light, bool axe = false)
    {
        // Axe is put into the page from outside, which the page's own policy rightly forbids.
        var page = await _browser.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = 900 }, ColorScheme = scheme, BypassCSP = axe });
        await page.GotoAsync(new Uri(_server.Address, path).ToString());
        await page.Locator("main[data-interactive]").WaitForAsync();
        return page;
    }
}

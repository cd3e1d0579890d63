using System.Collections.Concurrent;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CodexWeb.Browser.Tests;

/// <summary>A person with a browser window. What a page must never do is noted as it happens: errors on the console, refused content, failed answers, requests to elsewhere.</summary>
internal sealed class Visitor : IAsyncDisposable
{
    private const float Patience = 60_000;

    private readonly ConcurrentQueue<string> _troubles = new();
    private readonly Uri _home;

    private Visitor(IPage page, Uri home)
    {
        Page = page;
        _home = home;
        page.Console += (_, message) =>
        {
            if (message.Type is "error")
            {
                _troubles.Enqueue($"console: {message.Text}");
            }
        };
        page.PageError += (_, error) => _troubles.Enqueue($"script: {error}");
        page.Response += (_, response) =>
        {
            if (response.Status >= 400)
            {
                _troubles.Enqueue($"{response.Status} {response.Url}");
            }
        };
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url) is { Scheme: "http" or "https" } url && !string.Equals(url.Authority, home.Authority, StringComparison.Ordinal))
            {
                _troubles.Enqueue($"request to elsewhere: {request.Url}");
            }
        };
    }

    public IPage Page { get; }

    /// <summary>Opens a window of a width.</summary>
    public static async Task<Visitor> ComeAsync(AppUnderTest app, int width = 1440)
    {
        var context = await app.Browser.NewContextAsync(new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = width, Height = width < 900 ? 800 : 900 } });
        context.SetDefaultTimeout(Patience);
        SetDefaultExpectTimeout(Patience);
        return new Visitor(await context.NewPageAsync(), app.Address);
    }

    /// <summary>Opens an address of the server and waits until the page can be used.</summary>
    public async Task OpenAsync(string path)
    {
        await Page.GotoAsync(new Uri(_home, path).ToString());
        await Page.Locator("main[data-interactive]").WaitForAsync();
    }

    /// <summary>Starts an example task of the sample repository and waits until its page is there.</summary>
    public async Task StartExampleAsync(string title)
    {
        await OpenAsync("/");
        await Page.GetByRole(AriaRole.Button, new() { Name = title }).ClickAsync();
        await Page.WaitForURLAsync("**/tasks/*");
    }

    /// <summary>Starts a task with a prompt of one's own.</summary>
    public async Task StartAsync(string prompt)
    {
        await OpenAsync("/");
        await Page.Locator("#prompt").FillAsync(prompt);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Code", Exact = true }).ClickAsync();
        await Page.WaitForURLAsync("**/tasks/*");
    }

    /// <summary>Waits for the state word in the task's head.</summary>
    public Task SeesStateAsync(string state) => Expect(Page.Locator("header.head .pill.state")).ToContainTextAsync(state);

    /// <summary>Lets axe look at the page as it stands.</summary>
    public async Task IsAccessibleAsync()
    {
        var found = await Page.RunAxe();
        Assert.True(found.Violations.Length == 0, string.Join('\n', found.Violations.Select(violation => $"{violation.Id}: {violation.Help}: {string.Join(" | ", violation.Nodes.Select(node => node.Html).Take(5))}")));
    }

    /// <summary>Nothing is wider than the window.</summary>
    public async Task FitsAsync()
    {
        var (inner, outer) = (await Page.EvaluateAsync<int>("document.documentElement.scrollWidth"), await Page.EvaluateAsync<int>("document.documentElement.clientWidth"));
        Assert.True(inner <= outer, $"The page is {inner} pixels wide in a window of {outer}.");
    }

    /// <summary>Nothing went wrong so far.</summary>
    public void SawNoTrouble() => Assert.True(_troubles.IsEmpty, string.Join('\n', _troubles));

    public async ValueTask DisposeAsync() => await Page.Context.DisposeAsync();
}

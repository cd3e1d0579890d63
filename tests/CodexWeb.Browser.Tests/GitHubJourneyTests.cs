using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CodexWeb.Browser.Tests;

/// <summary>The whole way with GitHub in a browser: connect, choose a repository, a task, its pull request, a follow-up, the merge.</summary>
public sealed class GitHubJourneyTests(AppWithGitHub app) : IClassFixture<AppWithGitHub>
{
    [Fact]
    public async Task From_a_token_to_a_merged_pull_request_of_which_webhooks_tell()
    {
        var shop = await app.AddRepositoryAsync("shop");
        await using var visitor = await Visitor.ComeAsync(app);
        var page = visitor.Page;
        await ConnectByTokenAsync(visitor);
        await ChooseAsync(visitor, "shop");
        await StartAsync(visitor, "echo 'coffee 4' >> prices.txt");

        await page.GetByRole(AriaRole.Button, new() { Name = "Create PR", Exact = true }).ClickAsync();
        var sheet = page.Locator("dialog[open]");
        await sheet.Locator("form.pull").WaitForAsync();
        await visitor.IsAccessibleAsync();
        await sheet.GetByLabel("Title", new() { Exact = true }).FillAsync("Sell coffee");
        await sheet.GetByRole(AriaRole.Button, new() { Name = "Create PR" }).ClickAsync();
        await Expect(sheet).ToContainTextAsync("#1 ");
        await sheet.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        var badge = page.Locator("header.head .badge.pr");
        await Expect(badge).ToContainTextAsync("#1 open");
        var pull = shop.Pull(1);
        Assert.Equal(("Sell coffee", "main", "tea 3\ncoffee 4"), (pull.Title, pull.BaseBranch, await shop.Git.RunAsync("show", $"{pull.HeadSha}:prices.txt")));
        Assert.Contains("## ", pull.Body, StringComparison.Ordinal);

        await shop.SetCheckAsync(pull.HeadSha, "build", "failure");
        await Expect(badge).ToContainTextAsync("checks failed");
        var first = pull.HeadSha;
        await FollowUpAsync(visitor, "echo 'cocoa 5' >> prices.txt");
        await UpdateAsync(visitor);
        Assert.NotEqual(first, pull.HeadSha);
        Assert.Equal("tea 3\ncoffee 4\ncocoa 5", await shop.Git.RunAsync("show", $"{pull.HeadSha}:prices.txt"));
        await shop.SetCheckAsync(pull.HeadSha, "build", "success");
        await Expect(badge).ToContainTextAsync("checks passed");

        await pull.MergeAsync(app.Ana);
        await Expect(badge).ToContainTextAsync("#1 merged");
        await visitor.IsAccessibleAsync();
        await visitor.OpenAsync("/tasks");
        await Expect(page.GetByText("merged").First).ToBeVisibleAsync();
        visitor.SawNoTrouble();
    }

    [Fact]
    public async Task A_merge_that_no_webhook_tells_of_is_seen_all_the_same()
    {
        app.GitHub.Webhooks.Muted = true;
        try
        {
            var shop = await app.AddRepositoryAsync("quiet");
            await using var visitor = await Visitor.ComeAsync(app);
            await ConnectByTokenAsync(visitor);
            await ChooseAsync(visitor, "quiet");
            await StartAsync(visitor, "echo 'coffee 4' >> prices.txt");
            await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Create PR", Exact = true }).ClickAsync();
            var sheet = visitor.Page.Locator("dialog[open]");
            await sheet.GetByRole(AriaRole.Button, new() { Name = "Create PR" }).ClickAsync();
            await Expect(sheet).ToContainTextAsync("#1 ");
            await sheet.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
            var pull = shop.Pull(1);
            // As long as GitHub has not worked that out, the server looks again soon.
            pull.AnswersBeforeMergeabilityIsKnown = 1000;
            await FollowUpAsync(visitor, "echo 'cocoa 5' >> prices.txt");
            await UpdateAsync(visitor);

            await pull.MergeAsync(app.Ana);

            await Expect(visitor.Page.Locator("header.head .badge.pr")).ToContainTextAsync("#1 merged");
            visitor.SawNoTrouble();
        }
        finally
        {
            app.GitHub.Webhooks.Muted = false;
        }
    }

    private async Task ConnectByTokenAsync(Visitor visitor)
    {
        var page = visitor.Page;
        await visitor.OpenAsync("/settings");
        var form = page.GetByRole(AriaRole.Form, new() { Name = "Connect by token" });
        await form.GetByLabel("Token of GitHub").FillAsync(app.GitHub.AddToken(app.Ana));
        await form.GetByRole(AriaRole.Button, new() { Name = "Connect" }).ClickAsync();
        await Expect(page.Locator("#github").GetByRole(AriaRole.Listitem).Filter(new() { HasText = "ana" })).ToContainTextAsync("token");
        await visitor.IsAccessibleAsync();
    }

    /// <summary>Connects a repository from the composer, found as its name is typed.</summary>
    private static async Task ChooseAsync(Visitor visitor, string name)
    {
        var page = visitor.Page;
        await visitor.OpenAsync("/");
        await page.Locator("button[popovertarget=repository]").First.ClickAsync();
        await page.Locator("#repository").GetByRole(AriaRole.Button, new() { Name = "Connect a repository" }).ClickAsync();
        var dialog = page.Locator("dialog[open]");
        await dialog.GetByLabel("Find a repository of GitHub").PressSequentiallyAsync(name[..3]);
        await visitor.IsAccessibleAsync();
        await dialog.Locator("button.row", new() { HasText = name }).ClickAsync();
        await Expect(page.Locator("button[popovertarget=repository]").First).ToContainTextAsync(name);
        await Expect(dialog).ToHaveCountAsync(0);
    }

    private static async Task StartAsync(Visitor visitor, string script)
    {
        await visitor.Page.Locator("#prompt").FillAsync($"Change the prices.\n\n```sh\n{script}\n```");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Code", Exact = true }).ClickAsync();
        await visitor.Page.WaitForURLAsync("**/tasks/*");
        await visitor.SeesStateAsync("Ready for review");
    }

    private static async Task FollowUpAsync(Visitor visitor, string script)
    {
        var finals = visitor.Page.Locator(".conversation .message[data-final]");
        var before = await finals.CountAsync();
        await visitor.Page.Locator("#message").FillAsync($"And more.\n\n```sh\n{script}\n```");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Send", Exact = true }).ClickAsync();
        await Expect(finals).ToHaveCountAsync(before + 1);
        await visitor.SeesStateAsync("Ready for review");
    }

    private static async Task UpdateAsync(Visitor visitor)
    {
        var page = visitor.Page;
        await page.GetByRole(AriaRole.Button, new() { Name = "Update PR #1 (1 commit)" }).ClickAsync();
        var sheet = page.Locator("dialog[open]");
        await sheet.GetByRole(AriaRole.Button, new() { Name = "Update PR #1" }).ClickAsync();
        await Expect(sheet.Locator("p.done")).ToContainTextAsync("#1");
        await sheet.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
    }
}

using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CodexWeb.Browser.Tests;

/// <summary>A person who wants to be asked starts a task, and is.</summary>
public sealed class ApprovalJourneyTests(AppUnderTest app) : IClassFixture<AppUnderTest>
{
    [Theory]
    [InlineData(1440)]
    [InlineData(400)]
    public async Task A_task_that_asks_waits_in_the_list_is_approved_by_keyboard_and_goes_on(int width)
    {
        var repository = await GitFolder.CreateAsync(app.Folder.Below($"asks-{width}"), ("a.txt", "a\n"u8.ToArray()));
        using var api = new ApiClient(app.Address);
        var id = await api.ConnectAsync(repository.Path);
        await using var visitor = await Visitor.ComeAsync(app, width);
        await visitor.OpenAsync($"/?repository={id}");
        await visitor.Page.Locator("#prompt").FillAsync("Run this.\n\n```sh\necho b >> a.txt\n```");
        await visitor.Page.Locator("button.chip[popovertarget=approval]").ClickAsync();
        await visitor.Page.Locator("#approval").GetByRole(AriaRole.Button, new() { Name = "Auto edit" }).ClickAsync();
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Code", Exact = true }).ClickAsync();
        await visitor.Page.WaitForURLAsync("**/tasks/*");

        await visitor.SeesStateAsync("Needs you");
        var card = visitor.Page.Locator("#decide");
        await Expect(card.Locator("pre")).ToHaveTextAsync("echo b >> a.txt");
        await visitor.Page.Locator("header.head").GetByRole(AriaRole.Link, new() { Name = "Approve" }).ClickAsync();
        await Expect(card).ToBeInViewportAsync();
        await card.GetByRole(AriaRole.Button, new() { Name = "Approve", Exact = true }).FocusAsync();
        await visitor.Page.Keyboard.PressAsync("Enter");

        await visitor.SeesStateAsync("Ready for review");
        await Expect(visitor.Page.Locator("section.ask .badge")).ToHaveTextAsync("Approved");
        visitor.SawNoTrouble();
    }
}

using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CodexWeb.Browser.Tests;

/// <summary>What goes in: images and files, menus, templates.</summary>
public sealed class InputTests(AppUnderTest app) : IClassFixture<AppUnderTest>
{
    // A picture of 3000 by 2 pixels: drawn by the browser, pasted as from the clipboard, dropped as from the desktop.
    private const string Bring = """
        async ([kind, name, type, content, width]) => {
          let blob = new Blob([content], { type });
          if (width > 0) {
            const canvas = document.createElement('canvas');
            [canvas.width, canvas.height] = [width, 200];
            canvas.getContext('2d').fillRect(0, 0, 30, 30);
            blob = await new Promise(done => canvas.toBlob(done, type));
          }
          const data = new DataTransfer();
          data.items.add(new File([blob], name, { type }));
          const box = document.querySelector('textarea.prompt');
          box.dispatchEvent(kind === 'paste'
            ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
            : new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
        }
        """;

    [Fact]
    public async Task A_pasted_image_and_a_dropped_file_reach_the_sandbox_and_a_queued_message_brings_its_own()
    {
        await using var visitor = await Visitor.ComeAsync(app);
        var page = visitor.Page;
        await visitor.OpenAsync("/");
        await BringAsync(page, "paste", "image.png", "image/png", width: 3000);
        await BringAsync(page, "drop", "notes <b>.txt", "text/plain", "forty-two");
        await Expect(page.Locator("#prompt-files li")).ToHaveCountAsync(2);
        await Expect(page.Locator("#prompt-files img")).ToHaveJSPropertyAsync("naturalWidth", 2048);
        await visitor.IsAccessibleAsync();

        // A reload keeps them, as it keeps the text.
        await visitor.OpenAsync("/");
        await Expect(page.Locator("#prompt-files li")).ToHaveCountAsync(2);
        await page.Locator("#prompt").FillAsync("Run this:\n\n```sh\nls /attachments\ncat '/attachments/notes <b>.txt'\ntouch /attachments/mine || echo refused\n```\n\n```sh\nfor i in $(seq 600); do [ -e /attachments/more.txt ] && break; sleep 0.1; done; cat /attachments/more.txt\n```");
        await page.GetByRole(AriaRole.Button, new() { Name = "Code", Exact = true }).ClickAsync();
        await page.WaitForURLAsync("**/tasks/*");

        await Expect(page.Locator(".bubble img")).ToHaveCountAsync(1);
        await BringAsync(page, "drop", "more.txt", "text/plain", "forty-three");
        await Expect(page.Locator("#message-files li .state")).ToHaveTextAsync("");
        await page.Locator("#message").FillAsync("And look at this.");
        await page.Keyboard.PressAsync("Enter");

        await visitor.SeesStateAsync("Ready for review");
        var log = await page.EvaluateAsync<string>("async () => { const id = location.pathname.split('/').pop(); const task = await (await fetch(`/api/v1/tasks/${id}`)).json(); return (await (await fetch(`/api/v1/attempts/${task.attempts[0].id}/events?after=0`)).text()); }");
        Assert.True(log.Contains("image.png\\nnotes <b>.txt", StringComparison.Ordinal), log);
        Assert.Contains("forty-two", log, StringComparison.Ordinal);
        Assert.Contains("refused", log, StringComparison.Ordinal);
        Assert.Contains("forty-three", log, StringComparison.Ordinal);
        await Expect(page.Locator(".bubble .files a.chip")).ToHaveCountAsync(2);
        visitor.SawNoTrouble();
    }

    [Fact]
    public async Task Files_and_templates_are_found_by_a_few_keys_and_fields_are_filled_in_by_tab()
    {
        await using var visitor = await Visitor.ComeAsync(app, width: 400);
        var page = visitor.Page;
        await visitor.OpenAsync("/settings");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add /fix-bug" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Edit /fix-bug" })).ToBeVisibleAsync();

        await visitor.OpenAsync("/");
        var box = page.Locator("#prompt");
        await page.Locator("#prompt[data-ready]").FocusAsync();
        await page.Keyboard.TypeAsync("/fix");
        await Expect(page.GetByRole(AriaRole.Option)).ToHaveCountAsync(1);
        await Expect(box).ToHaveAttributeAsync("aria-activedescendant", "prompt-menu-0");
        await visitor.FitsAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.TypeAsync("it is slow");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync("fast");
        await Expect(box).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("^Fix this bug: it is slow\n\nExpected: fast\n"));

        await box.FillAsync("Look at ");
        await page.Keyboard.TypeAsync("@basketpm");
        await Expect(page.GetByRole(AriaRole.Option).First).ToContainTextAsync("lib/Basket.pm");
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByRole(AriaRole.Option)).ToHaveCountAsync(0);
        await page.Keyboard.PressAsync("Backspace");
        await page.GetByRole(AriaRole.Option).First.ClickAsync();
        await Expect(box).ToHaveValueAsync("Look at `lib/Basket.pm` ");
        visitor.SawNoTrouble();
    }

    private static async Task BringAsync(IPage page, string kind, string name, string type, string content = "", int width = 0)
    {
        await page.Locator("textarea.prompt[data-ready]").WaitForAsync();
        await page.EvaluateAsync(Bring, new object[] { kind, name, type, content, width });
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CodexWeb.Browser.Tests;

/// <summary>From an address to a task done by the model behind it.</summary>
public sealed class ModelSettingsTests(AppUnderTest app) : IClassFixture<AppUnderTest>
{
    [Fact]
    public async Task A_local_server_is_added_tested_and_answers_a_task()
    {
        await using var model = await StartModelAsync();
        var page = await app.Browser.NewPageAsync();
        await page.GotoAsync(new Uri(app.Address, "/settings").ToString());
        await page.Locator("main[data-interactive]").WaitForAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Add a provider" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "llama.cpp" }).ClickAsync();
        await page.Locator("#provider-address").FillAsync(model.Urls.First() + "/v1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask the server for its models" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "tiny-coder" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Test", Exact = true }).ClickAsync();
        await Expect(page.Locator("dialog[open]")).ToContainTextAsync("The basket is in lib.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        // The first real model is the default by itself.
        await Expect(page.Locator("#models tr", new() { HasText = "llama/tiny-coder" })).ToContainTextAsync("default");

        await page.GotoAsync(app.Address.ToString());
        await page.Locator("main[data-interactive]").WaitForAsync();
        await Expect(page.Locator("button.chip[popovertarget=model]")).ToContainTextAsync("tiny-coder");
        await page.Locator("button.example").Nth(1).ClickAsync();
        await Expect(page.Locator(".conversation")).ToContainTextAsync("The basket is in lib.", new() { Timeout = 30_000 });
        await Expect(page.Locator(".conversation")).ToContainTextAsync("counts no tokens");
    }

    /// <summary>A server such as people run at home: no key, no token counts, no mark at the end.</summary>
    private static async Task<WebApplication> StartModelAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        server.MapGet("/v1/models", static () => Results.Json(new { data = new[] { new { id = "tiny-coder" } } }));
        server.MapPost("/v1/chat/completions", static async (HttpResponse response) =>
        {
            response.ContentType = "text/event-stream";
            await response.WriteAsync("""
                data: {"choices":[{"delta":{"content":"The basket is in lib."}}]}

                data: {"choices":[{"delta":{},"finish_reason":"stop"}]}


                """);
        });
        await server.StartAsync();
        return server;
    }
}

using System.Text.Json.Nodes;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CodexWeb.Browser.Tests;

/// <summary>Attempts side by side in a browser: compare, choose, take a hunk over, go back.</summary>
public sealed class BestOfTests(AppUnderTest app) : IClassFixture<AppUnderTest>
{
    [Fact]
    public async Task Two_attempts_are_compared_a_hunk_is_taken_over_and_the_files_are_rewound()
    {
        using var api = new ApiClient(app.Address);
        var repository = await api.SampleAsync();
        var task = await api.PostAsync("/api/v1/tasks", new JsonObject { ["repositoryId"] = repository, ["mode"] = "code", ["attempts"] = 2, ["prompt"] = Prompt("echo ours > notes.txt") });
        var (id, second) = (task.GetProperty("id").GetString()!, task.GetProperty("attempts")[1].GetProperty("id").GetString()!);
        await RestAsync(api, id);
        await api.PostAsync($"/api/v1/tasks/{id}/turns", new JsonObject { ["attemptId"] = second, ["prompt"] = Prompt("echo theirs > notes.txt; echo more > more.txt") });
        await RestAsync(api, id);
        await using var visitor = await Visitor.ComeAsync(app);
        var page = visitor.Page;

        await visitor.OpenAsync($"/tasks/{id}?attempt=1");
        await Expect(page.Locator(".board tbody tr")).ToHaveCountAsync(2);
        await visitor.IsAccessibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Choose: attempt 1" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Chosen: attempt 1" })).ToBeVisibleAsync();

        await page.GetByLabel("Which changes").SelectOptionAsync(new SelectOptionValue { Label = "Attempt 1 against attempt 2" });
        await Expect(page.Locator(".code-rows")).ToContainTextAsync("theirs");
        await page.Locator(".gap:has(.section) .pick-hunk").First.ClickAsync();
        await Expect(page.Locator("form.hunks")).ToContainTextAsync("1 hunk selected");
        await visitor.IsAccessibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Take into attempt 1" }).ClickAsync();
        await Expect(page.Locator("div.prompt").Last).ToContainTextAsync("Take 1 hunk of attempt 2");
        await RestAsync(api, id);
        await Expect(page.Locator("div.prompt")).ToHaveCountAsync(2);

        await page.Locator(".stepped:has(.step)").First.HoverAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Rewind files to here" }).First.ClickAsync();
        await Expect(page.Locator(".notice").Last).ToContainTextAsync("rewound to an earlier step");
        var diff = await api.GetTextAsync($"/api/v1/attempts/{task.GetProperty("attempts")[0].GetProperty("id").GetString()}/diff");
        Assert.Contains("+ours", diff, StringComparison.Ordinal);
        Assert.DoesNotContain("more", diff, StringComparison.Ordinal);

        await page.GetByRole(AriaRole.Button, new() { Name = "Fork from here" }).First.ClickAsync();
        await page.GetByLabel("What should be done there?").FillAsync(Prompt("cat notes.txt"));
        await visitor.IsAccessibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Start the fork" }).ClickAsync();
        await page.WaitForURLAsync(url => !url.Contains(id, StringComparison.Ordinal));
        await visitor.SeesStateAsync("Ready for review");
        await Expect(page.Locator("header.head")).ToContainTextAsync("Forked from");
        visitor.SawNoTrouble();
    }

    private static string Prompt(string script) => $"Write notes.\n\n```sh\n{script}\n```";

    // All attempts of the task came to rest.
    private static async Task RestAsync(ApiClient api, string task)
    {
        var found = await api.GetAsync($"/api/v1/tasks/{task}");
        foreach (var attempt in found.GetProperty("attempts").EnumerateArray().Select(a => a.GetProperty("id").GetString()!))
        {
            var stored = await api.StoredAsync(attempt);
            if (stored.Select(ApiClient.StatusOf).Last(status => status is not null) is "queued" or "preparing" or "running")
            {
                await api.UntilEndAsync(attempt, stored[^1].GetProperty("seq").GetInt64());
            }
        }
    }
}

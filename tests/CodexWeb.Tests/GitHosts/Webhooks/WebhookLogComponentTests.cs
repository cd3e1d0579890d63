using Bunit;
using CodexWeb.CommandLine;
using CodexWeb.Data;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.GitHosts.Webhooks;
using CodexWeb.Tests.Data;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.GitHosts.Webhooks;

public sealed class WebhookLogComponentTests : BunitContext, IAsyncLifetime
{
    private readonly TestDatabase _database = new();

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        Services.AddSingleton(TimeProvider.System);
        Services.AddSingleton<IDbContextFactory<CodexDb>>(_database);
        Services.AddSingleton(_database.Gate);
        Services.AddSingleton<IDataProtectionProvider>(new EphemeralDataProtectionProvider());
        Services.AddSingleton<GitHubSecrets>();
        Services.AddSingleton<GitHubAppStore>();
        Services.AddSingleton<GitHubAppAccess>();
        Services.AddSingleton<WebhookSignal>();
        Services.AddSingleton<WebhookInbox>();
        Services.AddSingleton<WebhookQueries>();
        Services.Configure<ServerOptions>(options => options.PublicUrl = new Uri("https://codexweb.example/"));
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        await DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public void Before_the_first_it_says_what_to_enter_at_GitHub_and_what_is_missing_here()
    {
        var log = Render<WebhookLog>();

        log.WaitForAssertion(() => Assert.Contains("https://codexweb.example/github/webhooks", log.Find(".empty").TextContent, StringComparison.Ordinal));
        Assert.Contains("application/json", log.Find(".empty").TextContent, StringComparison.Ordinal);
        Assert.Contains("GitHub:WebhookSecret", log.Find(".missing").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_shows_what_came_and_what_came_of_it_and_more_when_asked()
    {
        for (var i = 0; i < 25; i++)
        {
            await StoreAsync($"d{i}", i == 24 ? "Started a <b>task</b>.\u202E" : "Nothing here is concerned.");
        }

        var log = Render<WebhookLog>();
        log.WaitForAssertion(() => Assert.Equal(20, log.FindAll("tbody tr").Count));
        Assert.Contains("Started a <b>task</b>.‹U+202E›", log.FindAll("tbody tr")[0].TextContent, StringComparison.Ordinal);
        Assert.Contains("acme/shop", log.FindAll("tbody tr")[0].TextContent, StringComparison.Ordinal);

        await log.FindAll("button").Single(button => button.TextContent == "Show older").ClickAsync(new());

        Assert.Equal(25, log.FindAll("tbody tr").Count);
        Assert.DoesNotContain(log.FindAll("button"), button => button.TextContent == "Show older");
    }

    private async Task StoreAsync(string id, string outcome)
    {
        Assert.True(WebhookPayload.TryRead(id, "issue_comment", WebhookRig.Payload(1), out var webhook));
        await Services.GetRequiredService<WebhookInbox>().StoreAsync(webhook, "{}", outcome, CancellationToken.None);
    }
}

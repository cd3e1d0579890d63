using System.Net.Http.Json;
using System.Text.Json;
using CodexWeb.Data;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.GitHosts.Webhooks;
using CodexWeb.Health;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.GitHosts.GitHub;

/// <summary>What webhooks change of connections and repositories, and what the doctor says of them.</summary>
public sealed class ConnectionWebhooksTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private ConnectedServer _server = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _server = await ConnectedServer.StartAsync();
        _client = _server.Browser();
        await _server.ConnectAsync(_client, _server.GitHub.AddToken(_server.Ana));
        await _client.PostAsJsonAsync("/api/v1/repositories", new { url = _server.Shop.CloneUrl });
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_renamed_repository_is_followed_in_name_and_address_however_often_it_is_said()
    {
        await _server.GitHub.RenameAsync(_server.Shop, "acme/store");

        Assert.Equal("acme/shop is acme/store now; its address was changed.", await SendAsync("repository", "renamed", "acme/store"));
        Assert.Equal("acme/store has this address already.", await SendAsync("repository", "renamed", "acme/store"));

        Assert.Equal(("acme/store", $"{_server.GitHub.Web}acme/store.git"), await RepositoryAsync());
    }

    [Fact]
    public async Task A_late_word_of_an_earlier_name_does_not_lead_back()
    {
        await _server.GitHub.RenameAsync(_server.Shop, "acme/store");
        await _server.GitHub.RenameAsync(_server.Shop, "acme/market");
        await SendAsync("repository", "renamed", "acme/market");

        await SendAsync("repository", "renamed", "acme/store");

        Assert.Equal(("acme/market", $"{_server.GitHub.Web}acme/market.git"), await RepositoryAsync());
    }

    [Fact]
    public async Task A_repository_nobody_connected_is_nobodys_business() =>
        Assert.Null(await HandleAsync(new WebhookEvent("1", "repository", "renamed", 424242, "acme/other", null, JsonElement.Parse("{}"))));

    [Fact]
    public async Task Consent_that_was_taken_back_marks_the_connection_it_gave()
    {
        var body = JsonSerializer.SerializeToElement(new { sender = new { id = _server.Ana.Id } });
        Assert.Null(await HandleAsync(new WebhookEvent("1", "github_app_authorization", "revoked", null, null, null, body)));
        await using (var db = await DatabaseAsync())
        {
            (await db.GitHubAccounts.SingleAsync()).ConnectBy(GitHubAccountKind.OAuth);
            await db.SaveChangesAsync();
        }

        Assert.Equal("ana took the consent back; the connection is marked.", await HandleAsync(new WebhookEvent("2", "github_app_authorization", "revoked", null, null, null, body)));

        await using var after = await DatabaseAsync();
        Assert.Equal("ana took the consent back at GitHub. Connect again.", (await after.GitHubAccounts.SingleAsync()).Problem);
    }

    [Theory]
    [InlineData("installation", "deleted", "The App was taken off acme; its repositories are reached by people's connections alone.")]
    [InlineData("installation", "suspend", "The App was suspended on acme; its repositories are reached by people's connections alone.")]
    [InlineData("installation_repositories", "added", "The App reaches other repositories of acme now: 2 more, 0 less.")]
    [InlineData("installation", "something_new", null)]
    public async Task What_happens_to_an_installation_is_said(string name, string action, string? expected)
    {
        var body = JsonElement.Parse("""{"installation":{"id":7,"account":{"login":"acme"}},"repositories_added":[{},{}]}""");

        Assert.Equal(expected, await HandleAsync(new WebhookEvent("1", name, action, null, null, 7, body)));
    }

    [Fact]
    public async Task The_doctor_tells_a_token_that_works_from_one_that_does_not()
    {
        var probe = _server.Services.GetServices<IHealthProbe>().Single(probe => probe.Name == "GitHub");
        Assert.Equal(HealthCheck.Pass("GitHub connection ana", "GitHub takes the token of ana."), Assert.Single(await probe.LookAsync(None)));

        foreach (var token in _server.GitHub.TokensSeen)
        {
            _server.GitHub.Revoke(token);
        }

        var failed = Assert.Single(await probe.LookAsync(None));
        Assert.False(failed.Passed);
        Assert.False(failed.Required);
        Assert.Equal("Connect again: Settings, GitHub.", failed.Fix);
        Assert.StartsWith("GitHub does not take the token of ana any more", Assert.Single(await probe.LookAsync(None)).Detail, StringComparison.Ordinal);
    }

    private Task<string?> SendAsync(string name, string action, string fullName) =>
        HandleAsync(new WebhookEvent("1", name, action, _server.Shop.Id, fullName, null, JsonElement.Parse("{}")));

    private async Task<string?> HandleAsync(WebhookEvent webhook) => await _server.Services.GetServices<IWebhookHandler>().OfType<ConnectionWebhooks>().Single().HandleAsync(webhook, None);

    private async Task<(string Name, string Url)> RepositoryAsync()
    {
        await using var db = await DatabaseAsync();
        var repository = await db.Repositories.SingleAsync(r => r.HostRepositoryId == _server.Shop.Id);
        return (repository.Name, repository.Url);
    }

    private Task<CodexDb> DatabaseAsync() => _server.Get<IDbContextFactory<CodexDb>>().CreateDbContextAsync();
}

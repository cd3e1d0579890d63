using System.Net;
using System.Text.Json;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using CodexWeb.EmulatedGitHub;
using CodexWeb.GitHosts.GitHub;
using Microsoft.AspNetCore.WebUtilities;

namespace CodexWeb.Tests.GitHosts.GitHub;

/// <summary>The server's own App, from the manifest to tokens of its installations.</summary>
public sealed class GitHubAppSetupTests : IAsyncLifetime
{
    private static readonly GitHubRepositoryName ShopName = new("acme", "shop");

    private readonly HttpClient _gitHub = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private ConnectedServer _server = null!;
    private HttpClient _browser = null!;

    public async Task InitializeAsync()
    {
        _server = await ConnectedServer.StartAsync();
        _browser = _server.Browser();
    }

    public async Task DisposeAsync()
    {
        _browser.Dispose();
        _gitHub.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task An_app_is_made_by_two_clicks_and_its_keys_are_encrypted()
    {
        var (form, manifest) = await FormAsync("");
        Assert.False(manifest.TryGetProperty("hook_attributes", out _));
        Assert.Equal("write", manifest.GetProperty("default_permissions").GetProperty("contents").GetString());

        var notice = await MakeAsync(form, manifest);

        var app = Assert.Single(_server.GitHub.Apps.All);
        Assert.Equal(new GitHubNotice($"The GitHub App {app.Slug} is this server's now. Install it on the accounts whose repositories it shall reach.", IsProblem: false), notice);
        var shown = (await ConnectedServer.JsonAsync(await _browser.GetAsync("/api/v1/github"))).GetProperty("app");
        Assert.Equal($"{_server.GitHub.Web}github-apps/{app.Slug}/installations/new", shown.GetProperty("installPage").GetString());
        Assert.Empty(_server.FilesWith(app.ClientSecret));
        Assert.Empty(_server.FilesWith(app.Pem[40..80]));
        Assert.Empty(_server.FilesWith(app.WebhookSecret));
    }

    [Fact]
    public async Task An_organisation_can_own_it()
    {
        var (form, _) = await FormAsync("?organization=acme");

        Assert.StartsWith($"{_server.GitHub.Web}organizations/acme/settings/apps/new?state=", form, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await _browser.GetAsync("/github/app/new?organization=../x")).StatusCode);
    }

    [Fact]
    public async Task A_server_GitHub_can_reach_gets_webhooks()
    {
        await using var server = await ConnectedServer.StartAsync(("Server:PublicUrl", "https://codexweb.example"));
        using var browser = server.Browser();

        var manifest = Manifest(Parse(await (await browser.GetAsync("/github/app/new")).Content.ReadAsStringAsync()));

        Assert.Equal("https://codexweb.example/github/webhooks", manifest.GetProperty("hook_attributes").GetProperty("url").GetString());
        // The browser comes back to where it is, which the public address need not be open for.
        Assert.Equal("http://localhost:5080/github/app/callback", manifest.GetProperty("redirect_url").GetString());
        var events = manifest.GetProperty("default_events").EnumerateArray().Select(name => name.GetString()).ToList();
        Assert.Contains("pull_request", events);
        // GitHub sends these to every App and takes no manifest that names them.
        Assert.DoesNotContain("installation", events);
    }

    [Fact]
    public async Task The_form_may_go_to_GitHub_and_nowhere_else()
    {
        var answer = await _browser.GetAsync("/github/app/new");

        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains($"form-action 'self' {_server.GitHub.Web.GetLeftPart(UriPartial.Authority)};", policy, StringComparison.Ordinal);
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_code_without_its_state_makes_nothing()
    {
        await FormAsync("");

        var notice = Notice(await _browser.GetAsync("/github/app/callback?code=abc&state=def"));

        Assert.True(notice.IsProblem);
        Assert.Empty(_server.GitHub.Requests.To("POST", "/api/v3/app-manifests/abc/conversions"));
    }

    [Fact]
    public async Task A_repository_is_reached_by_the_installation_with_a_token_for_it_alone_that_is_used_again()
    {
        var app = await AppAsync();
        await app.InstallAsync(_server.Acme);
        var access = _server.Get<GitHubAccess>();

        var wide = await access.ForRepositoryAsync(ShopName, CancellationToken.None);
        await System.Net.Http.Json.HttpClientJsonExtensions.PostAsJsonAsync(_browser, "/api/v1/repositories", new { url = _server.Shop.CloneUrl });
        access.Forget();
        var narrow = await access.ForRepositoryAsync(ShopName, CancellationToken.None);
        var again = await access.ForRepositoryAsync(ShopName, CancellationToken.None);

        Assert.StartsWith("ghs_", wide!.Value.Value, StringComparison.Ordinal);
        Assert.Equal(narrow, again);
        var made = _server.GitHub.Requests.All.Last(request => request.Path.EndsWith("/access_tokens", StringComparison.Ordinal));
        Assert.Equal([_server.Shop.Id], JsonElement.Parse(made.Body).GetProperty("repository_ids").EnumerateArray().Select(id => id.GetInt64()));
        Assert.Empty(_server.FilesWith(narrow!.Value.Value));
    }

    [Fact]
    public async Task A_suspended_installation_leaves_the_repository_to_a_persons_connection()
    {
        var app = await AppAsync();
        var installation = await app.InstallAsync(_server.Acme);
        await installation.SuspendAsync(true);
        var token = _server.GitHub.AddToken(_server.Ana);
        await _server.ConnectAsync(_browser, token);

        Assert.Equal(new GitHubToken(token), await _server.Get<GitHubAccess>().ForRepositoryAsync(ShopName, CancellationToken.None));
    }

    [Fact]
    public async Task An_installations_repositories_are_listed_without_anybodys_token()
    {
        var app = await AppAsync();
        await app.InstallAsync(_server.Acme);

        var row = Assert.Single((await ConnectedServer.JsonAsync(await _browser.GetAsync("/api/v1/github/repositories"))).GetProperty("items").EnumerateArray());

        Assert.Equal(("acme/shop", true), (row.GetProperty("name").GetString(), row.GetProperty("canPush").GetBoolean()));
    }

    [Fact]
    public async Task A_forgotten_app_leaves_nothing()
    {
        await AppAsync();

        Assert.Equal(HttpStatusCode.NoContent, (await _browser.DeleteAsync("/api/v1/github/app")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _browser.DeleteAsync("/api/v1/github/app")).StatusCode);
        Assert.Null(await _server.Get<GitHubAppAccess>().FindAsync(CancellationToken.None));
    }

    private async Task<HostedApp> AppAsync()
    {
        var (form, manifest) = await FormAsync("");
        await MakeAsync(form, manifest);
        return _server.GitHub.Apps.All.Single();
    }

    private async Task<(string Form, JsonElement Manifest)> FormAsync(string query)
    {
        var page = Parse(await (await _browser.GetAsync($"/github/app/new{query}")).Content.ReadAsStringAsync());
        return (page.Forms[0].GetAttribute("action")!, Manifest(page));
    }

    private async Task<GitHubNotice> MakeAsync(string form, JsonElement manifest)
    {
        using var content = new FormUrlEncodedContent([KeyValuePair.Create("manifest", manifest.GetRawText())]);
        var made = await _gitHub.PostAsync(new Uri(form), content);
        return Notice(await _browser.GetAsync(made.Headers.Location!.PathAndQuery));
    }

    private GitHubNotice Notice(HttpResponseMessage answer)
    {
        var location = answer.Headers.Location!.ToString();
        return _server.Get<GitHubNotices>().Find(QueryHelpers.ParseQuery(location[location.IndexOf('?', StringComparison.Ordinal)..].Split('#')[0])["github"])!;
    }

    private static IHtmlDocument Parse(string html) => new HtmlParser().ParseDocument(html);

    private static JsonElement Manifest(IHtmlDocument page) => JsonElement.Parse(((IHtmlInputElement)page.QuerySelector("input[name=manifest]")!).Value);
}

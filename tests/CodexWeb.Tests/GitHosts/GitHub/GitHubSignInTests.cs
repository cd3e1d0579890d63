using System.Net;
using System.Text.Json;
using CodexWeb.GitHosts.GitHub;
using Microsoft.AspNetCore.WebUtilities;

namespace CodexWeb.Tests.GitHosts.GitHub;

/// <summary>Connecting by consent, through the pages of a GitHub, as a browser goes.</summary>
public sealed class GitHubSignInTests : IAsyncLifetime
{
    private readonly HttpClient _gitHub = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private ConnectedServer _server = null!;
    private HttpClient _browser = null!;

    public async Task InitializeAsync()
    {
        _server = await ConnectedServer.StartAsync();
        var client = _server.GitHub.OAuth.Add("http://localhost:5080/github/callback");
        _server.Set("GitHub:ClientId", client.Id);
        _server.Set("GitHub:ClientSecret", client.Secret);
        _browser = _server.Browser();
    }

    public async Task DisposeAsync()
    {
        _browser.Dispose();
        _gitHub.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Consent_connects_the_person_who_gave_it()
    {
        var consent = await BeginAsync();
        var query = QueryHelpers.ParseQuery(consent.Query);
        Assert.Equal("http://localhost:5080/github/callback", query["redirect_uri"]);
        Assert.Equal("S256", query["code_challenge_method"]);
        Assert.Equal("repo read:org workflow", query["scope"]);

        var notice = await EndAsync(await ConsentAsync(consent));

        Assert.Equal(new GitHubNotice("GitHub is connected as ana.", IsProblem: false), notice);
        var account = Assert.Single(await AccountsAsync());
        Assert.Equal(("ana", "oauth"), (account.GetProperty("login").GetString(), account.GetProperty("kind").GetString()));
        Assert.All(_server.GitHub.TokensSeen.Where(token => token.StartsWith("gho_", StringComparison.Ordinal)), token => Assert.Empty(_server.FilesWith(token)));
    }

    [Fact]
    public async Task The_cookie_is_for_no_script_and_for_ten_minutes()
    {
        var answer = await _browser.GetAsync("/github/connect");

        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.Contains("max-age=600", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("path=/github", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(QueryHelpers.ParseQuery(answer.Headers.Location!.Query)["state"]!, cookie, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_another_browser_began_does_not_end_here()
    {
        using var other = _server.Browser();
        var theirs = await ConsentAsync((await other.GetAsync("/github/connect")).Headers.Location!);
        await BeginAsync();

        var notice = await EndAsync(theirs);

        Assert.True(notice.IsProblem);
        Assert.StartsWith("This answer of GitHub's belongs to nothing that was begun in this browser", notice.Text, StringComparison.Ordinal);
        Assert.Empty(await AccountsAsync());
    }

    [Fact]
    public async Task A_way_back_is_gone_once()
    {
        var answer = await _browser.GetAsync("/github/connect");
        var back = await ConsentAsync(answer.Headers.Location!);
        var cookie = answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        await EndAsync(back);

        // A thief of both address and cookie comes too late, whatever his browser keeps.
        using var thief = _server.CreateDefaultClient(new Uri("http://localhost:5080"));
        using var request = new HttpRequestMessage(HttpMethod.Get, back.PathAndQuery);
        request.Headers.Add("Cookie", cookie);
        var notice = Notice(await thief.SendAsync(request));

        Assert.StartsWith("This answer of GitHub's belongs to nothing", notice.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_person_who_declines_is_told_that_nothing_was_connected()
    {
        _server.GitHub.OAuth.Refuses = true;

        var notice = await EndAsync(await ConsentAsync(await BeginAsync()));

        Assert.Equal(new GitHubNotice("GitHub was told not to connect, so nothing was connected.", IsProblem: true), notice);
    }

    [Theory]
    [InlineData("redirect_uri_mismatch", "Add http://localhost:5080/github/callback as a callback URL")]
    [InlineData("application_suspended", "GitHub has suspended the app")]
    [InlineData("anything", "GitHub did not connect: Said by GitHub. Connect again")]
    public async Task Errors_of_GitHubs_pages_become_sentences(string error, string expected)
    {
        var state = QueryHelpers.ParseQuery((await BeginAsync()).Query)["state"];

        var notice = await EndAsync(new Uri($"http://localhost:5080/github/callback?error={error}&error_description=Said+by+GitHub&state={state}"));

        Assert.Contains(expected, notice.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_code_that_is_no_good_is_said_in_GitHubs_words()
    {
        var state = QueryHelpers.ParseQuery((await BeginAsync()).Query)["state"];

        var notice = await EndAsync(new Uri($"http://localhost:5080/github/callback?code=0123456789&state={state}"));

        Assert.StartsWith("GitHub answered: The code passed is incorrect or expired.", notice.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/github/connect", HttpStatusCode.Forbidden)]
    [InlineData("/github/app/new", HttpStatusCode.Forbidden)]
    [InlineData("/github/callback?code=1&state=2", HttpStatusCode.Redirect)]
    public async Task Another_site_leads_the_browser_back_and_begins_nothing(string path, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Sec-Fetch-Site", "cross-site");
        request.Headers.Add("Sec-Fetch-Mode", "navigate");

        Assert.Equal(expected, (await _browser.SendAsync(request)).StatusCode);
    }

    private async Task<Uri> BeginAsync()
    {
        var answer = await _browser.GetAsync("/github/connect");
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return answer.Headers.Location!;
    }

    private async Task<Uri> ConsentAsync(Uri page) => (await _gitHub.GetAsync(page)).Headers.Location!;

    private async Task<GitHubNotice> EndAsync(Uri back) => Notice(await _browser.GetAsync(back.PathAndQuery));

    private GitHubNotice Notice(HttpResponseMessage answer)
    {
        var location = answer.Headers.Location!.ToString();
        Assert.StartsWith("/settings?github=", location, StringComparison.Ordinal);
        return _server.Get<GitHubNotices>().Find(QueryHelpers.ParseQuery(location[location.IndexOf('?', StringComparison.Ordinal)..].Split('#')[0])["github"])!;
    }

    private async Task<IReadOnlyList<JsonElement>> AccountsAsync() => [.. (await ConnectedServer.JsonAsync(await _browser.GetAsync("/api/v1/github"))).GetProperty("accounts").EnumerateArray()];
}

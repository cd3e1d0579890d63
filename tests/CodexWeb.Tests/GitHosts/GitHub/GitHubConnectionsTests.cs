using System.Net;
using System.Net.Http.Json;
using CodexWeb.Data;
using CodexWeb.EmulatedGitHub;
using CodexWeb.GitHosts.GitHub;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Tests.GitHosts.GitHub;

/// <summary>Connecting by a token, what it reaches, and disconnecting: over HTTP, with a GitHub beside.</summary>
public sealed class GitHubConnectionsTests : IAsyncLifetime
{
    private ConnectedServer _server = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _server = await ConnectedServer.StartAsync();
        _client = _server.Browser();
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_token_connects_its_owner_and_is_stored_so_that_nobody_can_read_it()
    {
        var token = _server.GitHub.AddToken(_server.Ana);

        var answer = await _server.ConnectAsync(_client, token);

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.DoesNotContain(token, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var overview = await ConnectedServer.JsonAsync(await _client.GetAsync("/api/v1/github"));
        var account = Assert.Single(overview.GetProperty("accounts").EnumerateArray());
        Assert.Equal("ana", account.GetProperty("login").GetString());
        Assert.Equal("token", account.GetProperty("kind").GetString());
        Assert.Equal(["repo", "read:org", "workflow"], account.GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()));
        Assert.True(overview.GetProperty("connected").GetBoolean());
        Assert.Empty(_server.FilesWith(token));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(_server.DataFolder, "keys")));
    }

    [Fact]
    public async Task A_token_GitHub_does_not_know_is_refused_with_a_sentence()
    {
        var answer = await _server.ConnectAsync(_client, "ghp_000000000000000000000000000000000000");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.StartsWith("GitHub does not know this token", (await ConnectedServer.JsonAsync(answer)).GetProperty("errors").GetProperty("token")[0].GetString(), StringComparison.Ordinal);
        Assert.Empty((await ConnectedServer.JsonAsync(await _client.GetAsync("/api/v1/github"))).GetProperty("accounts").EnumerateArray());
    }

    [Theory]
    [InlineData("", "Paste a token of GitHub.")]
    [InlineData("ghp_a b", "A token of GitHub has letters, digits and _ only.")]
    [InlineData("ghs_abc", "This is a token of an App's installation")]
    [InlineData("ghr_abc", "This is a refresh token.")]
    public async Task What_cannot_be_a_personal_token_is_not_even_sent(string token, string expected)
    {
        var answer = await _server.ConnectAsync(_client, token);

        Assert.StartsWith(expected, (await ConnectedServer.JsonAsync(answer)).GetProperty("errors").GetProperty("token")[0].GetString(), StringComparison.Ordinal);
        Assert.Empty(_server.GitHub.Requests.All);
    }

    [Fact]
    public async Task A_token_without_the_scope_that_everything_needs_is_refused_and_says_which()
    {
        var answer = await _server.ConnectAsync(_client, _server.GitHub.AddToken(_server.Ana, "read:org"));

        Assert.Contains("lacks the scope repo", (await ConnectedServer.JsonAsync(answer)).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_without_a_scope_that_something_needs_connects_with_a_remark()
    {
        var answer = await ConnectedServer.JsonAsync(await _server.ConnectAsync(_client, _server.GitHub.AddToken(_server.Ana, "repo")));

        Assert.Equal("Without the scope workflow, changes below .github/workflows cannot be pushed.", answer.GetProperty("remark").GetString());
    }

    [Fact]
    public async Task A_second_token_of_the_same_user_takes_the_place_of_the_first()
    {
        await _server.ConnectAsync(_client, _server.GitHub.AddToken(_server.Ana));
        await _server.ConnectAsync(_client, _server.GitHub.AddToken(_server.Ana, "repo"));

        var account = Assert.Single((await ConnectedServer.JsonAsync(await _client.GetAsync("/api/v1/github"))).GetProperty("accounts").EnumerateArray());
        Assert.Equal("repo", account.GetProperty("scopes")[0].GetString());
    }

    [Fact]
    public async Task A_private_repository_is_connected_by_any_of_its_addresses_once()
    {
        await _server.ConnectAsync(_client, _server.GitHub.AddToken(_server.Ana));

        var first = await _client.PostAsJsonAsync("/api/v1/repositories", new { url = _server.Shop.CloneUrl });
        var second = await _client.PostAsJsonAsync("/api/v1/repositories", new { url = _server.Shop.Page });

        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        var repository = await ConnectedServer.JsonAsync(first);
        Assert.Equal("github", repository.GetProperty("host").GetString());
        Assert.Equal("acme/shop", repository.GetProperty("name").GetString());
        await using var db = await _server.Get<IDbContextFactory<CodexDb>>().CreateDbContextAsync();
        var stored = await db.Repositories.SingleAsync(r => r.HostRepositoryId != null);
        Assert.Equal(_server.Shop.Id, stored.HostRepositoryId);
        Assert.Equal((await db.GitHubAccounts.SingleAsync()).Id, stored.AccountId);
    }

    [Fact]
    public async Task A_repository_connected_before_is_known_to_GitHub_once_somebody_connects()
    {
        _server.Shop.Private = false;
        await _client.PostAsJsonAsync("/api/v1/repositories", new { url = _server.Shop.CloneUrl });

        await _server.ConnectAsync(_client, _server.GitHub.AddToken(_server.Ana));

        await using var db = await _server.Get<IDbContextFactory<CodexDb>>().CreateDbContextAsync();
        Assert.Equal(_server.Shop.Id, (await db.Repositories.SingleAsync(r => r.AccountId != null)).HostRepositoryId);
    }

    [Fact]
    public async Task Without_a_connection_a_private_repository_says_what_to_do()
    {
        var answer = await _client.PostAsJsonAsync("/api/v1/repositories", new { url = _server.Shop.CloneUrl });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("asks for a sign-in, which the server does not have. Connect GitHub in Settings", (await ConnectedServer.JsonAsync(answer)).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_token_marks_its_connection_with_what_to_do()
    {
        var token = _server.GitHub.AddToken(_server.Ana);
        await _server.ConnectAsync(_client, token);
        _server.GitHub.Revoke(token);

        Assert.Null(await _server.Get<GitHubAccess>().ForRepositoryAsync(new GitHubRepositoryName("acme", "shop"), CancellationToken.None));

        var account = Assert.Single((await ConnectedServer.JsonAsync(await _client.GetAsync("/api/v1/github"))).GetProperty("accounts").EnumerateArray());
        Assert.Equal("GitHub does not take the token of ana any more: it was revoked or has expired. Connect again.", account.GetProperty("problem").GetString());
        Assert.Equal(HttpStatusCode.Created, (await _server.ConnectAsync(_client, _server.GitHub.AddToken(_server.Ana))).StatusCode);
        Assert.NotNull(await _server.Get<GitHubAccess>().ForRepositoryAsync(new GitHubRepositoryName("acme", "shop"), CancellationToken.None));
    }

    [Fact]
    public async Task A_disconnected_account_is_gone_with_its_secret_and_its_repositories_stay()
    {
        await _server.ConnectAsync(_client, _server.GitHub.AddToken(_server.Ana));
        var repository = await ConnectedServer.JsonAsync(await _client.PostAsJsonAsync("/api/v1/repositories", new { url = _server.Shop.CloneUrl }));
        var id = (await ConnectedServer.JsonAsync(await _client.GetAsync("/api/v1/github"))).GetProperty("accounts")[0].GetProperty("id").GetString();

        var removed = await ConnectedServer.JsonAsync(await _client.DeleteAsync($"/api/v1/github/accounts/{id}"));

        Assert.Equal(("ana", 1), (removed.GetProperty("login").GetString(), removed.GetProperty("repositories").GetInt32()));
        Assert.Equal(HttpStatusCode.NotFound, (await _client.DeleteAsync($"/api/v1/github/accounts/{id}")).StatusCode);
        await using var db = await _server.Get<IDbContextFactory<CodexDb>>().CreateDbContextAsync();
        Assert.Empty(await db.GitHubAccounts.ToListAsync());
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync($"/api/v1/repositories/{repository.GetProperty("id").GetString()}")).StatusCode);
        Assert.Null(await _server.Get<GitHubAccess>().ForRepositoryAsync(new GitHubRepositoryName("acme", "shop"), CancellationToken.None));
    }

    [Fact]
    public async Task Repositories_are_listed_by_owner_searched_paged_and_marked_when_connected()
    {
        var notes = await _server.GitHub.AddRepositoryAsync("ana/notes", [("n.txt", "n\n")]);
        var old = await _server.GitHub.AddRepositoryAsync("acme/old-shop", [("o.txt", "o\n")]);
        old.Allow(_server.Ana, RepositoryRole.Read);
        old.Archived = true;
        await _server.GitHub.AddRepositoryAsync("other/secret", [("s.txt", "s\n")]);
        await _server.ConnectAsync(_client, _server.GitHub.AddToken(_server.Ana));
        await _client.PostAsJsonAsync("/api/v1/repositories", new { url = notes.CloneUrl });

        var all = await ListAsync("");
        Assert.Equal(["acme/old-shop", "acme/shop", "ana/notes"], all.Select(row => row.GetProperty("name").GetString()).Order(StringComparer.Ordinal));
        Assert.Equal(all.Select(row => row.GetProperty("owner").GetString()).Distinct().Count(), Groups(all));
        Assert.True(all.Single(row => row.GetProperty("name").GetString() == "acme/old-shop").GetProperty("archived").GetBoolean());
        Assert.False(all.Single(row => row.GetProperty("name").GetString() == "acme/old-shop").GetProperty("canPush").GetBoolean());
        Assert.True(all.Single(row => row.GetProperty("name").GetString() == "acme/shop").GetProperty("canPush").GetBoolean());
        Assert.NotNull(all.Single(row => row.GetProperty("name").GetString() == "ana/notes").GetProperty("connected").GetString());
        Assert.Equal(["ana/notes"], (await ListAsync("?query=NOT")).Select(row => row.GetProperty("name").GetString()));
        Assert.Equal(2, (await ListAsync("?organisation=acme")).Count);
        var page = await ConnectedServer.JsonAsync(await _client.GetAsync("/api/v1/github/repositories?limit=2"));
        Assert.Single((await ConnectedServer.JsonAsync(await _client.GetAsync($"/api/v1/github/repositories?limit=2&cursor={page.GetProperty("nextCursor").GetString()}"))).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_push_GitHub_refuses_says_so_in_GitHubs_words()
    {
        _server.Shop.Allow(_server.Ana, RepositoryRole.Read);
        await _server.ConnectAsync(_client, _server.GitHub.AddToken(_server.Ana));
        var connected = await ConnectedServer.JsonAsync(await _client.PostAsJsonAsync("/api/v1/repositories", new { url = _server.Shop.CloneUrl }));
        var host = _server.Get<CodexWeb.GitHosts.RepositoryHosts>().For(_server.Shop.CloneUrl.AbsoluteUri);

        var failure = await Assert.ThrowsAsync<CodexWeb.Agent.Workspaces.RepositoryException>(async () =>
            await host.PushAsync(connected.GetProperty("id").GetString()!, _server.Shop.CloneUrl.AbsoluteUri, (await _server.Shop.HeadAsync("main"))!, "codexweb/x", CancellationToken.None));

        Assert.StartsWith("GitHub refused the push: the token may not write to `acme/shop`. Reconnect GitHub in Settings, or copy the patch.", failure.Message, StringComparison.Ordinal);
    }

    private static int Groups(IReadOnlyList<System.Text.Json.JsonElement> rows)
    {
        var owners = rows.Select(row => row.GetProperty("owner").GetString()).ToList();
        return owners.Where((owner, at) => at == 0 || owners[at - 1] != owner).Count();
    }

    private async Task<IReadOnlyList<System.Text.Json.JsonElement>> ListAsync(string query) =>
        [.. (await ConnectedServer.JsonAsync(await _client.GetAsync($"/api/v1/github/repositories{query}"))).GetProperty("items").EnumerateArray()];
}

using CodexWeb.GitHosts.GitHub;
using Microsoft.AspNetCore.WebUtilities;

namespace CodexWeb.Tests.GitHosts.GitHub;

public sealed class GitHubOAuthTests
{
    private static readonly GitHubOAuthClient Client = new("Iv1.1", "client-secret-1");
    private static readonly Uri Callback = new("https://codexweb.example/github/callback?a=1");

    [Fact]
    public async Task The_page_of_consent_has_state_and_challenge()
    {
        await using var github = await ScriptedGitHub.StartAsync(200, "{}");
        var page = github.Get<GitHubOAuth>().ConsentPage(Client.ClientId, Callback, "st&te", "challenge", ["repo", "read:org"]);

        Assert.Equal(new Uri(github.Address, "login/oauth/authorize").AbsolutePath, page.AbsolutePath);
        Assert.Equal(
            [("client_id", "Iv1.1"), ("code_challenge", "challenge"), ("code_challenge_method", "S256"), ("redirect_uri", Callback.AbsoluteUri), ("scope", "repo read:org"), ("state", "st&te")],
            QueryHelpers.ParseQuery(page.Query).Select(pair => (pair.Key, pair.Value.ToString())).Order());
        Assert.DoesNotContain("scope", github.Get<GitHubOAuth>().ConsentPage(Client.ClientId, Callback, "state", "challenge", []).Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_code_becomes_a_token()
    {
        await using var github = await ScriptedGitHub.StartAsync(200, """{ "access_token": "ghu_1", "expires_in": 28800, "refresh_token": "ghr_1", "refresh_token_expires_in": "15811200", "scope": "repo,read:org", "token_type": "bearer" }""");
        var token = await github.Get<GitHubOAuth>().ExchangeAsync(Client, "code-12345", Callback, "verifier-1", CancellationToken.None);

        Assert.Equal(
            (new GitHubToken("ghu_1"), (DateTimeOffset?)github.Clock.GetUtcNow().AddHours(8), (GitHubToken?)new GitHubToken("ghr_1"), (DateTimeOffset?)github.Clock.GetUtcNow().AddSeconds(15_811_200)),
            (token.Token, token.ExpiresAt, token.RefreshToken, token.RefreshTokenExpiresAt));
        Assert.Equal(["repo", "read:org"], token.Scopes);
        Assert.DoesNotContain("gh", token.ToString().Replace("GitHub", "", StringComparison.Ordinal), StringComparison.Ordinal);

        var request = Assert.Single(github.Requests);
        Assert.Equal(("POST /login/oauth/access_token", "application/json", "application/x-www-form-urlencoded"), (request.Line, request.Headers["Accept"], request.Headers["Content-Type"]));
        Assert.Equal(
            [("client_id", "Iv1.1"), ("client_secret", "client-secret-1"), ("code", "code-12345"), ("code_verifier", "verifier-1"), ("redirect_uri", Callback.AbsoluteUri)],
            QueryHelpers.ParseQuery(request.Body).Select(pair => (pair.Key, pair.Value.ToString())).Order());
    }

    [Fact]
    public async Task A_token_without_end_has_none()
    {
        await using var github = await ScriptedGitHub.StartAsync(200, """{ "access_token": "gho_1", "scope": "", "token_type": "bearer" }""");
        var token = await github.Get<GitHubOAuth>().RefreshAsync(Client, new GitHubToken("ghr_1"), CancellationToken.None);

        Assert.Equal((null, null, null, 0), (token.ExpiresAt, token.RefreshToken, token.RefreshTokenExpiresAt, token.Scopes.Count));
        Assert.Equal(
            [("client_id", "Iv1.1"), ("client_secret", "client-secret-1"), ("grant_type", "refresh_token"), ("refresh_token", "ghr_1")],
            QueryHelpers.ParseQuery(Assert.Single(github.Requests).Body).Select(pair => (pair.Key, pair.Value.ToString())).Order());
    }

    [Theory]
    [InlineData("bad_verification_code", GitHubFailure.Unauthorized, "Connect again: what GitHub gave was used already or is too old.")]
    [InlineData("bad_refresh_token", GitHubFailure.Unauthorized, "Connect again: what GitHub gave was used already or is too old.")]
    [InlineData("incorrect_client_credentials", GitHubFailure.Unauthorized, "Check GitHub:ClientId and GitHub:ClientSecret.")]
    [InlineData("redirect_uri_mismatch", GitHubFailure.Invalid, "Give the app this server's address as its callback URL.")]
    [InlineData("something_new", GitHubFailure.Invalid, "Connect again; if it stays so, check the settings of the app on GitHub.")]
    public async Task A_refusal_comes_with_status_200_and_says_what_to_do(string error, GitHubFailure failure, string advice)
    {
        await using var github = await ScriptedGitHub.StartAsync(200, $$"""{ "error": "{{error}}", "error_description": "The code code-12345 or client-secret-1 passed is incorrect.", "error_uri": "https://docs.github.example" }""");

        var refused = await Assert.ThrowsAsync<GitHubException>(() => github.Get<GitHubOAuth>().ExchangeAsync(Client, "code-12345", Callback, "verifier-1", CancellationToken.None));
        Assert.Equal((failure, $"GitHub answered: The code [secret] or [secret] passed is incorrect. {advice}"), (refused.Failure, refused.Message));
    }

    [Fact]
    public async Task An_answer_without_a_token_is_of_no_use()
    {
        await using var github = await ScriptedGitHub.StartAsync(200, "{}");

        Assert.Equal(GitHubFailure.Unexpected, (await Assert.ThrowsAsync<GitHubException>(() => github.Get<GitHubOAuth>().ExchangeAsync(Client, "code-12345", Callback, "verifier-1", CancellationToken.None))).Failure);
    }

    [Theory]
    [InlineData(204)]
    [InlineData(404)]
    [InlineData(422)]
    public async Task A_token_is_made_worthless_by_the_client_or_is_so_already(int status)
    {
        await using var github = await ScriptedGitHub.StartAsync(status, """{ "message": "Not Found" }""");
        await github.Get<GitHubOAuth>().RevokeAsync(Client, new GitHubToken("gho_1"), CancellationToken.None);

        Assert.Equal("Basic SXYxLjE6Y2xpZW50LXNlY3JldC0x", Assert.Single(github.Requests).Headers["Authorization"]);
    }
}

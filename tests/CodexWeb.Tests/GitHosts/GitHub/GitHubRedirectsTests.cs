using CodexWeb.GitHosts.GitHub;

namespace CodexWeb.Tests.GitHosts.GitHub;

public sealed class GitHubRedirectsTests
{
    private const string Comment = """{ "id": 5, "body": "Hello" }""";

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_renamed_repository_is_found_at_its_new_address(int status)
    {
        await using var github = await MovedAsync(status, "/api/v3/repositories/9");

        Assert.Equal(9, (await github.Get<GitHubRepositories>().GetAsync(github.Token, github.Repository, CancellationToken.None)).Id);
        Assert.Equal(["GET /api/v3/repos/acme/shop", "GET /api/v3/repositories/9"], github.Requests.Select(request => request.Line));
        Assert.All(github.Requests, request => Assert.Equal("Bearer ghp_secret0123456789", request.Headers["Authorization"]));
    }

    [Theory]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_change_goes_along_where_GitHub_keeps_the_method(int status)
    {
        await using var github = await MovedAsync(status, "/api/v3/repositories/9/issues/7/comments", Comment);

        await github.Get<GitHubIssues>().CommentAsync(github.Token, github.Repository, 7, "Hello", CancellationToken.None);
        Assert.Equal(["POST /api/v3/repos/acme/shop/issues/7/comments", "POST /api/v3/repositories/9/issues/7/comments"], github.Requests.Select(request => request.Line));
        Assert.Equal(github.Requests[0].Body, github.Requests[1].Body);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    public async Task A_change_does_not_go_along_where_it_would_become_a_question(int status)
    {
        await using var github = await MovedAsync(status, "/api/v3/repositories/9/issues/7/comments", Comment);

        var refused = await Assert.ThrowsAsync<GitHubException>(() => github.Get<GitHubIssues>().CommentAsync(github.Token, github.Repository, 7, "Hello", CancellationToken.None));
        Assert.Equal(
            (GitHubFailure.Unexpected, "GitHub sends POST /api/v3/repos/acme/shop/issues/7/comments to another address, which may not be used for changes. If the repository was renamed or moved, connect it again; else check GitHub:ApiUrl."),
            (refused.Failure, refused.Message));
        Assert.Single(github.Requests);
    }

    [Fact]
    public async Task No_other_server_gets_the_token()
    {
        await using var elsewhere = await ScriptedGitHub.StartAsync(200, """{ "id": 9, "full_name": "acme/shop" }""");
        await using var github = await MovedAsync(307, new Uri(elsewhere.Address, "repos/acme/shop").AbsoluteUri);

        var refused = await Assert.ThrowsAsync<GitHubException>(() => github.Get<GitHubRepositories>().GetAsync(github.Token, github.Repository, CancellationToken.None));
        Assert.Equal(
            (GitHubFailure.Unexpected, $"GitHub sends GET /api/v3/repos/acme/shop to another server ({elsewhere.Address.Authority}), which is not asked. If the repository was renamed or moved, connect it again; else check GitHub:ApiUrl."),
            (refused.Failure, refused.Message));
        Assert.Empty(elsewhere.Requests);
    }

    [Fact]
    public async Task Redirects_in_a_circle_end()
    {
        await using var github = await ScriptedGitHub.StartAsync(302, "{}", ("Location", "/api/v3/repos/acme/shop"));

        Assert.Equal(GitHubFailure.Unexpected, (await Assert.ThrowsAsync<GitHubException>(() => github.Get<GitHubRepositories>().GetAsync(github.Token, github.Repository, CancellationToken.None))).Failure);
        Assert.Equal(6, github.Requests.Count);
    }

    private static Task<ScriptedGitHub> MovedAsync(int status, string location, string json = """{ "id": 9, "full_name": "acme/store" }""") =>
        ScriptedGitHub.StartAsync((context, request) => request.Path.Contains("/repos/", StringComparison.Ordinal)
            ? ScriptedGitHub.WriteAsync(context, status, """{ "message": "Moved Permanently" }""", ("Location", location))
            : ScriptedGitHub.WriteAsync(context, 200, json));
}

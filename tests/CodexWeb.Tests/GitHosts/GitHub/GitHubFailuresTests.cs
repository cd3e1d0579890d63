using System.Net.Sockets;
using CodexWeb.GitHosts.GitHub;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace CodexWeb.Tests.GitHosts.GitHub;

public sealed class GitHubFailuresTests
{
    [Fact]
    public async Task A_token_that_ended_says_to_connect_again() =>
        Assert.Equal(
            (GitHubFailure.Unauthorized, 401, "GitHub answered 401: Bad credentials. The token was revoked, has expired or is mistyped: connect GitHub again in the settings."),
            await RefusedAsync(401, """{ "message": "Bad credentials" }"""));

    [Fact]
    public async Task A_lack_of_rights_names_those_that_are_missing()
    {
        Assert.Equal(
            (GitHubFailure.Forbidden, 403, "GitHub answered 403: Resource not accessible by personal access token. This connection may not do that. It needs: contents=write; pull_requests=write. Give its token or App more rights, or connect another."),
            await RefusedAsync(403, """{ "message": "Resource not accessible by personal access token" }""", ("X-Accepted-GitHub-Permissions", "contents=write; pull_requests=write"), ("x-ratelimit-remaining", "4999")));
        Assert.Equal(
            (GitHubFailure.Forbidden, 403, "GitHub answered 403: Must have admin rights. This connection may not do that. It needs: repo. Give its token or App more rights, or connect another."),
            await RefusedAsync(403, """{ "message": "Must have admin rights" }""", ("X-Accepted-OAuth-Scopes", "repo")));
    }

    [Fact]
    public async Task Single_sign_on_is_asked_for_on_GitHubs_own_page_alone()
    {
        await using var github = await ScriptedGitHub.StartAsync((context, _) => Task.CompletedTask);
        var page = new Uri(github.Address, "orgs/acme/sso?authorization_request=abc");
        github.Answer = (context, _) => ScriptedGitHub.WriteAsync(context, 403, """{ "message": "Resource protected by organization SAML enforcement." }""", ("X-GitHub-SSO", $"required; url={page}"));

        var refused = await RefusedAsync(github);
        Assert.Equal((GitHubFailure.Forbidden, page), (refused.Failure, refused.AuthorizeAt));
        Assert.Equal($"GitHub answered 403: Resource protected by organization SAML enforcement. The organisation wants single sign-on: let this token in at {page}, then try again.", refused.Message);

        github.Answer = (context, _) => ScriptedGitHub.WriteAsync(context, 403, "{}", ("X-GitHub-SSO", "required; url=https://evil.example/sso"));
        refused = await RefusedAsync(github);
        Assert.Null(refused.AuthorizeAt);
        Assert.DoesNotContain("evil", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404, "Not Found", GitHubFailure.NotFound, "GitHub answered 404: Not Found. It is not there, or this connection may not see it.")]
    [InlineData(410, "Issues are disabled for this repo", GitHubFailure.NotFound, "GitHub answered 410: Issues are disabled for this repo. It is not there, or this connection may not see it.")]
    [InlineData(405, "Base branch was modified.", GitHubFailure.Conflict, "GitHub answered 405: Base branch was modified.")]
    [InlineData(409, "Reference does not exist!", GitHubFailure.Conflict, "GitHub answered 409: Reference does not exist!")]
    [InlineData(400, "Problems parsing JSON", GitHubFailure.Invalid, "GitHub answered 400: Problems parsing JSON.")]
    [InlineData(451, "Repository access blocked", GitHubFailure.Forbidden, "GitHub answered 451: Repository access blocked. This connection may not do that. Give its token or App more rights, or connect another.")]
    public async Task Every_refusal_has_GitHubs_words_and_what_to_do(int status, string message, GitHubFailure failure, string sentence) =>
        Assert.Equal((failure, status, sentence), await RefusedAsync(status, $$"""{ "message": "{{message}}" }"""));

    [Fact]
    public async Task What_GitHub_finds_wrong_with_single_fields_is_said() =>
        Assert.Equal(
            (GitHubFailure.Invalid, 422, "GitHub answered 422: Validation Failed; No commits between main and codexweb/fix; title is missing; base is not valid; Line could not be resolved."),
            await RefusedAsync(422, """
                {
                  "message": "Validation Failed",
                  "errors": [
                    { "resource": "PullRequest", "code": "custom", "message": "No commits between main and codexweb/fix" },
                    { "resource": "PullRequest", "code": "missing_field", "field": "title" }, { "field": "base", "code": "some_new_code" }, "Line could not be resolved", 7, null, {}
                  ]
                }
                """));

    [Theory]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("[1]")]
    [InlineData("""{ "message": { "text": 1 }, "errors": "all wrong" }""")]
    [InlineData("""{ "message": "\ud800" }""")]
    [InlineData("{ not json")]
    public async Task A_refusal_without_words_still_says_what_to_do(string body) =>
        Assert.Equal((GitHubFailure.NotFound, 404, "GitHub answered 404. It is not there, or this connection may not see it."), await RefusedAsync(404, body));

    [Fact]
    public async Task GitHubs_words_are_one_short_plain_line_without_the_token()
    {
        var message = $$"""{ "message": "a\n\n\tb\u0000\u001b[31m\u202e\u200bc ghp_secret0123456789 {{new string('x', 1000)}}", "documentation_url": "javascript:alert(1)" }""";
        await using var github = await ScriptedGitHub.StartAsync(422, message);
        var refused = await RefusedAsync(github);

        Assert.StartsWith("GitHub answered 422: a b [31mc [token] xxx", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith("x…", refused.Message, StringComparison.Ordinal);
        Assert.InRange(refused.Message.Length, 300, 330);
        Assert.Null(refused.DocumentationUrl);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(404)]
    public async Task A_page_instead_of_JSON_points_at_the_settings(int status)
    {
        await using var github = await ScriptedGitHub.StartAsync(async (context, _) =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = "text/html; charset=utf-8";
            await context.Response.WriteAsync("<html>Sign in</html>");
        });
        var refused = await RefusedAsync(github);

        Assert.Equal(
            (GitHubFailure.Unexpected, $"The answer to GET /api/v3/repos/acme/shop/pulls/7 at {github.Address.Authority} was a page or text (status {status}), not the JSON GitHub's interface sends. Check GitHub:BaseUrl and GitHub:ApiUrl, and any proxy between."),
            (refused.Failure, refused.Message));
    }

    [Theory]
    [InlineData("{ not json")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("")]
    public async Task An_answer_that_is_of_no_use_is_no_pull_request(string body) => Assert.Equal(GitHubFailure.Unexpected, (await RefusedAsync(200, body)).Failure);

    [Fact]
    public async Task JSON_as_deep_as_a_well_is_refused_like_any_other_nonsense() =>
        Assert.Equal(GitHubFailure.Unexpected, (await RefusedAsync(200, new string('[', 100_000))).Failure);

    [Fact]
    public async Task An_answer_without_end_is_not_read_to_it()
    {
        await using var github = await ScriptedGitHub.StartAsync(async (context, _) =>
        {
            context.Response.ContentType = "application/json";
            var part = new byte[1024 * 1024];
            Array.Fill(part, (byte)' ');
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(part, context.RequestAborted);
            }
        });

        Assert.Equal("GitHub's answer to GET /api/v3/repos/acme/shop/pulls/7 is longer than 16 MiB; it was not read to its end.", (await RefusedAsync(github)).Message);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_said_to_be_out_of_reach()
    {
        await using var github = await ScriptedGitHub.StartAsync(200, "{}");
        _ = github.Get<GitHubPulls>();
        var address = github.Address.Authority;
        await github.StopAsync();

        var refused = await RefusedAsync(github);
        Assert.Equal(GitHubFailure.Unavailable, refused.Failure);
        Assert.Equal($"GitHub at {address} cannot be reached, or the connection was cut: Connection refused. Try again in a while.", refused.Message);
    }

    [Fact]
    public async Task A_change_whose_connection_was_cut_is_not_sent_again_and_said_to_be_unknown()
    {
        await using var github = await ScriptedGitHub.StartAsync((context, _) =>
        {
            context.Features.Get<IConnectionSocketFeature>()!.Socket.Shutdown(SocketShutdown.Both);
            context.Abort();
            return Task.CompletedTask;
        });
        var refused = await Assert.ThrowsAsync<GitHubException>(() => github.Get<GitHubIssues>().CommentAsync(github.Token, github.Repository, 7, "Hello", CancellationToken.None));

        Assert.Equal(GitHubFailure.Unavailable, refused.Failure);
        Assert.EndsWith("Whether it took effect is not known: look on GitHub before trying again.", refused.Message, StringComparison.Ordinal);
        Assert.Single(github.Requests);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ghp_1\n")]
    [InlineData("ghp 1")]
    [InlineData("ghp_…")]
    public async Task What_cannot_be_a_token_is_not_sent(string token)
    {
        await using var github = await ScriptedGitHub.StartAsync(200, "{}");
        var refused = await Assert.ThrowsAsync<GitHubException>(() => github.Get<GitHubUsers>().CurrentAsync(new GitHubToken(token), CancellationToken.None));

        Assert.Equal((GitHubFailure.Unauthorized, "This is no token of GitHub: it has spaces or characters no token has. Copy it once more."), (refused.Failure, refused.Message));
        Assert.Empty(github.Requests);
    }

    [Fact]
    public async Task A_name_that_would_lead_elsewhere_is_not_sent()
    {
        await using var github = await ScriptedGitHub.StartAsync(200, "{}");

        Assert.Equal(GitHubFailure.Invalid, (await Assert.ThrowsAsync<GitHubException>(() => github.Get<GitHubRepositories>().PermissionAsync(github.Token, github.Repository, "..", CancellationToken.None))).Failure);
        Assert.Null(await github.Get<GitHubRepositories>().FileAsync(github.Token, github.Repository, "docs/../../../user", "main", CancellationToken.None));
        Assert.Empty(github.Requests);
    }

    [Fact]
    public async Task Neither_log_nor_message_ever_has_the_token_or_a_query()
    {
        await using var github = await ScriptedGitHub.StartAsync(502, """{ "message": "ghp_secret0123456789" }""");
        var refused = await Assert.ThrowsAsync<GitHubException>(() => github.Get<GitHubRepositories>().CommitsAsync(github.Token, github.Repository, "private-branch", DateTimeOffset.UnixEpoch, CancellationToken.None));

        Assert.NotEmpty(github.Log);
        Assert.All([.. github.Log, refused.ToString()], line =>
        {
            Assert.DoesNotContain("ghp_", line, StringComparison.Ordinal);
            Assert.DoesNotContain("private-branch", line, StringComparison.Ordinal);
        });
    }

    private static async Task<(GitHubFailure Failure, int? Status, string Message)> RefusedAsync(int status, string json, params (string Name, string Value)[] headers)
    {
        await using var github = await ScriptedGitHub.StartAsync(status, json, headers);
        var refused = await RefusedAsync(github);
        return (refused.Failure, refused.Status, refused.Message);
    }

    private static Task<GitHubException> RefusedAsync(ScriptedGitHub github) =>
        Assert.ThrowsAsync<GitHubException>(() => github.Get<GitHubPulls>().GetAsync(github.Token, github.Repository, 7, CancellationToken.None));
}

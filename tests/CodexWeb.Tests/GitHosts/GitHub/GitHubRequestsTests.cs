using System.Text.Json.Nodes;
using CodexWeb.GitHosts.GitHub;

namespace CodexWeb.Tests.GitHosts.GitHub;

/// <summary>Every request, as GitHub's description of its REST interface has it.</summary>
public sealed class GitHubRequestsTests
{
    private const string Anything = """
        {
          "id": 1, "number": 7, "login": "ana", "full_name": "acme/shop", "ahead_by": 1, "behind_by": 2, "head": { "sha": "b" }, "slug": "s", "client_id": "c", "client_secret": "cs", "pem": "p", "token": "ghs_1",
          "permission": "read", "expires_at": "2026-05-01T13:00:00Z", "data": { "repository": { "pullRequest": { "reviewThreads": { "nodes": [] } } } }
        }
        """;

    private static readonly DateTimeOffset Since = new(2026, 4, 30, 22, 30, 0, TimeSpan.FromHours(2));

    private delegate Task Asked(ScriptedGitHub github, CancellationToken none);

    private static Dictionary<string, Asked> Calls => new(StringComparer.Ordinal)
    {
        ["GET /user"] = (github, none) => github.Get<GitHubUsers>().CurrentAsync(github.Token, none),
        ["GET /user/orgs?per_page=100"] = (github, none) => github.Get<GitHubUsers>().OrganisationsAsync(github.Token, none),
        ["GET /user/repos?affiliation=owner,collaborator,organization_member&sort=pushed&per_page=100"] = (github, none) => ReadAsync(github.Get<GitHubRepositories>().ListAsync(github.Token, none)),
        ["GET /installation/repositories?per_page=100"] = (github, none) => ReadAsync(github.Get<GitHubRepositories>().ListForInstallationAsync(github.Token, none)),
        ["GET /search/repositories?q=sh%C3%B6p%20org%3Aacme%20in%3Aname%20fork%3Atrue&per_page=30"] = (github, none) => github.Get<GitHubRepositories>().SearchAsync(github.Token, " shöp org:acme ", 30, none),
        ["GET /repos/acme/shop"] = (github, none) => github.Get<GitHubRepositories>().GetAsync(github.Token, github.Repository, none),
        ["GET /repos/acme/shop/branches?per_page=100"] = (github, none) => github.Get<GitHubRepositories>().BranchesAsync(github.Token, github.Repository, none),
        ["GET /repos/acme/shop/collaborators/dependabot%5Bbot%5D/permission"] = (github, none) => github.Get<GitHubRepositories>().PermissionAsync(github.Token, github.Repository, "dependabot[bot]", none),
        ["GET /repos/acme/shop/commits?sha=feature%2F1&since=2026-04-30T20%3A30%3A00Z&per_page=100"] = (github, none) => github.Get<GitHubRepositories>().CommitsAsync(github.Token, github.Repository, "feature/1", Since, none),
        ["GET /repos/acme/shop/compare/main...codexweb%2Ffix?per_page=1"] = (github, none) => github.Get<GitHubRepositories>().CompareAsync(github.Token, github.Repository, "main", "codexweb/fix", none),
        ["GET /repos/acme/shop/contents/docs/a%23b.md?ref=main"] = (github, none) => github.Get<GitHubRepositories>().FileAsync(github.Token, github.Repository, "docs/a#b.md", "main", none),
        ["GET /repos/acme/shop/pulls/7"] = (github, none) => github.Get<GitHubPulls>().GetAsync(github.Token, github.Repository, 7, none),
        ["GET /repos/acme/shop/pulls?head=acme:codexweb%2Ffix%261&state=all&sort=created&direction=desc&per_page=10"] = (github, none) => github.Get<GitHubPulls>().FindAsync(github.Token, github.Repository, "acme", "codexweb/fix&1", none),
        ["GET /repos/acme/shop/pulls?state=open&sort=updated&direction=desc&per_page=100"] = (github, none) => github.Get<GitHubPulls>().ListOpenAsync(github.Token, github.Repository, none),
        ["""POST /repos/acme/shop/pulls {"title":"T","body":"B","head":"codexweb/fix","base":"main","draft":false}"""] =
            (github, none) => github.Get<GitHubPulls>().OpenAsync(github.Token, github.Repository, new NewPull("T", "B", "codexweb/fix", "main", Draft: false), none),
        ["""PATCH /repos/acme/shop/pulls/7 {"title":"T"}"""] = (github, none) => github.Get<GitHubPulls>().ChangeAsync(github.Token, github.Repository, 7, new PullChange(Title: "T"), none),
        ["""PATCH /repos/acme/shop/pulls/7 {"body":"","state":"closed","base":"next"}"""] =
            (github, none) => github.Get<GitHubPulls>().ChangeAsync(github.Token, github.Repository, 7, new PullChange(Body: "", State: "closed", Base: "next"), none),
        ["""POST /repos/acme/shop/pulls/7/requested_reviewers {"reviewers":["bo"],"team_reviewers":["core"]}"""] =
            (github, none) => github.Get<GitHubPulls>().RequestReviewersAsync(github.Token, github.Repository, 7, ["bo"], ["core"], none),
        ["GET /repos/acme/shop/pulls/7/files?per_page=100"] = (github, none) => github.Get<GitHubPulls>().FilesAsync(github.Token, github.Repository, 7, none),
        ["GET /repos/acme/shop/pulls/7/reviews?per_page=100"] = (github, none) => github.Get<GitHubPulls>().ReviewsAsync(github.Token, github.Repository, 7, none),
        ["GET /repos/acme/shop/pulls/7/comments?since=1970-01-01T00%3A00%3A00Z&per_page=100"] = (github, none) => github.Get<GitHubPulls>().ReviewCommentsAsync(github.Token, github.Repository, 7, since: null, none),
        ["""POST /repos/acme/shop/pulls/7/reviews {"commit_id":"abc","event":"COMMENT","body":"Two things.","comments":[{"path":"a.cs","line":3,"side":"RIGHT","body":"Why?"},{"path":"b.cs","line":9,"side":"LEFT","start_line":5,"start_side":"LEFT","body":"Here."}]}"""] =
            (github, none) => github.Get<GitHubPulls>().CreateReviewAsync(
                github.Token, github.Repository, 7, "abc", GitHubReviewEvent.Comment, "Two things.", [new NewReviewComment("a.cs", 3, "RIGHT", "Why?"), new NewReviewComment("b.cs", 9, "LEFT", "Here.", 5, "LEFT")], none),
        ["""POST /repos/acme/shop/pulls/7/reviews {"commit_id":"abc","event":"APPROVE","comments":[]}"""] =
            (github, none) => github.Get<GitHubPulls>().CreateReviewAsync(github.Token, github.Repository, 7, "abc", GitHubReviewEvent.Approve, "", [], none),
        ["""POST /repos/acme/shop/pulls/7/reviews {"commit_id":"abc","event":"REQUEST_CHANGES","body":"No.","comments":[]}"""] =
            (github, none) => github.Get<GitHubPulls>().CreateReviewAsync(github.Token, github.Repository, 7, "abc", GitHubReviewEvent.RequestChanges, "No.", [], none),
        ["""POST /repos/acme/shop/pulls/7/comments/5/replies {"body":"Done."}"""] = (github, none) => github.Get<GitHubPulls>().ReplyAsync(github.Token, github.Repository, 7, 5, "Done.", none),
        ["GET /repos/acme/shop/commits/abc/check-runs?per_page=100"] = (github, none) => github.Get<GitHubChecks>().RunsAsync(github.Token, github.Repository, "abc", none),
        ["GET /repos/acme/shop/check-runs/9999999999/annotations?per_page=100"] = (github, none) => github.Get<GitHubChecks>().AnnotationsAsync(github.Token, github.Repository, 9_999_999_999, none),
        ["GET /repos/acme/shop/commits/abc/status?per_page=100"] = (github, none) => github.Get<GitHubChecks>().StatusAsync(github.Token, github.Repository, "abc", none),
        ["GET /repos/acme/shop/issues/7"] = (github, none) => github.Get<GitHubIssues>().GetAsync(github.Token, github.Repository, 7, none),
        ["""POST /repos/acme/shop/issues/7/comments {"body":"Hello"}"""] = (github, none) => github.Get<GitHubIssues>().CommentAsync(github.Token, github.Repository, 7, "Hello", none),
        ["""PATCH /repos/acme/shop/issues/comments/5 {"body":"Hello"}"""] = (github, none) => github.Get<GitHubIssues>().EditCommentAsync(github.Token, github.Repository, 5, "Hello", none),
        ["GET /repos/acme/shop/issues/7/comments?since=2026-04-30T20%3A30%3A00Z&per_page=100"] = (github, none) => github.Get<GitHubIssues>().CommentsAsync(github.Token, github.Repository, 7, Since, none),
        ["""POST /repos/acme/shop/issues/comments/5/reactions {"content":"eyes"}"""] = (github, none) => github.Get<GitHubIssues>().ReactToCommentAsync(github.Token, github.Repository, 5, GitHubReaction.Eyes, none),
        ["""POST /repos/acme/shop/pulls/comments/5/reactions {"content":"\u002B1"}"""] = (github, none) => github.Get<GitHubIssues>().ReactToReviewCommentAsync(github.Token, github.Repository, 5, GitHubReaction.ThumbsUp, none),
        ["""POST /repos/acme/shop/issues/7/reactions {"content":"-1"}"""] = (github, none) => github.Get<GitHubIssues>().ReactToIssueAsync(github.Token, github.Repository, 7, GitHubReaction.ThumbsDown, none),
        ["""POST /repos/acme/shop/issues/7/reactions {"content":"confused"}"""] = (github, none) => github.Get<GitHubIssues>().ReactToIssueAsync(github.Token, github.Repository, 7, GitHubReaction.Confused, none),
        ["""POST /repos/acme/shop/issues/7/reactions {"content":"rocket"}"""] = (github, none) => github.Get<GitHubIssues>().ReactToIssueAsync(github.Token, github.Repository, 7, GitHubReaction.Rocket, none),
        ["""POST /repos/acme/shop/issues/7/reactions {"content":"hooray"}"""] = (github, none) => github.Get<GitHubIssues>().ReactToIssueAsync(github.Token, github.Repository, 7, GitHubReaction.Hooray, none),
        ["GET /repos/acme/shop/labels?per_page=100"] = (github, none) => github.Get<GitHubIssues>().LabelsAsync(github.Token, github.Repository, none),
        ["""POST /repos/acme/shop/issues/7/labels {"labels":["bug"]}"""] = (github, none) => github.Get<GitHubIssues>().AddLabelsAsync(github.Token, github.Repository, 7, ["bug"], none),
        ["GET /repos/acme/shop/assignees?per_page=100"] = (github, none) => github.Get<GitHubIssues>().AssigneesAsync(github.Token, github.Repository, none),
        ["GET /app"] = (github, none) => github.Get<GitHubApps>().CurrentAsync(github.Token, none),
        ["GET /app/installations?per_page=100"] = (github, none) => github.Get<GitHubApps>().InstallationsAsync(github.Token, none),
        ["GET /repos/acme/shop/installation"] = (github, none) => github.Get<GitHubApps>().FindInstallationAsync(github.Token, github.Repository, none),
        ["""POST /app/installations/3/access_tokens {"repository_ids":[1,2]}"""] = (github, none) => github.Get<GitHubApps>().CreateTokenAsync(github.Token, 3, [1, 2], none),
        ["POST /app/installations/3/access_tokens {}"] = (github, none) => github.Get<GitHubApps>().CreateTokenAsync(github.Token, 3, repositoryIds: null, none),
        ["POST /app-manifests/a180b1a3/conversions"] = (github, none) => github.Get<GitHubApps>().ConvertManifestAsync("a180b1a3", none),
        ["GET /user/installations?per_page=100"] = (github, none) => github.Get<GitHubApps>().UserInstallationsAsync(github.Token, none),
        ["""DELETE /applications/Iv1.1/token {"access_token":"gho_1"}"""] = (github, none) => github.Get<GitHubOAuth>().RevokeAsync(new GitHubOAuthClient("Iv1.1", "secret"), new GitHubToken("gho_1"), none),
    };

    public static TheoryData<string> Requests => [.. Calls.Keys];

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_request_is_as_GitHub_describes_it(string request)
    {
        await using var github = await ScriptedGitHub.StartAsync(200, Anything);
        await Calls[request](github, CancellationToken.None);

        var sent = Assert.Single(github.Requests);
        Assert.Equal(request, $"{sent.Method} {sent.Path["/api/v3".Length..]} {sent.Body}".TrimEnd());
        Assert.Equal(sent.Body.Length > 0 ? "application/json; charset=utf-8" : null, sent.Headers.GetValueOrDefault("Content-Type"));
    }

    [Fact]
    public async Task What_is_asked_without_labels_or_words_is_not_asked()
    {
        await using var github = await ScriptedGitHub.StartAsync(200, Anything);
        await github.Get<GitHubIssues>().AddLabelsAsync(github.Token, github.Repository, 7, [], CancellationToken.None);

        Assert.Empty(await github.Get<GitHubRepositories>().SearchAsync(github.Token, " ", 30, CancellationToken.None));
        Assert.Empty(github.Requests);
    }

    [Fact]
    public async Task A_draft_is_made_ready_and_a_draft_again_by_its_node()
    {
        await using var github = await ScriptedGitHub.StartAsync(200, """{ "data": {} }""");
        await github.Get<GitHubPulls>().MarkReadyAsync(github.Token, "PR_11", CancellationToken.None);
        await github.Get<GitHubPulls>().ConvertToDraftAsync(github.Token, "PR_11", CancellationToken.None);
        await github.Get<GitHubPulls>().ResolveThreadAsync(github.Token, "PRRT_5", CancellationToken.None);

        Assert.All(github.Requests, request => Assert.Equal("POST /api/graphql", request.Line));
        Assert.Equal(
            [("markPullRequestReadyForReview", "PR_11"), ("convertPullRequestToDraft", "PR_11"), ("resolveReviewThread", "PRRT_5")],
            github.Requests.Select(request => JsonNode.Parse(request.Body)!).Select(body => (body["query"]!.ToString().Split('{', '(')[2].Trim(), body["variables"]!["id"]!.ToString())));
    }

    [Fact]
    public async Task Threads_come_page_by_page_with_the_number_of_their_first_comment()
    {
        await using var github = await ScriptedGitHub.StartAsync((context, request) => ScriptedGitHub.WriteAsync(context, 200, JsonNode.Parse(request.Body)!["variables"]!["after"] is null
            ? """{ "data": { "repository": { "pullRequest": { "reviewThreads": { "pageInfo": { "hasNextPage": true, "endCursor": "c1" }, "nodes": [{ "id": "T1", "isResolved": true, "isOutdated": false, "comments": { "nodes": [{ "fullDatabaseId": "2999999999" }] } }] } } } } }"""
            : """{ "data": { "repository": { "pullRequest": { "reviewThreads": { "pageInfo": { "hasNextPage": true, "endCursor": "c1" }, "nodes": [{ "id": "T2", "isOutdated": true, "comments": { "nodes": [] } }, null] } } } } }"""));

        Assert.Equal(
            [new GitHubReviewThread("T1", IsResolved: true, IsOutdated: false, 2_999_999_999), new GitHubReviewThread("T2", IsResolved: false, IsOutdated: true, FirstCommentId: null)],
            await github.Get<GitHubPulls>().ThreadsAsync(github.Token, github.Repository, 7, CancellationToken.None));
        Assert.Equal(2, github.Requests.Count);
    }

    [Theory]
    [InlineData("NOT_FOUND", GitHubFailure.NotFound, "GitHub says: It went wrong. It is not there, or this connection may not see it.")]
    [InlineData("FORBIDDEN", GitHubFailure.Forbidden, "GitHub says: It went wrong. This connection may not do that: give its token or App more rights, or connect another.")]
    [InlineData("INSUFFICIENT_SCOPES", GitHubFailure.Forbidden, "GitHub says: It went wrong. This connection may not do that: give its token or App more rights, or connect another.")]
    [InlineData("RATE_LIMITED", GitHubFailure.RateLimited, "GitHub's rate limit is reached: It went wrong. It can be asked again in 60 seconds.")]
    [InlineData("SOMETHING_NEW", GitHubFailure.Invalid, "GitHub says: It went wrong.")]
    public async Task GraphQL_refuses_with_status_200(string type, GitHubFailure failure, string message)
    {
        await using var github = await ScriptedGitHub.StartAsync(200, $$"""{ "data": null, "errors": [{ "type": "{{type}}", "message": "It went\nwrong", "path": ["x"] }] }""");

        var refused = await Assert.ThrowsAsync<GitHubException>(() => github.Get<GitHubPulls>().MarkReadyAsync(github.Token, "PR_11", CancellationToken.None));
        Assert.Equal((failure, message), (refused.Failure, refused.Message));
        Assert.Equal(failure == GitHubFailure.RateLimited ? github.Clock.GetUtcNow().AddMinutes(1) : null, refused.RetryAt);
    }

    private static async Task ReadAsync(IAsyncEnumerable<GitHubRepository> repositories)
    {
        await foreach (var _ in repositories)
        {
            // Asking is what counts.
        }
    }
}

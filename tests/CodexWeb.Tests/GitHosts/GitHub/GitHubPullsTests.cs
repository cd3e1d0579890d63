using System.Text.Json.Nodes;
using CodexWeb.GitHosts.GitHub;

namespace CodexWeb.Tests.GitHosts.GitHub;

public sealed class GitHubPullsTests
{
    private const string Pull = """
        {
          "id": 11, "node_id": "PR_11", "number": 7, "title": "Fix the total", "body": "It was wrong.", "state": "open", "draft": true, "merged": false, "merged_at": null,
          "merge_commit_sha": "cccc", "mergeable": true, "mergeable_state": "clean", "html_url": "https://github.example/acme/shop/pull/7",
          "base": { "ref": "main", "sha": "aaaa", "repo": { "full_name": "acme/shop" } },
          "head": { "ref": "codexweb/fix", "sha": "bbbb", "repo": { "full_name": "ana/shop" } },
          "user": { "login": "ana" }, "updated_at": "2026-05-01T10:00:00Z",
          "labels": [{ "name": "bug" }, { "name": "shop" }], "requested_reviewers": [{ "login": "bo" }]
        }
        """;

    [Fact]
    public async Task A_pull_request_is_read_whole()
    {
        await using var github = await ScriptedGitHub.StartAsync(200, Pull);

        var pull = await github.Get<GitHubPulls>().GetAsync(github.Token, github.Repository, 7, CancellationToken.None);

        Assert.Equal(
            new GitHubPull(
                11, "PR_11", 7, "Fix the total", "It was wrong.", GitHubPullState.Open, Draft: true, Merged: false, MergedAt: null, "cccc", Mergeable: true, "clean", "https://github.example/acme/shop/pull/7",
                "main", "aaaa", "codexweb/fix", "bbbb", "ana/shop", "ana", new DateTimeOffset(2026, 5, 1, 10, 0, 0, TimeSpan.Zero), [], []),
            pull with { Labels = [], RequestedReviewers = [] });
        Assert.Equal(["bug", "shop"], pull.Labels);
        Assert.Equal(["bo"], pull.RequestedReviewers);
        var request = Assert.Single(github.Requests);
        Assert.Equal("GET /api/v3/repos/acme/shop/pulls/7", request.Line);
        Assert.Equal(
            ("application/vnd.github+json", "2022-11-28", "CodexWeb", "Bearer ghp_secret0123456789"),
            (request.Headers["Accept"], request.Headers["X-GitHub-Api-Version"], request.Headers["User-Agent"], request.Headers["Authorization"]));
    }

    [Fact]
    public async Task Opening_one_sends_what_GitHub_asks_for_and_nothing_else()
    {
        await using var github = await ScriptedGitHub.StartAsync(201, Pull);

        var pull = await github.Get<GitHubPulls>().OpenAsync(github.Token, github.Repository, new NewPull("Fix \"it\"", "Über\nalles", "codexweb/fix", "main", Draft: true), CancellationToken.None);

        Assert.Equal(7, pull.Number);
        var request = Assert.Single(github.Requests);
        Assert.Equal("POST /api/v3/repos/acme/shop/pulls", request.Line);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{ "title": "Fix \"it\"", "body": "Über\nalles", "head": "codexweb/fix", "base": "main", "draft": true }"""), JsonNode.Parse(request.Body)), request.Body);
    }
}

using System.Text.Json.Nodes;
using CodexWeb.GitHosts.GitHub;

namespace CodexWeb.Tests.GitHosts.GitHub;

public sealed class GitHubToleranceTests
{
    private const string Everything = """
        {
          "id": 11, "node_id": "PR_11", "number": 7, "title": "t", "body": "b", "state": "open", "draft": false, "merged": true, "merged_at": "2026-05-01T10:00:00Z", "mergeable": null, "mergeable_state": "clean",
          "html_url": "h", "base": { "ref": "main", "sha": "aaaa" }, "head": { "ref": "fix", "sha": "bbbb", "repo": { "full_name": "ana/shop" } }, "user": { "login": "ana", "type": "User" },
          "updated_at": "2026-05-01T10:00:00Z", "created_at": "2026-05-01T10:00:00Z", "submitted_at": "2026-05-01T10:00:00Z", "labels": [{ "name": "bug" }], "requested_reviewers": [{ "login": "bo" }],
          "full_name": "acme/shop", "private": false, "permissions": { "push": true }, "owner": { "type": "Organization", "login": "acme" }, "pushed_at": "2026-05-01T10:00:00Z", "name": "n", "status": "completed",
          "output": { "title": "t", "summary": "s", "annotations_count": 1 }, "path": "p", "start_line": 1, "end_line": 2, "line": 3, "context": "c", "login": "ana", "account": { "login": "acme", "type": "Organization" },
          "repository_selection": "all", "suspended_at": null, "client_id": "c", "client_secret": "s", "pem": "p", "ahead_by": 1, "behind_by": 2, "merge_base_commit": { "sha": "cccc" }, "commit": { "sha": "dddd", "message": "m" },
          "filename": "f", "pull_request": {}, "thread": { "id": "T1", "comments": { "nodes": [{ "fullDatabaseId": "5" }] } }, "color": "ff0000", "sha": "eeee"
        }
        """;

    // What is read from an object, of every kind there is.
    private static readonly Dictionary<string, Func<GitHubJson, object?>> Readers = new(StringComparer.Ordinal)
    {
        ["pull"] = GitHubPull.From,
        ["pull in a list"] = GitHubPull.TryFrom,
        ["file"] = GitHubPullFile.From,
        ["review"] = GitHubReview.TryFrom,
        ["review comment"] = GitHubReviewComment.From,
        ["thread"] = static json => GitHubReviewThread.From(json["thread"]),
        ["issue"] = GitHubIssue.From,
        ["comment"] = GitHubComment.From,
        ["label"] = GitHubLabel.From,
        ["repository"] = GitHubRepository.From,
        ["branch"] = GitHubBranch.From,
        ["commit"] = GitHubCommit.From,
        ["comparison"] = GitHubComparison.From,
        ["check run"] = GitHubCheckRun.From,
        ["annotation"] = GitHubAnnotation.From,
        ["status"] = GitHubStatus.From,
        ["user"] = GitHubUser.From,
        ["organisation"] = GitHubOrganisation.From,
        ["app"] = GitHubApp.From,
        ["new app"] = NewGitHubApp.From,
        ["installation"] = GitHubInstallation.From,
    };

    public static TheoryData<string> Kinds => [.. Readers.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_odd_or_missing_field_never_breaks_the_reading(string kind)
    {
        string?[] odd = [null, "null", "true", "-1", "1e400", "99999999999999999999", "1.5", "\"text\"", "\"\"", "\"half a letter\"", "\"7\"", "[]", "[null, 1, [], {}]", "{}", "{ \"id\": {} }"];
        Assert.NotNull(Read(kind, JsonNode.Parse(Everything)!));
        foreach (var path in Paths(JsonNode.Parse(Everything)!.AsObject(), ""))
        {
            foreach (var value in odd)
            {
                var changed = JsonNode.Parse(Everything)!;
                Put(changed.AsObject(), path.Split('/', StringSplitOptions.RemoveEmptyEntries), value);
                // Either it is read, or it says in a sentence what is missing.
                Assert.True(Read(kind, changed) is (not Exception) or GitHubException { Failure: GitHubFailure.Unexpected }, $"{path} = {value}");
            }
        }
    }

    [Fact]
    public void Names_that_are_no_text_are_passed_over()
    {
        var read = GitHubHttp.Read(new GitHubAnswer("""{ "\ud800": "a", "id": 3, "permissions": { "\ud800": "write", "\u0063hecks": "read", "checks": "read" } }"""u8.ToArray(), Next: null, Scopes: null, IsPartial: false, ETag: null));

        Assert.Equal(new Dictionary<string, string> { [""] = "write", ["checks"] = "read" }, GitHubInstallation.From(read).Permissions);
    }

    [Fact]
    public void Numbers_may_be_strings_and_new_words_are_taken_for_unknown()
    {
        var pull = JsonNode.Parse(Everything)!;
        (pull["number"], pull["id"], pull["state"], pull["merged"], pull["head"]!["repo"]) = ("7", "11", "locked_away", "true", null);

        var read = Assert.IsType<GitHubPull>(Read("pull", pull));
        Assert.Equal((7, 11L, GitHubPullState.Unknown, true, (string?)null), (read.Number, read.Id, read.State, read.Merged, read.HeadRepository));
    }

    [Fact]
    public void Without_its_number_a_pull_request_is_of_no_use()
    {
        var pull = JsonNode.Parse(Everything)!;
        pull.AsObject().Remove("number");

        Assert.Equal(
            "GitHub's answer is of no use: its pull request has no number. Check that GitHub:ApiUrl is GitHub's interface, and that nothing between changes its answers.",
            Assert.IsType<GitHubException>(Read("pull", pull)).Message);
    }

    [Fact]
    public async Task One_odd_entry_does_not_cost_the_list()
    {
        await using var github = await ScriptedGitHub.StartAsync(200, """[null, 1, { "id": 2, "name": "no owner" }, { "id": "3", "full_name": "acme/shop", "permissions": "all" }, { "id": 4, "full_name": "../etc" }]""");
        var names = new List<string>();
        await foreach (var repository in github.Get<GitHubRepositories>().ListAsync(github.Token, CancellationToken.None))
        {
            names.Add(repository.FullName.ToString());
        }

        Assert.Equal(["acme/shop"], names);
    }

    [Theory]
    [InlineData("admin", "admin", GitHubPermission.Admin)]
    [InlineData("maintain", "write", GitHubPermission.Maintain)]
    [InlineData("triage", "read", GitHubPermission.Triage)]
    [InlineData("our-own-role", "write", GitHubPermission.Write)]
    [InlineData("none", "none", GitHubPermission.None)]
    [InlineData("", "", GitHubPermission.None)]
    public async Task What_a_person_may_do_is_read_from_role_or_permission(string role, string permission, GitHubPermission expected)
    {
        await using var github = await ScriptedGitHub.StartAsync(200, $$"""{ "permission": "{{permission}}", "role_name": "{{role}}" }""");

        Assert.Equal(expected, await github.Get<GitHubRepositories>().PermissionAsync(github.Token, github.Repository, "ana", CancellationToken.None));
    }

    [Fact]
    public async Task Somebody_GitHub_does_not_know_may_do_nothing()
    {
        await using var github = await ScriptedGitHub.StartAsync(404, """{ "message": "ana is not a user" }""");

        Assert.Equal(GitHubPermission.None, await github.Get<GitHubRepositories>().PermissionAsync(github.Token, github.Repository, "ana", CancellationToken.None));
    }

    [Theory]
    [InlineData("""{ "type": "file", "encoding": "base64", "content": "SGVs\nbG8=\n" }""", "Hello")]
    [InlineData("""{ "type": "file", "encoding": "base64", "content": "" }""", "")]
    [InlineData("""{ "type": "file", "encoding": "base64", "content": "AAEC" }""", null)]
    [InlineData("""{ "type": "file", "encoding": "base64", "content": "!" }""", null)]
    [InlineData("""{ "type": "file", "encoding": "none", "content": "" }""", null)]
    [InlineData("""[{ "type": "file", "name": "a" }]""", null)]
    [InlineData("""{ "type": "submodule" }""", null)]
    public async Task A_files_text_is_there_or_it_is_not(string json, string? text)
    {
        await using var github = await ScriptedGitHub.StartAsync(200, json);

        Assert.Equal(text, await github.Get<GitHubRepositories>().FileAsync(github.Token, github.Repository, ".github/pull request.md", "feature/ä", CancellationToken.None));
        Assert.Equal("GET /api/v3/repos/acme/shop/contents/.github/pull%20request.md?ref=feature%2F%C3%A4", Assert.Single(github.Requests).Line);
    }

    [Fact]
    public async Task An_empty_repository_has_no_commits()
    {
        await using var github = await ScriptedGitHub.StartAsync(409, """{ "message": "Git Repository is empty." }""");

        Assert.Empty(await github.Get<GitHubRepositories>().CommitsAsync(github.Token, github.Repository, "main", DateTimeOffset.UnixEpoch, CancellationToken.None));
    }

    [Fact]
    public async Task A_branchs_pull_request_is_not_taken_for_anothers()
    {
        await using var github = await ScriptedGitHub.StartAsync(200, """[{ "id": 1, "number": 1, "head": { "ref": "other", "sha": "a" } }, { "id": 2, "number": 2, "head": { "ref": "codexweb/fix", "sha": "b" } }]""");

        Assert.Equal(2, (await github.Get<GitHubPulls>().FindAsync(github.Token, github.Repository, "acme", "codexweb/fix", CancellationToken.None))?.Number);
        Assert.Null(await github.Get<GitHubPulls>().FindAsync(github.Token, github.Repository, "acme", "codexweb/new", CancellationToken.None));
    }

    private static object? Read(string kind, JsonNode json)
    {
        try
        {
            return Readers[kind](GitHubHttp.Read(new GitHubAnswer(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString().Replace("half a letter", "\\ud800", StringComparison.Ordinal)), Next: null, Scopes: null, IsPartial: false, ETag: null)));
        }
        catch (GitHubException exception)
        {
            return exception;
        }
    }

    private static IEnumerable<string> Paths(JsonObject json, string prefix) =>
        json.SelectMany(property => property.Value is JsonObject inner ? [$"{prefix}/{property.Key}", .. Paths(inner, $"{prefix}/{property.Key}")] : new[] { $"{prefix}/{property.Key}" });

    private static void Put(JsonObject json, string[] path, string? value)
    {
        var parent = path[..^1].Aggregate(json, (at, name) => at[name]!.AsObject());
        if (value is null)
        {
            parent.Remove(path[^1]);
        }
        else
        {
            parent[path[^1]] = JsonNode.Parse(value);
        }
    }
}

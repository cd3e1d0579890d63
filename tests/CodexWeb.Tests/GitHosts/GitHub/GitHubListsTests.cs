using System.Globalization;
using System.Text;
using CodexWeb.GitHosts.GitHub;
using Microsoft.AspNetCore.WebUtilities;

namespace CodexWeb.Tests.GitHosts.GitHub;

public sealed class GitHubListsTests
{
    [Fact]
    public async Task Five_thousand_repositories_come_page_by_page()
    {
        await using var github = await StartAsync(5_000);

        var names = await NamesAsync(github);
        Assert.Equal(Enumerable.Range(0, 5_000).Select(number => $"acme/shop-{number}"), names);
        Assert.Equal(50, github.Requests.Count);
        Assert.Equal("GET /api/v3/user/repos?affiliation=owner,collaborator,organization_member&sort=pushed&per_page=100", github.Requests[0].Line);
    }

    [Fact]
    public async Task The_first_page_is_there_before_the_second_is_asked_for()
    {
        await using var github = await StartAsync(5_000);

        await foreach (var repository in github.Get<GitHubRepositories>().ListAsync(github.Token, CancellationToken.None))
        {
            Assert.Equal("acme/shop-0", repository.FullName.ToString());
            break;
        }

        Assert.Single(github.Requests);
    }

    [Fact]
    public async Task Ten_thousand_are_enough_and_the_log_says_so()
    {
        await using var github = await StartAsync(10_200);

        Assert.Equal(10_000, (await NamesAsync(github)).Count);
        Assert.Equal(101, github.Requests.Count);
        Assert.Contains("Warning: GET /api/v3/user/repos: only the first 10000 entries are read, GitHub has more.", github.Log);
    }

    [Fact]
    public async Task A_next_page_on_another_server_is_not_asked_for()
    {
        await using var elsewhere = await ScriptedGitHub.StartAsync(200, "[]");
        await using var github = await ScriptedGitHub.StartAsync(200, "[]", ("Link", $"<{elsewhere.Address}user/repos?page=2>; rel=\"next\""));

        var refused = await Assert.ThrowsAsync<GitHubException>(() => NamesAsync(github));
        Assert.Equal(
            (GitHubFailure.Unexpected, $"GitHub named a next page on another server ({elsewhere.Address.Authority}); it was not asked. Check GitHub:ApiUrl, which must be the address GitHub itself uses."),
            (refused.Failure, refused.Message));
        Assert.Empty(elsewhere.Requests);
    }

    [Fact]
    public async Task Pages_that_lead_in_a_circle_end()
    {
        await using var github = await ScriptedGitHub.StartAsync(200, "[]", ("Link", "</api/v3/user/repos?page=2>; rel=\"next\""));

        Assert.Equal(GitHubFailure.Unexpected, (await Assert.ThrowsAsync<GitHubException>(() => NamesAsync(github))).Failure);
        Assert.Equal(2, github.Requests.Count);
    }

    [Fact]
    public async Task Empty_pages_without_end_end()
    {
        var page = 1;
        await using var github = await ScriptedGitHub.StartAsync((context, _) => ScriptedGitHub.WriteAsync(context, 200, "[]", ("Link", $"</api/v3/user/repos?page={++page}>; rel=\"next\"")));

        Assert.Equal(GitHubFailure.Unexpected, (await Assert.ThrowsAsync<GitHubException>(() => NamesAsync(github))).Failure);
        Assert.Equal(1000, github.Requests.Count);
    }

    [Theory]
    [InlineData("<{0}?page=2>; rel=\"next\", <{0}?page=9>; rel=\"last\"", true)]
    [InlineData("<{0}?page=1>; rel=\"prev\", <{0}?page=2>; rel=\"next\"", true)]
    [InlineData("<{0}?page=2>; foo=\"1\"; rel=next", true)]
    [InlineData("<{0}?page=2&a=1,2>; rel=\"next\"", true)]
    [InlineData("<{0}?page=2>; rel=\"last\"", false)]
    [InlineData("<{0}?page=2>", false)]
    [InlineData("rel=\"next\"", false)]
    [InlineData("<>; rel=\"next\"", false)]
    [InlineData("<<<", false)]
    public async Task Links_are_read_as_RFC_8288_has_them(string link, bool hasNext)
    {
        await using var github = await ScriptedGitHub.StartAsync(200, "[]");
        github.Answer = (context, request) => request.Path.Contains("page=2", StringComparison.Ordinal)
            ? ScriptedGitHub.WriteAsync(context, 200, "[]")
            : ScriptedGitHub.WriteAsync(context, 200, "[]", ("Link", string.Format(CultureInfo.InvariantCulture, link, new Uri(github.Address, "api/v3/user/repos"))));

        if (link.StartsWith("<>", StringComparison.Ordinal))
        {
            await Assert.ThrowsAsync<GitHubException>(() => NamesAsync(github));
            return;
        }

        Assert.Empty(await NamesAsync(github));
        Assert.Equal(hasNext ? 2 : 1, github.Requests.Count);
    }

    [Fact]
    public async Task Organisations_left_out_for_single_sign_on_are_noted()
    {
        await using var github = await ScriptedGitHub.StartAsync(200, "[]", ("X-GitHub-SSO", "partial-results; organizations=21955855,20582480"));

        Assert.Empty(await NamesAsync(github));
        Assert.Contains("Warning: GET /api/v3/user/repos: GitHub leaves out organisations whose single sign-on has not let this token in.", github.Log);
    }

    [Fact]
    public async Task What_holds_still_is_not_sent_again()
    {
        await using var github = await ScriptedGitHub.StartAsync((context, request) => request.Headers.GetValueOrDefault("If-None-Match") == "W/\"one\""
            ? ScriptedGitHub.WriteAsync(context, 304, "")
            : ScriptedGitHub.WriteAsync(context, 200, """[{ "id": 1, "full_name": "acme/shop" }]""", ("ETag", "W/\"one\""), ("Link", $"<{context.Request.Scheme}://{context.Request.Host}/api/v3/more>; rel=\"next\"")));

        var first = await NamesAsync(github, most: 2);
        var second = await NamesAsync(github, most: 2);
        Assert.Equal(["acme/shop", "acme/shop"], first);
        Assert.Equal(first, second);
        Assert.Equal([null, null, "W/\"one\"", "W/\"one\""], github.Requests.Select(request => request.Headers.GetValueOrDefault("If-None-Match")));
    }

    [Fact]
    public async Task Stored_answers_are_each_tokens_own_and_few()
    {
        await using var github = await ScriptedGitHub.StartAsync((context, request) => request.Headers.ContainsKey("If-None-Match")
            ? ScriptedGitHub.WriteAsync(context, 304, "")
            : ScriptedGitHub.WriteAsync(context, 200, """{ "id": 1, "login": "ana" }""", ("ETag", "\"one\"")));
        var users = github.Get<GitHubUsers>();
        await users.CurrentAsync(new GitHubToken("a"), CancellationToken.None);
        await users.CurrentAsync(new GitHubToken("b"), CancellationToken.None);
        await users.CurrentAsync(new GitHubToken("a"), CancellationToken.None);
        Assert.Equal([false, false, true], github.Requests.Select(request => request.Headers.ContainsKey("If-None-Match")));

        for (var token = 0; token < 600; token++)
        {
            await users.CurrentAsync(new GitHubToken($"t{token}"), CancellationToken.None);
        }

        Assert.InRange(github.Get<GitHubAnswerCache>().Count, 1, 500);
    }

    private static Task<ScriptedGitHub> StartAsync(int repositories) => ScriptedGitHub.StartAsync((context, request) =>
    {
        var query = QueryHelpers.ParseQuery(context.Request.QueryString.Value);
        var page = query.TryGetValue("page", out var asked) ? int.Parse(asked.ToString(), CultureInfo.InvariantCulture) : 1;
        var body = new StringBuilder("[");
        for (var number = (page - 1) * 100; number < Math.Min(page * 100, repositories); number++)
        {
            body.Append(CultureInfo.InvariantCulture, $$"""{{(number % 100 == 0 ? "" : ",")}}{ "id": {{number + 1}}, "full_name": "acme/shop-{{number}}" }""");
        }

        var address = $"{context.Request.Scheme}://{context.Request.Host}{context.Request.Path}?per_page=100&page=";
        return ScriptedGitHub.WriteAsync(context, 200, body.Append(']').ToString(), page * 100 < repositories ? [("Link", $"<{address}{page + 1}>; rel=\"next\", <{address}{(repositories + 99) / 100}>; rel=\"last\"")] : []);
    });

    private static async Task<IReadOnlyList<string>> NamesAsync(ScriptedGitHub github, int most = int.MaxValue)
    {
        var names = new List<string>();
        await foreach (var repository in github.Get<GitHubRepositories>().ListAsync(github.Token, CancellationToken.None))
        {
            names.Add(repository.FullName.ToString());
            if (names.Count == most)
            {
                break;
            }
        }

        return names;
    }
}

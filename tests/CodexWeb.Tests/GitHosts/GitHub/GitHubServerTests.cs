using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.EmulatedGitHub;

namespace CodexWeb.Tests.GitHosts.GitHub;

/// <summary>The GitHub that other tests lean on does what GitHub does.</summary>
public sealed class GitHubServerTests : IAsyncLifetime
{
    private static readonly string[] Line2 = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("codexweb-test-");
    private GitHubServer _server = null!;
    private HostedAccount _ana = null!;
    private HostedRepository _shop = null!;
    private string _token = "";

    public async Task InitializeAsync()
    {
        _server = await GitHubServer.StartAsync();
        _ana = _server.AddUser("ana");
        _server.AddOrganisation("acme", _ana);
        _shop = await _server.AddRepositoryAsync("acme/shop", [("list.txt", string.Join('\n', Line2) + "\n"), ("README.md", "# Shop\n")]);
        _shop.Allow(_ana, RepositoryRole.Write);
        _token = _server.AddToken(_ana);
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Git_clones_and_pushes_with_a_token_and_the_branch_is_there()
    {
        await GitAsync(_folder.FullName, "clone", "--quiet", "--", WithPassword(_shop.CloneUrl, _token), "shop");
        var clone = Path.Combine(_folder.FullName, "shop");
        await File.WriteAllTextAsync(Path.Combine(clone, "new.txt"), "new\n");
        await GitAsync(clone, "add", "--all");
        await GitAsync(clone, "commit", "--quiet", "--message", "Add");
        await GitAsync(clone, "push", "--quiet", "origin", "HEAD:refs/heads/codexweb/new");

        Assert.Equal((await GitAsync(clone, "rev-parse", "HEAD")).Trim(), await _shop.HeadAsync("codexweb/new"));
        Assert.Contains(_token, _server.TokensSeen);
    }

    [Theory]
    [InlineData(null, "could not read Username")]
    [InlineData("ghp_wrong", "Authentication failed")]
    public async Task Git_is_refused_without_a_good_token(string? token, string expected)
    {
        var url = token is null ? _shop.CloneUrl.ToString() : WithPassword(_shop.CloneUrl, token);

        var (exitCode, _, error) = await TryGitAsync(_folder.FullName, "clone", "--quiet", "--", url, "shop");

        Assert.NotEqual(0, exitCode);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_only_read_cannot_push_and_a_public_repository_is_cloned_by_anyone()
    {
        _shop.Private = false;
        var bob = _server.AddUser("bob");
        await GitAsync(_folder.FullName, "clone", "--quiet", "--", _shop.CloneUrl.ToString(), "shop");
        var clone = Path.Combine(_folder.FullName, "shop");

        var (exitCode, _, error) = await TryGitAsync(clone, "push", "--", WithPassword(_shop.CloneUrl, _server.AddToken(bob)), "HEAD:refs/heads/mine");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("403", error, StringComparison.Ordinal);
        Assert.Null(await _shop.HeadAsync("mine"));
    }

    [Fact]
    public async Task A_pull_request_lives_from_opening_to_merging()
    {
        var first = await _shop.CommitAsync("codexweb/work", "Work", ("new.txt", "new\n"));
        var opened = await SendAsync(HttpMethod.Post, "/repos/acme/shop/pulls", new { title = "Work", head = "codexweb/work", @base = "main", body = "Please." }, HttpStatusCode.Created);
        Assert.Equal((1, "open", false, "clean", first), (opened.GetProperty("number").GetInt32(), opened.GetProperty("state").GetString(), opened.GetProperty("merged").GetBoolean(), opened.GetProperty("mergeable_state").GetString(), opened.GetProperty("head").GetProperty("sha").GetString()));

        var second = await _shop.CommitAsync("codexweb/work", "More", ("README.md", "# The shop\n"));
        Assert.Equal(second, await _shop.Git.CommitOfAsync("refs/pull/1/head"));
        await _shop.CommitAsync("main", "Meanwhile", ("README.md", "# Our shop\n"));
        var conflicting = await GetAsync("/repos/acme/shop/pulls/1");
        Assert.Equal((second, false, "dirty"), (conflicting.GetProperty("head").GetProperty("sha").GetString(), conflicting.GetProperty("mergeable").GetBoolean(), conflicting.GetProperty("mergeable_state").GetString()));
        await SendAsync(HttpMethod.Put, "/repos/acme/shop/pulls/1/merge", new { }, HttpStatusCode.MethodNotAllowed);

        await _shop.CommitAsync("codexweb/work", "Take back", ("README.md", "# Shop\n"));
        var merged = await SendAsync(HttpMethod.Put, "/repos/acme/shop/pulls/1/merge", new { }, HttpStatusCode.OK);

        Assert.Equal(await _shop.HeadAsync("main"), merged.GetProperty("sha").GetString());
        var after = await GetAsync("/repos/acme/shop/pulls/1");
        Assert.Equal(("closed", true, merged.GetProperty("sha").GetString()), (after.GetProperty("state").GetString(), after.GetProperty("merged").GetBoolean(), after.GetProperty("merge_commit_sha").GetString()));
        Assert.Equal("# Our shop\n", await _shop.Git.RunAsync("show", "main:README.md") + "\n");
    }

    [Fact]
    public async Task A_second_pull_request_of_a_branch_and_one_without_commits_are_refused()
    {
        await _shop.CommitAsync("work", "Work", ("new.txt", "new\n"));
        await _shop.OpenPullAsync(_ana, "Work", "work");

        var twice = await SendAsync(HttpMethod.Post, "/repos/acme/shop/pulls", new { title = "Again", head = "work", @base = "main" }, HttpStatusCode.UnprocessableEntity);
        Assert.Equal("A pull request already exists for acme:work.", twice.GetProperty("errors")[0].GetProperty("message").GetString());
        var nothing = await SendAsync(HttpMethod.Post, "/repos/acme/shop/pulls", new { title = "Nothing", head = "main", @base = "main" }, HttpStatusCode.UnprocessableEntity);
        Assert.Equal("No commits between main and main", nothing.GetProperty("errors")[0].GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_review_comment_stands_only_on_a_line_of_the_diff_and_is_outdated_when_the_line_changes()
    {
        await _shop.CommitAsync("work", "Work", ("list.txt", string.Join('\n', Line2).Replace("eleven", "ELEVEN", StringComparison.Ordinal) + "\n"));
        var pull = await _shop.OpenPullAsync(_ana, "Work", "work");
        object Review(int line) => new { @event = "COMMENT", body = "Found something.", comments = new[] { new { path = "list.txt", line, body = "Why?" } } };

        var refused = await SendAsync(HttpMethod.Post, "/repos/acme/shop/pulls/1/reviews", Review(1), HttpStatusCode.UnprocessableEntity);
        Assert.Equal("Line could not be resolved", refused.GetProperty("errors")[0].GetString());
        Assert.Empty(pull.Reviews);
        await SendAsync(HttpMethod.Post, "/repos/acme/shop/pulls/1/reviews", Review(11), HttpStatusCode.OK);
        Assert.Equal(11, (await GetAsync("/repos/acme/shop/pulls/1/comments"))[0].GetProperty("line").GetInt32());

        await _shop.CommitAsync("work", "Above", ("list.txt", "zero\n" + string.Join('\n', Line2).Replace("eleven", "ELEVEN", StringComparison.Ordinal) + "\n"));
        Assert.Equal(12, (await GetAsync("/repos/acme/shop/pulls/1/comments"))[0].GetProperty("line").GetInt32());
        await _shop.CommitAsync("work", "Answer", ("list.txt", "zero\n" + string.Join('\n', Line2).Replace("eleven", "Eleven", StringComparison.Ordinal) + "\n"));

        var comment = (await GetAsync("/repos/acme/shop/pulls/1/comments"))[0];
        Assert.Equal((JsonValueKind.Null, 11), (comment.GetProperty("line").ValueKind, comment.GetProperty("original_line").GetInt32()));
        Assert.True(Assert.Single(pull.Threads).IsOutdated);
    }

    [Fact]
    public async Task Drafts_and_threads_are_changed_by_graphql_alone()
    {
        await _shop.CommitAsync("work", "Work", ("new.txt", "new\n"));
        var pull = await _shop.OpenPullAsync(_ana, "Work", "work", draft: true);
        await pull.AddReviewCommentAsync(_ana, "new.txt", 1, "Why?");
        var id = (await GetAsync("/repos/acme/shop/pulls/1")).GetProperty("node_id").GetString();

        await QueryAsync("mutation($id: ID!) { markPullRequestReadyForReview(input: { pullRequestId: $id }) { pullRequest { isDraft } } }", new { id });
        var threads = await QueryAsync("query($owner: String!) { repository(owner: $owner, name: \"shop\") { pullRequest(number: 1) { reviewThreads(first: 50) { pageInfo { hasNextPage } nodes { id isResolved comments(first: 1) { nodes { databaseId } } } } } } }", new { owner = "acme" });
        var thread = threads.GetProperty("data").GetProperty("repository").GetProperty("pullRequest").GetProperty("reviewThreads").GetProperty("nodes")[0];
        Assert.Equal(pull.Threads[0].Comments[0].Id, thread.GetProperty("comments").GetProperty("nodes")[0].GetProperty("databaseId").GetInt64());
        await QueryAsync("mutation($id: ID!) { resolveReviewThread(input: { threadId: $id }) { thread { isResolved } } }", new { id = thread.GetProperty("id").GetString() });

        Assert.False(pull.Draft);
        Assert.True(pull.Threads[0].IsResolved);
        var unknown = await QueryAsync("{ viewer { login nickname } }", new { });
        Assert.Contains("'nickname' doesn't exist", unknown.GetProperty("errors")[0].GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Checks_make_a_pull_request_unstable_until_they_pass()
    {
        var head = await _shop.CommitAsync("work", "Work", ("new.txt", "new\n"));
        await _shop.OpenPullAsync(_ana, "Work", "work");

        await _shop.SetCheckAsync(head, "build", conclusion: null);
        Assert.Equal("unstable", (await GetAsync("/repos/acme/shop/pulls/1")).GetProperty("mergeable_state").GetString());
        await _shop.SetCheckAsync(head, "build", "success");
        await _shop.SetStatusAsync(head, "lint", "failure");

        var runs = await GetAsync($"/repos/acme/shop/commits/{head}/check-runs");
        Assert.Equal((1, "success"), (runs.GetProperty("total_count").GetInt32(), runs.GetProperty("check_runs")[0].GetProperty("conclusion").GetString()));
        Assert.Equal("failure", (await GetAsync("/repos/acme/shop/commits/work/status")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task What_one_may_not_see_is_not_found_and_a_wrong_token_is_unauthorized()
    {
        var bob = _server.AddUser("bob");
        Assert.Equal("Not Found", (await SendAsync(HttpMethod.Get, "/repos/acme/shop", body: null, HttpStatusCode.NotFound, _server.AddToken(bob))).GetProperty("message").GetString());
        Assert.Equal("Not Found", (await SendAsync(HttpMethod.Get, "/repos/acme/shop", body: null, HttpStatusCode.NotFound, _server.AddToken(_ana, "read:user"))).GetProperty("message").GetString());
        Assert.Equal("Bad credentials", (await SendAsync(HttpMethod.Get, "/user", body: null, HttpStatusCode.Unauthorized, "ghp_wrong")).GetProperty("message").GetString());
    }

    [Fact]
    public async Task Lists_come_in_pages_and_an_answer_known_already_is_not_sent_again()
    {
        for (var number = 1; number <= 5; number++)
        {
            await _shop.OpenIssueAsync(_ana, $"Issue {number}", body: null);
        }

        using var http = Http(_token);
        using var first = await http.GetAsync(new Uri($"{_server.Api}/repos/acme/shop/issues?per_page=2"));
        Assert.Contains("page=2>; rel=\"next\"", first.Headers.GetValues("Link").Single(), StringComparison.Ordinal);
        Assert.Contains("page=3>; rel=\"last\"", first.Headers.GetValues("Link").Single(), StringComparison.Ordinal);
        Assert.Equal(2, (await first.Content.ReadFromJsonAsync<JsonElement>()).GetArrayLength());

        http.DefaultRequestHeaders.IfNoneMatch.Add(first.Headers.ETag!);
        using var again = await http.GetAsync(first.RequestMessage!.RequestUri);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        await _shop.OpenIssueAsync(_ana, "One more", body: null);
        using var changed = await http.GetAsync(first.RequestMessage.RequestUri);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
    }

    [Fact]
    public async Task A_renamed_repository_answers_with_a_redirect_in_the_api_and_in_git()
    {
        await _server.RenameAsync(_shop, "acme/store");
        using var http = Http(_token);

        using var answer = await http.GetAsync(new Uri($"{_server.Api}/repos/acme/shop/branches"));
        Assert.Equal(HttpStatusCode.MovedPermanently, answer.StatusCode);
        using var followed = await http.GetAsync(answer.Headers.Location);
        Assert.Equal("main", (await followed.Content.ReadFromJsonAsync<JsonElement>())[0].GetProperty("name").GetString());
        await GitAsync(_folder.FullName, "-c", "http.followRedirects=true", "clone", "--quiet", "--", WithPassword(new Uri(_server.Web, "acme/shop.git"), _token), "store");
    }

    [Fact]
    public async Task A_fine_grained_token_reaches_its_repositories_alone()
    {
        var other = await _server.AddRepositoryAsync("acme/other");
        other.Allow(_ana, RepositoryRole.Admin);
        var token = _server.AddFineGrainedToken(_ana, _shop);

        await SendAsync(HttpMethod.Get, "/repos/acme/shop", body: null, HttpStatusCode.OK, token);
        await SendAsync(HttpMethod.Get, "/repos/acme/other", body: null, HttpStatusCode.NotFound, token);
    }

    [Fact]
    public async Task What_is_told_to_go_wrong_does_so_once()
    {
        var resets = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        using var http = Http(_token);
        async Task<HttpResponseMessage> AskAsync() => await http.GetAsync(new Uri($"{_server.Api}/user"));

        _server.Next(new Fault.RateLimit(resets));
        _server.Next(new Fault.SecondaryLimit(TimeSpan.FromSeconds(7), 429));
        _server.Next(new Fault.Html(502));
        _server.Next(new Fault.Cut(AfterHeaders: true));
        _server.Next(new Fault.Refused(404, "Not here") { Path = "/repos/" });

        using var limited = await AskAsync();
        Assert.Equal((HttpStatusCode.Forbidden, "0", "1800000000"), (limited.StatusCode, limited.Headers.GetValues("x-ratelimit-remaining").Single(), limited.Headers.GetValues("x-ratelimit-reset").Single()));
        using var slowed = await AskAsync();
        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(7)), (slowed.StatusCode, slowed.Headers.RetryAfter!.Delta));
        using var page = await AskAsync();
        Assert.Equal((HttpStatusCode.BadGateway, "text/html"), (page.StatusCode, page.Content.Headers.ContentType!.MediaType));
        await Assert.ThrowsAsync<HttpRequestException>(AskAsync);
        using var good = await AskAsync();
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
        await SendAsync(HttpMethod.Get, "/repos/acme/shop", body: null, HttpStatusCode.NotFound);
        await SendAsync(HttpMethod.Get, "/repos/acme/shop", body: null, HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_held_answer_waits_until_it_is_let_go()
    {
        var hold = new Fault.Hold();
        _server.Next(hold);
        using var http = Http(_token);

        var asking = http.GetAsync(new Uri($"{_server.Api}/user"));
        await hold.Reached;
        Assert.False(asking.IsCompleted);
        hold.Release();

        using var answer = await asking;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private async Task<JsonElement> GetAsync(string path) => await SendAsync(HttpMethod.Get, path, body: null, HttpStatusCode.OK);

    private async Task<JsonElement> QueryAsync(string query, object variables)
    {
        using var http = Http(_token);
        using var response = await http.PostAsJsonAsync(new Uri(_server.Web, "/api/graphql"), new { query, variables });
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body, HttpStatusCode expected, string? token = null)
    {
        using var http = Http(token ?? _token);
        using var request = new HttpRequestMessage(method, new Uri(_server.Api + path)) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, $"{method} {path}: {response.StatusCode} {text}");
        return JsonElement.Parse(text);
    }

    private static HttpClient Http(string token)
    {
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return http;
    }

    private static string WithPassword(Uri url, string token) => new UriBuilder(url) { UserName = "x-access-token", Password = token }.ToString();

    private static async Task<string> GitAsync(string folder, params string[] arguments)
    {
        var (exitCode, output, error) = await TryGitAsync(folder, arguments);
        return exitCode == 0 ? output : throw new InvalidOperationException(error);
    }

    private static async Task<(int ExitCode, string Output, string Error)> TryGitAsync(string folder, params string[] arguments)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = HostPrograms.SearchPath,
            ["GIT_CONFIG_GLOBAL"] = "/dev/null",
            ["GIT_CONFIG_SYSTEM"] = "/dev/null",
            ["GIT_TERMINAL_PROMPT"] = "0",
            ["GIT_AUTHOR_NAME"] = "Ana",
            ["GIT_AUTHOR_EMAIL"] = "ana@localhost",
            ["GIT_COMMITTER_NAME"] = "Ana",
            ["GIT_COMMITTER_EMAIL"] = "ana@localhost",
        };
        var result = await new ProcessRunner().RunAsync(new ProcessCommand { FileName = "git", Arguments = arguments, WorkingDirectory = folder, Environment = environment }, CancellationToken.None);
        return (result.ExitCode, Encoding.UTF8.GetString(result.Output.Span), result.Error);
    }
}

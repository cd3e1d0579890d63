using System.Globalization;
using CodexWeb.GitHosts.GitHub;
using Microsoft.AspNetCore.Http;

namespace CodexWeb.Tests.GitHosts.GitHub;

public sealed class GitHubPatienceTests
{
    private const string User = """{ "id": 1, "login": "ana" }""";

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    public async Task A_question_is_asked_again_while_GitHub_has_trouble(int status)
    {
        var asked = 0;
        await using var github = await ScriptedGitHub.StartAsync((context, _) => ++asked <= 3 ? ScriptedGitHub.WriteAsync(context, status, "{}") : ScriptedGitHub.WriteAsync(context, 200, User));

        Assert.Equal("ana", await LoginAsync(github));
        Assert.Equal([0.5, 1, 2], github.Clock.Waits.Select(wait => wait.TotalSeconds));
    }

    [Fact]
    public async Task After_four_times_it_is_given_up()
    {
        await using var github = await ScriptedGitHub.StartAsync(502, """{ "message": "Server Error" }""");

        var refused = await Assert.ThrowsAsync<GitHubException>(() => LoginAsync(github));
        Assert.Equal((GitHubFailure.Unavailable, 502, "GitHub answered 502: Server Error. GitHub has trouble of its own; try again in a while."), (refused.Failure, refused.Status, refused.Message));
        Assert.Equal(4, github.Requests.Count);
    }

    [Fact]
    public async Task A_change_is_not_sent_twice()
    {
        await using var github = await ScriptedGitHub.StartAsync(502, "{}");

        await Assert.ThrowsAsync<GitHubException>(() => github.Get<GitHubIssues>().CommentAsync(github.Token, github.Repository, 7, "Hello", CancellationToken.None));
        Assert.Single(github.Requests);
    }

    [Fact]
    public async Task A_connection_cut_in_the_middle_of_an_answer_is_made_again()
    {
        var asked = 0;
        await using var github = await ScriptedGitHub.StartAsync(async (context, _) =>
        {
            if (++asked == 1)
            {
                context.Response.ContentLength = 1000;
                await context.Response.WriteAsync("{ \"id\": 1,");
                await context.Response.Body.FlushAsync();
                context.Abort();
                return;
            }

            await ScriptedGitHub.WriteAsync(context, 200, User);
        });

        Assert.Equal("ana", await LoginAsync(github));
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task An_answer_that_does_not_come_is_waited_for_thirty_seconds()
    {
        var came = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var github = await ScriptedGitHub.StartAsync(async (context, _) =>
        {
            came.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
        });
        var comment = github.Get<GitHubIssues>().CommentAsync(github.Token, github.Repository, 7, "Hello", CancellationToken.None);
        await came.Task;
        github.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(comment.IsCompleted);
        github.Clock.Advance(TimeSpan.FromSeconds(1));

        var refused = await Assert.ThrowsAsync<GitHubException>(() => comment);
        Assert.Equal(
            (GitHubFailure.Unavailable, $"GitHub at {github.Address.Authority} did not answer within 30 seconds. Whether it took effect is not known: look on GitHub before trying again."),
            (refused.Failure, refused.Message));
    }

    [Fact]
    public async Task Who_asked_may_stop_waiting()
    {
        using var stop = new CancellationTokenSource();
        await using var github = await ScriptedGitHub.StartAsync(async (context, _) =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => github.Get<GitHubUsers>().CurrentAsync(github.Token, stop.Token));
    }

    [Fact]
    public async Task An_exhausted_limit_is_not_run_into_again_before_it_is_reset()
    {
        await using var github = await ScriptedGitHub.StartAsync(200, User);
        var reset = github.Clock.GetUtcNow().AddMinutes(20);
        github.Answer = (context, _) => ScriptedGitHub.WriteAsync(context, 200, User, Exhausted(reset));
        await LoginAsync(github);

        var refused = await Assert.ThrowsAsync<GitHubException>(() => LoginAsync(github));
        Assert.Equal((GitHubFailure.RateLimited, reset, "GitHub's rate limit is reached. It can be asked again in 20 minutes."), (refused.Failure, refused.RetryAt, refused.Message));
        Assert.Single(github.Requests);

        github.Answer = (context, _) => ScriptedGitHub.WriteAsync(context, 200, User);
        Assert.Equal("ana", (await github.Get<GitHubUsers>().CurrentAsync(new GitHubToken("another"), CancellationToken.None)).User.Login);
        github.Clock.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal("ana", await LoginAsync(github));
    }

    [Theory]
    [InlineData("search")]
    [InlineData(null)]
    public async Task An_exhausted_search_does_not_stop_other_questions(string? resource)
    {
        await using var github = await ScriptedGitHub.StartAsync(200, """{ "id": 1, "login": "ana", "items": [] }""");
        var usual = github.Answer;
        github.Answer = (context, _) => ScriptedGitHub.WriteAsync(context, 200, """{ "items": [] }""", [.. Exhausted(github.Clock.GetUtcNow().AddSeconds(50)), .. resource is null ? [] : new[] { ("x-ratelimit-resource", resource) }]);
        await github.Get<GitHubRepositories>().SearchAsync(github.Token, "shop", 10, CancellationToken.None);
        github.Answer = usual;

        Assert.Equal("ana", await LoginAsync(github));
        Assert.Equal(GitHubFailure.RateLimited, (await Assert.ThrowsAsync<GitHubException>(() => github.Get<GitHubRepositories>().SearchAsync(github.Token, "shop", 10, CancellationToken.None))).Failure);
    }

    [Fact]
    public async Task A_refusal_for_an_exhausted_limit_names_its_end_by_GitHubs_clock()
    {
        await using var github = await ScriptedGitHub.StartAsync(200, User);
        // GitHub's clock is an hour behind ours.
        var theirs = github.Clock.GetUtcNow().AddHours(-1);
        github.Answer = (context, _) => ScriptedGitHub.WriteAsync(context, 403, """{ "message": "API rate limit exceeded for user ID 1." }""", [.. Exhausted(theirs.AddMinutes(30)), ("Date", theirs.ToString("R", CultureInfo.InvariantCulture))]);

        var refused = await Assert.ThrowsAsync<GitHubException>(() => LoginAsync(github));
        Assert.Equal((GitHubFailure.RateLimited, github.Clock.GetUtcNow().AddMinutes(30)), (refused.Failure, refused.RetryAt));
        Assert.Equal("GitHub's rate limit is reached: API rate limit exceeded for user ID 1. It can be asked again in 30 minutes.", refused.Message);
    }

    [Fact]
    public async Task A_short_wait_GitHub_asks_for_is_waited()
    {
        var asked = 0;
        await using var github = await ScriptedGitHub.StartAsync((context, _) => ++asked == 1
            ? ScriptedGitHub.WriteAsync(context, 429, """{ "message": "You have exceeded a secondary rate limit." }""", ("Retry-After", "4"))
            : ScriptedGitHub.WriteAsync(context, 200, User));

        Assert.Equal("ana", await LoginAsync(github));
        Assert.Equal([4], github.Clock.Waits.Select(wait => wait.TotalSeconds));
    }

    [Theory]
    [InlineData(403, "90", "You have exceeded a secondary rate limit", 90)]
    [InlineData(403, null, "You have exceeded a secondary rate limit", 60)]
    [InlineData(429, null, "Too many requests", 60)]
    [InlineData(429, "99999", "Too many requests", 86400)]
    [InlineData(429, "99999999999", "Too many requests", 60)]
    [InlineData(403, "-5", "You have exceeded a secondary rate limit", 60)]
    public async Task A_longer_one_is_left_to_who_asked_and_holds_for_all_the_token_asks(int status, string? retryAfter, string message, int seconds)
    {
        await using var github = await ScriptedGitHub.StartAsync(status, $$"""{ "message": "{{message}}" }""", retryAfter is null ? [] : [("Retry-After", retryAfter)]);
        var until = github.Clock.GetUtcNow().AddSeconds(seconds);

        var refused = await Assert.ThrowsAsync<GitHubException>(() => LoginAsync(github));
        Assert.Equal((GitHubFailure.RateLimited, until), (refused.Failure, refused.RetryAt));
        Assert.Equal(until, (await Assert.ThrowsAsync<GitHubException>(() => github.Get<GitHubRepositories>().SearchAsync(github.Token, "shop", 10, CancellationToken.None))).RetryAt);
        Assert.Single(github.Requests);
    }

    [Fact]
    public async Task A_server_in_maintenance_is_asked_again_when_it_said()
    {
        await using var github = await ScriptedGitHub.StartAsync(503, """{ "message": "Maintenance" }""", ("Retry-After", "120"));

        var refused = await Assert.ThrowsAsync<GitHubException>(() => LoginAsync(github));
        Assert.Equal((GitHubFailure.Unavailable, github.Clock.GetUtcNow().AddSeconds(120)), (refused.Failure, refused.RetryAt));
        Assert.Single(github.Requests);
    }

    [Fact]
    public async Task No_more_than_eight_questions_of_a_token_are_under_way()
    {
        var (now, most) = (0, 0);
        using var gate = new SemaphoreSlim(0);
        var eight = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var github = await ScriptedGitHub.StartAsync(async (context, request) =>
        {
            var under = Interlocked.Increment(ref now);
            InterlockedMost(ref most, under);
            _ = under == 8 && eight.TrySetResult();
            await gate.WaitAsync(context.RequestAborted);
            Interlocked.Decrement(ref now);
            await ScriptedGitHub.WriteAsync(context, 200, User);
        });
        var all = Enumerable.Range(0, 24).Select(_ => LoginAsync(github)).ToList();
        await eight.Task;
        gate.Release(24);

        Assert.All(await Task.WhenAll(all), login => Assert.Equal("ana", login));
        Assert.Equal(8, most);
    }

    private static (string Name, string Value)[] Exhausted(DateTimeOffset reset) =>
        [("x-ratelimit-limit", "5000"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", reset.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture))];

    private static async Task<string> LoginAsync(ScriptedGitHub github) => (await github.Get<GitHubUsers>().CurrentAsync(github.Token, CancellationToken.None)).User.Login;

    private static void InterlockedMost(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}

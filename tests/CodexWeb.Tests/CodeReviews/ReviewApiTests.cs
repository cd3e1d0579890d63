using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CodexWeb.Data;

namespace CodexWeb.Tests.CodeReviews;

public sealed class ReviewApiTests(ReviewApp app) : IClassFixture<ReviewApp>
{
    [Fact]
    public async Task A_review_is_asked_for_read_and_listed_over_http()
    {
        var pull = await app.OpenAsync("http");
        using var client = app.CreateClient();

        using var created = await client.PostAsJsonAsync(Address("reviews"), new { repositoryId = app.RepositoryId.ToString(), number = pull.Number });
        var id = (await ReadAsync(created)).GetProperty("id").GetString()!;
        await app.EndAsync(CodeReviewId.Parse(id, null));
        using var again = await client.PostAsJsonAsync(Address("reviews"), new { url = pull.Issue.PageUrl });
        var review = await client.GetFromJsonAsync<JsonElement>(Address($"reviews/{id}"));
        var list = await client.GetFromJsonAsync<JsonElement>(Address($"reviews?repository={app.RepositoryId}&state=posted"));

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (created.StatusCode, again.StatusCode));
        Assert.Equal(id, (await ReadAsync(again)).GetProperty("id").GetString());
        Assert.Equal(("posted", "patch is incorrect"), (review.GetProperty("state").GetString(), review.GetProperty("verdict").GetString()));
        var finding = review.GetProperty("findings")[0];
        Assert.Equal(("lib/shop.pl", 3, 1, "open"), (finding.GetProperty("path").GetString(), finding.GetProperty("startLine").GetInt32(), finding.GetProperty("priority").GetInt32(), finding.GetProperty("state").GetString()));
        Assert.Contains(list.GetProperty("items").EnumerateArray(), row => row.GetProperty("id").GetString() == id);
        using var fix = await client.PostAsync(Address($"reviews/findings/{finding.GetProperty("id").GetString()}/fix"), content: null);
        Assert.Equal((HttpStatusCode.Accepted, $"/api/v1/tasks/{(await ReadAsync(fix)).GetProperty("taskId").GetString()}"), (fix.StatusCode, fix.Headers.Location?.OriginalString));
    }

    [Theory]
    [InlineData("{}", "repositoryId")]
    [InlineData("""{"url":"https://example.org/x"}""", "url")]
    [InlineData("""{"url":"https://example.org/x","number":1}""", "url")]
    [InlineData("""{"repositoryId":"01980000-0000-7000-8000-000000000000","number":1}""", "repositoryId")]
    public async Task What_cannot_be_taken_is_named(string body, string field)
    {
        using var client = app.CreateClient();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(Address("reviews"), content);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True((await ReadAsync(answer)).GetProperty("errors").TryGetProperty(field, out _));
    }

    [Fact]
    public async Task A_state_that_is_none_and_a_review_that_is_none_are_answered_with_a_sentence()
    {
        using var client = app.CreateClient();
        using var state = await client.GetAsync(Address("reviews?state=3"));
        using var missing = await client.GetAsync(Address($"reviews/{Guid.NewGuid()}"));
        using var finding = await client.PostAsync(Address($"reviews/findings/{Guid.NewGuid()}/fix"), content: null);

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.NotFound, HttpStatusCode.NotFound), (state.StatusCode, missing.StatusCode, finding.StatusCode));
        Assert.Equal("There is no such finding.", (await ReadAsync(finding)).GetProperty("detail").GetString());
    }

    [Fact]
    public async Task An_environment_says_how_pull_requests_are_reviewed()
    {
        using var client = app.CreateClient();
        var environments = await client.GetFromJsonAsync<JsonElement>(Address($"environments?repositoryId={app.RepositoryId}"));
        var id = environments.GetProperty("items")[0].GetProperty("id").GetString();

        using var changed = await client.PutAsJsonAsync(Address($"environments/{id}"), new { name = "Default", reviews = new { automatic = false, floor = 2 } });
        using var wrong = await client.PutAsJsonAsync(Address($"environments/{id}"), new { name = "Default", reviews = new { floor = 4 } });
        using var usual = await client.PutAsJsonAsync(Address($"environments/{id}"), new { name = "Default" });

        Assert.Equal("""{"automatic":false,"floor":2}""", (await ReadAsync(changed)).GetProperty("reviews").GetRawText());
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Equal("""{"automatic":false,"floor":1}""", (await ReadAsync(usual)).GetProperty("reviews").GetRawText());
    }

    private static Uri Address(string path) => new($"/api/v1/{path}", UriKind.Relative);

    private static Task<JsonElement> ReadAsync(HttpResponseMessage answer) => answer.Content.ReadFromJsonAsync<JsonElement>();
}

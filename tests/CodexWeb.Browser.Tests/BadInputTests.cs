using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CodexWeb.Browser.Tests;

/// <summary>What cannot be taken gets a sentence that says what happened and what to do.</summary>
public sealed class BadInputTests(ServerUnderTest app) : IClassFixture<ServerUnderTest>, IDisposable
{
    private readonly ApiClient _api = new(app.Server.Address);

    [Theory]
    [InlineData("https://127.0.0.1:9/nowhere.git")]
    [InlineData("/there/is/no/such/folder")]
    [InlineData("relative/folder")]
    [InlineData("ext::sh -c touch% /tmp/owned")]
    [InlineData("--upload-pack=touch /tmp/owned")]
    [InlineData("file:///etc")]
    [InlineData("")]
    public async Task What_is_no_repository_is_refused_with_the_reason(string url)
    {
        var (status, problem) = await _api.RefusedAsync(HttpMethod.Post, "/api/v1/repositories", Json(new JsonObject { ["url"] = url }));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(ErrorOf(problem, "url").Length > 20, problem.ToString());
    }

    [Fact]
    public async Task A_folder_without_Git_is_refused_with_the_reason()
    {
        Directory.CreateDirectory(app.Folder.Below("plain"));
        await File.WriteAllTextAsync(Path.Combine(app.Folder.Below("plain"), "a.txt"), "a");

        var (status, problem) = await _api.RefusedAsync(HttpMethod.Post, "/api/v1/repositories", Json(new JsonObject { ["url"] = app.Folder.Below("plain") }));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("git init", ErrorOf(problem, "url"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repository_without_a_commit_is_refused_with_the_reason()
    {
        await GitFolder.CreateAsync(app.Folder.Below("empty"));

        var (status, problem) = await _api.RefusedAsync(HttpMethod.Post, "/api/v1/repositories", Json(new JsonObject { ["url"] = app.Folder.Below("empty") }));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("commit", ErrorOf(problem, "url"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_wrong_field_of_a_task_is_named_at_once()
    {
        var (status, problem) = await _api.RefusedAsync(HttpMethod.Post, "/api/v1/tasks", Json(new JsonObject
        {
            ["repositoryId"] = await _api.SampleAsync(),
            ["mode"] = "explain",
            ["prompt"] = "x",
            ["approval"] = "sometimes",
            ["budget"] = new JsonObject { ["minutes"] = 0 },
        }));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(["approval", "budget", "mode"], problem.GetProperty("errors").EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal));
        Assert.Contains("code or ask", ErrorOf(problem, "mode"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_only_the_store_knows_to_be_wrong_is_named_by_field_too()
    {
        var (status, problem) = await _api.RefusedAsync(HttpMethod.Post, "/api/v1/tasks", Json(new JsonObject
        {
            ["repositoryId"] = await _api.SampleAsync(),
            ["mode"] = "code",
            ["prompt"] = "   ",
            ["attempts"] = 5,
            ["model"] = "no/such",
            ["reasoningEffort"] = "heroic",
        }));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(["attempts", "model", "prompt", "reasoningEffort"], problem.GetProperty("errors").EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal));
        Assert.Contains("demo/scripted", ErrorOf(problem, "model"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_branch_that_is_not_there_is_named()
    {
        var (status, problem) = await _api.RefusedAsync(HttpMethod.Post, "/api/v1/tasks", Json(new JsonObject
        {
            ["repositoryId"] = await _api.SampleAsync(),
            ["mode"] = "code",
            ["prompt"] = "x",
            ["branch"] = "mian",
        }));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("'main'", ErrorOf(problem, "branch"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_megabyte_of_prompt_is_refused_with_the_limit()
    {
        var (status, problem) = await _api.RefusedAsync(HttpMethod.Post, "/api/v1/tasks", Json(new JsonObject
        {
            ["repositoryId"] = await _api.SampleAsync(),
            ["mode"] = "code",
            ["prompt"] = new string('x', 1 << 20),
        }));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("100,000", ErrorOf(problem, "prompt"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused_before_it_is_read()
    {
        var (status, problem) = await _api.RefusedAsync(HttpMethod.Post, "/api/v1/repositories", Text(new string(' ', 3 << 20), "application/json"));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains("2 MiB", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ \"prompt\": ", "application/json", HttpStatusCode.BadRequest, "Malformed JSON")]
    [InlineData("", "application/json", HttpStatusCode.BadRequest, "Malformed request")]
    [InlineData("[]", "application/json", HttpStatusCode.BadRequest, "Malformed JSON")]
    [InlineData("prompt=x", "application/x-www-form-urlencoded", HttpStatusCode.UnsupportedMediaType, "Not JSON")]
    [InlineData("{}", "text/plain", HttpStatusCode.UnsupportedMediaType, "Not JSON")]
    public async Task What_is_no_JSON_is_refused(string body, string type, HttpStatusCode expected, string title)
    {
        var (status, problem) = await _api.RefusedAsync(HttpMethod.Post, "/api/v1/tasks", Text(body, type));

        Assert.Equal((expected, title), (status, problem.GetProperty("title").GetString()));
    }

    [Theory]
    [InlineData("""{ "promt": "x" }""", "promt")]
    [InlineData("""{ "prompt": 5 }""", "prompt")]
    [InlineData("""{ "attempts": "two" }""", "attempts")]
    [InlineData("""{ "repositoryId": "sample" }""", "repositoryId")]
    public async Task A_field_that_is_unknown_or_of_the_wrong_kind_is_named(string body, string field)
    {
        var (status, problem) = await _api.RefusedAsync(HttpMethod.Post, "/api/v1/tasks", Text(body, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.NotEmpty(ErrorOf(problem, field));
    }

    [Theory]
    [InlineData("GET", "/api/v1/nothing", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/v2/tasks", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/v1/tasks/not-an-id", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/v1/tasks/00000000-0000-0000-0000-000000000000", HttpStatusCode.NotFound)]
    [InlineData("DELETE", "/api/v1/tasks/00000000-0000-0000-0000-000000000000", HttpStatusCode.NotFound)]
    [InlineData("POST", "/api/v1/tasks/00000000-0000-0000-0000-000000000000/push", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/v1/repositories/00000000-0000-0000-0000-000000000000/branches", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/v1/attempts/00000000-0000-0000-0000-000000000000/events", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/v1/attempts/00000000-0000-0000-0000-000000000000/diff", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/v1/attempts/00000000-0000-0000-0000-000000000000/answer", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/v1/attempts/00000000-0000-0000-0000-000000000000/items/item_1/output", HttpStatusCode.NotFound)]
    [InlineData("POST", "/api/v1/attempts/00000000-0000-0000-0000-000000000000/stop", HttpStatusCode.NotFound)]
    [InlineData("PUT", "/api/v1/tasks", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/api/v1/tasks?limit=201", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/api/v1/tasks?limit=many", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/api/v1/repositories/00000000-0000-0000-0000-000000000000/files", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/api/v1/tasks?state=sleeping", HttpStatusCode.BadRequest)]
    public async Task What_is_not_there_is_a_problem_with_a_sentence(string method, string path, HttpStatusCode expected)
    {
        var (status, problem) = await _api.RefusedAsync(new HttpMethod(method), path, content: null);

        Assert.Equal(expected, status);
        Assert.True(problem.GetProperty("detail").GetString()!.Length > 15, problem.ToString());
    }

    [Fact]
    public async Task An_environment_cannot_have_what_this_version_does_not_offer()
    {
        var environment = (await _api.GetAsync($"/api/v1/environments?repositoryId={await _api.SampleAsync()}")).GetProperty("items")[0];
        var path = $"/api/v1/environments/{environment.GetProperty("id").GetString()}";
        var body = JsonObject.Create(environment)!;
        using var unchanged = await _api.Http.PutAsJsonAsync(path, body);
        Assert.Equal(HttpStatusCode.OK, unchanged.StatusCode);

        body["network"] = new JsonObject { ["mode"] = "on" };
        body["secretNames"] = new JsonArray("TOKEN");
        var (status, problem) = await _api.RefusedAsync(HttpMethod.Put, path, Json(body));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("no network", ErrorOf(problem, "network"), StringComparison.Ordinal);
        Assert.Contains("not offered", ErrorOf(problem, "secretNames"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_of_other_sites_and_foreign_names_are_turned_away()
    {
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(HttpMethod.Post, "/api/v1/doctor", ("Origin", "https://evil.example")));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(HttpMethod.Post, "/api/v1/doctor", ("Origin", "null")));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(HttpMethod.Post, "/api/v1/doctor", ("Origin", $"http://127.0.0.1:{app.Server.Address.Port + 1}")));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(HttpMethod.Post, "/api/v1/doctor", ("Sec-Fetch-Site", "cross-site")));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(HttpMethod.Get, "/api/v1/tasks", ("Sec-Fetch-Site", "same-site")));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(HttpMethod.Post, "/hubs/tasks/negotiate?negotiateVersion=1", ("Origin", "https://evil.example")));
        Assert.Equal(HttpStatusCode.BadRequest, await AskAsync(HttpMethod.Get, "/api/v1/tasks", ("Host", "rebound.example")));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(HttpMethod.Post, "/api/v1/doctor", ("Origin", app.Server.Address.GetLeftPart(UriPartial.Authority)), ("Sec-Fetch-Site", "same-origin")));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(HttpMethod.Get, "/api/v1/tasks", ("Host", $"localhost:{app.Server.Address.Port}")));
    }

    public void Dispose() => _api.Dispose();

    private static JsonContent Json(JsonNode body) => JsonContent.Create(body);

    private static StringContent Text(string body, string type)
    {
        var content = new StringContent(body, Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return content;
    }

    private static string ErrorOf(JsonElement problem, string field) => problem.GetProperty("errors").GetProperty(field)[0].GetString()!;

    private async Task<HttpStatusCode> AskAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _api.Http.SendAsync(request);
        return response.StatusCode;
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CodexWeb.Tests.Models;

namespace CodexWeb.Tests.Api;

public sealed class ModelProviderApiTests(ApiHost host) : IClassFixture<ApiHost>
{
    private const string Address = "/api/v1/model-providers";

    [Fact]
    public async Task A_provider_is_added_tested_used_as_default_changed_and_removed()
    {
        await using var server = await ResponsesServer.StartAsync(ChatReply.Answer("Hello there!"));
        using var client = host.CreateClient();
        var body = new { name = "loop", baseUrl = server.BaseUrl, api = "chat", key = "sk-of-the-api", maxConcurrent = 2, models = new[] { new { id = "test-model", contextWindow = 32_000, images = false } } };

        var added = await client.PostAsJsonAsync(Address, body);
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        Assert.DoesNotContain("sk-of-the-api", await added.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        var greeting = await Json(await client.PostAsJsonAsync($"{Address}/loop/test", new { }));
        Assert.Equal((true, "Hello there!"), (greeting.GetProperty("works").GetBoolean(), greeting.GetProperty("text").GetString()));

        Assert.Equal(HttpStatusCode.NoContent, (await client.PutAsJsonAsync("/api/v1/models/default", new { model = "loop/test-model" })).StatusCode);
        var models = await client.GetFromJsonAsync<JsonElement>("/api/v1/models");
        Assert.Equal("loop/test-model", models.EnumerateArray().Single(model => model.GetProperty("default").GetBoolean()).GetProperty("id").GetString());

        var changed = await client.PutAsJsonAsync($"{Address}/loop", new { baseUrl = server.BaseUrl, api = "responses", models = new[] { new { id = "other" } } });
        Assert.True((await Json(changed)).GetProperty("hasKey").GetBoolean());
        Assert.Equal(HttpStatusCode.BadRequest, (await client.PutAsJsonAsync($"{Address}/loop", new { name = "else", baseUrl = server.BaseUrl, api = "chat", models = new[] { new { id = "other" } } })).StatusCode);

        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync(new Uri($"{Address}/loop", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.DeleteAsync(new Uri($"{Address}/loop", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.PostAsJsonAsync($"{Address}/loop/test", new { })).StatusCode);
    }

    [Fact]
    public async Task What_cannot_be_taken_is_named_field_by_field()
    {
        using var client = host.CreateClient();

        var refused = await client.PostAsJsonAsync(Address, new { name = "Not a name", baseUrl = "ftp://x", api = "soap", key = "a b", models = Array.Empty<object>() });

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(["api", "baseUrl", "key", "models", "name"], (await Json(refused)).GetProperty("errors").EnumerateObject().Select(static error => error.Name).Order(StringComparer.Ordinal));
    }

    private static async Task<JsonElement> Json(HttpResponseMessage response) => JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
}

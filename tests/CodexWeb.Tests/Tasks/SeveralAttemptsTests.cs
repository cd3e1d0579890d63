using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using CodexWeb.Models;

namespace CodexWeb.Tests.Tasks;

public sealed class SeveralAttemptsTests(TaskApp app) : IClassFixture<TaskApp>
{
    [Fact]
    public async Task Each_attempt_works_with_the_model_named_for_it()
    {
        var task = await StartAsync(new JsonObject { ["models"] = new JsonArray(TaskApp.Other, ModelCatalog.DemoEntry.Id, TaskApp.Other) });

        Assert.Equal([TaskApp.Other, ModelCatalog.DemoEntry.Id, TaskApp.Other], task.GetProperty("attempts").EnumerateArray().Select(attempt => attempt.GetProperty("model").GetString()));
    }

    [Theory]
    [InlineData("""{ "models": ["elsewhere/small", "nowhere/none"] }""", "There is no model 'nowhere/none'.")]
    [InlineData("""{ "models": ["elsewhere/small"], "attempts": 3 }""", "3 attempts need 3 models")]
    [InlineData("""{ "models": ["elsewhere/small"], "model": "elsewhere/small" }""", "not both")]
    public async Task Models_that_cannot_be_given_are_refused_with_the_reason(string body, string reason)
    {
        using var response = await SendAsync((JsonObject)JsonNode.Parse(body)!);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Contains(reason, problem.GetProperty("errors").GetProperty("models")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_attempt_is_chosen_and_the_choice_taken_back()
    {
        var task = await StartAsync(new JsonObject { ["attempts"] = 2 });
        var (id, second) = (task.GetProperty("id").GetString(), task.GetProperty("attempts")[1].GetProperty("id").GetString());

        var chosen = await ChooseAsync(id, second!);
        var taken = await ChooseAsync(id, "none");
        using var foreign = await app.Client.PatchAsJsonAsync($"/api/v1/tasks/{id}", new { chosenAttemptId = id });
        using var nonsense = await app.Client.PatchAsJsonAsync($"/api/v1/tasks/{id}", new { chosenAttemptId = "the best" });

        Assert.Equal(second, chosen.GetProperty("chosenAttemptId").GetString());
        Assert.Equal(JsonValueKind.Null, taken.GetProperty("chosenAttemptId").ValueKind);
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (foreign.StatusCode, nonsense.StatusCode));
    }

    [Fact]
    public async Task A_forecast_without_a_history_says_how_little_there_is()
    {
        var forecast = await app.Client.GetFromJsonAsync<JsonElement>(new Uri($"/api/v1/forecast?repositoryId={app.Repository}&mode=ask&model=nowhere/none", UriKind.Relative));
        using var wrong = await app.Client.GetAsync(new Uri($"/api/v1/forecast?repositoryId={app.Repository}&mode=guess", UriKind.Relative));

        Assert.Equal(0, forecast.GetProperty("attempts").GetInt32());
        Assert.Equal(JsonValueKind.Null, forecast.GetProperty("minutes").ValueKind);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
    }

    private async Task<JsonElement> ChooseAsync(string? task, string attempt)
    {
        using var response = await app.Client.PatchAsJsonAsync($"/api/v1/tasks/{task}", new { chosenAttemptId = attempt });
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<JsonElement> StartAsync(JsonObject body)
    {
        using var response = await SendAsync(body);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private Task<HttpResponseMessage> SendAsync(JsonObject body)
    {
        (body["repositoryId"], body["mode"], body["prompt"]) = (app.Repository.ToString(), "ask", "How is the total computed?");
        return app.Client.PostAsJsonAsync("/api/v1/tasks", body);
    }
}

using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CodexWeb.Browser.Tests;

/// <summary>A script's way to the server: plain HTTP and JSON, as a person would write it with curl.</summary>
internal sealed class ApiClient(Uri address) : IDisposable
{
    private static readonly string[] Ends = ["completed", "failed", "cancelled", "interrupted"];

    private readonly HttpClient _http = new() { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) };

    public HttpClient Http => _http;

    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await _http.GetAsync(new Uri(path, UriKind.Relative));
        return await ReadAsync(response);
    }

    public async Task<string> GetTextAsync(string path)
    {
        using var response = await _http.GetAsync(new Uri(path, UriKind.Relative));
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {text}");
        return text;
    }

    public async Task<JsonElement> PostAsync(string path, JsonNode? body)
    {
        using var response = await _http.PostAsJsonAsync(path, body);
        return await ReadAsync(response);
    }

    /// <summary>Sends what the server has to refuse.</summary>
    /// <returns>The problem it answered.</returns>
    public async Task<(HttpStatusCode Status, JsonElement Problem)> RefusedAsync(HttpMethod method, string path, HttpContent? content)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.False(response.IsSuccessStatusCode, $"{method} {path} was taken: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        var problem = JsonElement.Parse(text);
        Assert.Equal((int)response.StatusCode, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        return (response.StatusCode, problem);
    }

    /// <summary>The sample repository, which a new server makes in its first moments.</summary>
    public async Task<string> SampleAsync()
    {
        for (var tries = 0; tries < 120; tries++)
        {
            var repositories = await GetAsync("/api/v1/repositories");
            if (repositories.GetProperty("items").EnumerateArray().FirstOrDefault(r => r.GetProperty("isSample").GetBoolean()) is { ValueKind: JsonValueKind.Object } sample)
            {
                return sample.GetProperty("id").GetString()!;
            }

            await Task.Delay(250);
        }

        throw new InvalidOperationException("The server made no sample repository within 30 s.");
    }

    public async Task<string> ConnectAsync(string url) => (await PostAsync("/api/v1/repositories", new JsonObject { ["url"] = url })).GetProperty("id").GetString()!;

    /// <summary>Starts a task.</summary>
    /// <returns>Its id and that of its first attempt.</returns>
    public async Task<(string Task, string Attempt)> StartAsync(string repository, string mode, string prompt)
    {
        var task = await PostAsync("/api/v1/tasks", new JsonObject { ["repositoryId"] = repository, ["mode"] = mode, ["prompt"] = prompt });
        return (task.GetProperty("id").GetString()!, task.GetProperty("attempts")[0].GetProperty("id").GetString()!);
    }

    /// <summary>The attempt's log from an event on, live. Ends only with the connection.</summary>
    public async IAsyncEnumerable<JsonElement> FollowAsync(string attempt, long lastEventId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/attempts/{attempt}/events");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        request.Headers.Add("Last-Event-ID", lastEventId.ToString(CultureInfo.InvariantCulture));
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in SseParser.Create(body).EnumerateAsync(cancellationToken))
        {
            var logged = JsonElement.Parse(item.Data);
            Assert.Equal(item.EventId, logged.GetProperty("seq").GetInt64().ToString(CultureInfo.InvariantCulture));
            yield return logged;
        }
    }

    /// <summary>Follows an attempt's log until the attempt comes to rest.</summary>
    /// <returns>All events seen, the last being the change to its end.</returns>
    public async Task<List<JsonElement>> UntilEndAsync(string attempt, long after)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var events = new List<JsonElement>();
        await foreach (var logged in FollowAsync(attempt, after, patience.Token))
        {
            events.Add(logged);
            if (StatusOf(logged) is { } status && Ends.Contains(status, StringComparer.Ordinal))
            {
                break;
            }
        }

        return events;
    }

    /// <summary>All stored events, page by page.</summary>
    public async Task<List<JsonElement>> StoredAsync(string attempt)
    {
        var events = new List<JsonElement>();
        string? after = "0";
        while (after is not null)
        {
            var page = await GetAsync($"/api/v1/attempts/{attempt}/events?limit=50&after={after}");
            events.AddRange(page.GetProperty("items").EnumerateArray());
            after = page.GetProperty("nextCursor").GetString();
        }

        return events;
    }

    public static string? StatusOf(JsonElement logged) =>
        logged.GetProperty("type").GetString() is "status.changed" ? logged.GetProperty("status").GetString() : null;

    /// <summary>The commands of a log as they ended.</summary>
    public static List<JsonElement> CommandsOf(IEnumerable<JsonElement> events) =>
    [
        .. events.Where(e => e.GetProperty("type").GetString() is "item.completed")
            .Select(e => e.GetProperty("item"))
            .Where(item => item.GetProperty("type").GetString() is "command_execution"),
    ];

    public void Dispose() => _http.Dispose();

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{response.RequestMessage?.RequestUri}: {(int)response.StatusCode} {text}");
        return JsonElement.Parse(text);
    }
}

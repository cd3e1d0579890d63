using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Benchmarks;

/// <summary>The built server in a process of its own on a free loopback port, and the requests the benchmarks send to it.</summary>
internal sealed class MeasuredServer : IAsyncDisposable
{
    private const string Ready = "CodexWeb is ready at ";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    private readonly RunningProcess _process;
    private readonly Task _errors;
    private Task _output = Task.CompletedTask;
    private HttpClient? _http;

    private MeasuredServer(RunningProcess process)
    {
        _process = process;
        _errors = process.Error.CopyToAsync(Console.OpenStandardError());
    }

    internal Uri Address => Http.BaseAddress!;

    private HttpClient Http => _http ?? throw new InvalidOperationException("The server is not ready.");

    /// <summary>Starts a server with an empty data folder and waits until it can run tasks.</summary>
    /// <param name="environment">Variables besides those of this process; the keys of model providers are not handed on.</param>
    internal static async Task<MeasuredServer> StartAsync(BenchmarkFolder folder, IReadOnlyDictionary<string, string> environment, params IReadOnlyList<string> settings)
    {
        var variables = new Dictionary<string, string>(environment, StringComparer.Ordinal) { ["ASPNETCORE_ENVIRONMENT"] = "Production" };
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (!((string)variable.Key).StartsWith("OPENAI_", StringComparison.Ordinal))
            {
                variables.TryAdd((string)variable.Key, (string?)variable.Value ?? "");
            }
        }

        var server = new MeasuredServer(new ProcessRunner().Start(new ProcessCommand
        {
            FileName = "dotnet",
            Arguments = [Path.Combine(AppContext.BaseDirectory, "CodexWeb.dll"), "--urls", "http://127.0.0.1:0", "--Data:Directory", folder.Below("data"), .. settings],
            WorkingDirectory = folder.FullPath,
            Environment = variables,
        }));
        try
        {
            using var patience = new CancellationTokenSource(Patience);
            await server.ListenAsync(patience.Token);
            while ((await server.Http.GetAsync(new Uri("/readyz", UriKind.Relative), patience.Token)) is { IsSuccessStatusCode: false })
            {
                await Task.Delay(BetweenLooks, patience.Token);
            }

            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Connects a repository.</summary>
    /// <returns>Its id.</returns>
    internal async Task<string> ConnectAsync(string origin) =>
        (await PostAsync("/api/v1/repositories", new JsonObject { ["url"] = origin })).GetProperty("id").GetString()!;

    /// <summary>Starts a task in Code mode with the default model.</summary>
    internal async Task<StartedTask> SubmitAsync(string repository, string prompt)
    {
        var task = await PostAsync("/api/v1/tasks", new JsonObject { ["repositoryId"] = repository, ["mode"] = "code", ["prompt"] = prompt });
        return new StartedTask(task.GetProperty("id").GetString()!, task.GetProperty("attempts")[0].GetProperty("id").GetString()!);
    }

    /// <summary>Sends a follow-up to a task that is at rest.</summary>
    internal Task FollowUpAsync(StartedTask task, string prompt) => PostAsync($"/api/v1/tasks/{task.Id}/turns", new JsonObject { ["prompt"] = prompt });

    /// <summary>Waits until a task's attempt has completed.</summary>
    /// <exception cref="InvalidOperationException">It ended otherwise, or not in time.</exception>
    internal async Task CompletedAsync(StartedTask task)
    {
        for (var waited = TimeSpan.Zero; waited < Patience; waited += BetweenLooks)
        {
            var attempt = (await GetAsync($"/api/v1/tasks/{task.Id}")).GetProperty("attempts")[0];
            switch (attempt.GetProperty("status").GetString())
            {
                case "completed":
                    return;
                case "failed" or "cancelled" or "interrupted":
                    throw new InvalidOperationException($"The attempt did not complete: {attempt.GetProperty("reason").GetString()}");
                default:
                    await Task.Delay(BetweenLooks);
                    break;
            }
        }

        throw new InvalidOperationException($"The attempt did not complete within {Patience}.");
    }

    /// <summary>All stored events of an attempt, in order.</summary>
    internal async Task<List<JsonElement>> EventsAsync(StartedTask task)
    {
        var events = new List<JsonElement>();
        for (string? after = "0"; after is not null;)
        {
            var page = await GetAsync(string.Create(CultureInfo.InvariantCulture, $"/api/v1/attempts/{task.Attempt}/events?limit=200&after={after}"));
            events.AddRange(page.GetProperty("items").EnumerateArray());
            after = page.GetProperty("nextCursor").GetString();
        }

        return events;
    }

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        _process.Kill();
        await Task.WhenAll(_errors, _output);
        await _process.DisposeAsync();
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        var reader = new StreamReader(_process.Output);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith(Ready, StringComparison.Ordinal))
            {
                _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(line[Ready.Length..].Split(' ')[0]), Timeout = Patience };
                _output = reader.ReadToEndAsync(CancellationToken.None);
                return;
            }
        }

        throw new InvalidOperationException("The server ended before it listened.");
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        using var response = await Http.GetAsync(new Uri(path, UriKind.Relative));
        return await ReadAsync(response);
    }

    private async Task<JsonElement> PostAsync(string path, JsonObject body)
    {
        using var response = await Http.PostAsJsonAsync(path, body);
        return await ReadAsync(response);
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? JsonElement.Parse(text)
            : throw new InvalidOperationException($"{response.RequestMessage?.RequestUri}: {(int)response.StatusCode} {text}");
    }
}

/// <summary>A task that was started, with its one attempt.</summary>
internal sealed record StartedTask(string Id, string Attempt);

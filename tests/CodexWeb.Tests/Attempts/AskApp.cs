using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Repositories;
using CodexWeb.Tasks;
using CodexWeb.Tests.Models;
using CodexWeb.Tests.Workspaces;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.Attempts;

/// <summary>The whole application with a real sandbox and one repository, and a model that answers what the test says.</summary>
internal sealed class AskApp : WebApplicationFactory<Program>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TestGround _ground = new();
    private readonly (string Name, string Value)[] _settings;
    private ResponsesServer _model = null!;
    private HttpClient _http = null!;
    private RepositoryId _repository;

    private AskApp((string Name, string Value)[] settings) => _settings = settings;

    public ResponsesServer Model => _model;

    public static async Task<AskApp> StartAsync(IReadOnlyList<Reply> replies, params (string Name, string Value)[] settings)
    {
        var app = new AskApp(settings) { _model = await ResponsesServer.StartAsync(replies) };
        await app._ground.MakeOriginAsync(("a.txt", "a\n"));
        app.UseKestrel(0);
        app._http = app.CreateClient();
        var connected = await app.Services.GetRequiredService<RepositoryCatalog>().ConnectAsync(app._ground.Origin, null, CancellationToken.None);
        app._repository = Assert.IsType<CommandResult<RepositoryRow>.Done>(connected).Value.Id;
        return app;
    }

    /// <summary>Starts a task.</summary>
    /// <param name="more">Fields of the body besides repository, mode and prompt.</param>
    public async Task<(TaskId Task, IReadOnlyList<AttemptId> Attempts)> BeginAsync(params (string Name, JsonNode? Value)[] more)
    {
        var (status, task) = await TryBeginAsync(more);
        Assert.True(status is HttpStatusCode.Created, task.ToString());
        return (TaskId.Parse(task.GetProperty("id").GetString()!, null), [.. task.GetProperty("attempts").EnumerateArray().Select(static attempt => AttemptId.Parse(attempt.GetProperty("id").GetString()!, null))]);
    }

    /// <summary>Starts a task that may be refused.</summary>
    public Task<(HttpStatusCode Status, JsonElement Answer)> TryBeginAsync(params (string Name, JsonNode? Value)[] more)
    {
        var body = new JsonObject { ["repositoryId"] = _repository.ToString(), ["mode"] = "code", ["prompt"] = "Do it.", ["model"] = "script/test-model" };
        foreach (var (name, value) in more)
        {
            body[name] = value;
        }

        return TryAsync(HttpMethod.Post, "/api/v1/tasks", body);
    }

    public async Task<JsonElement> SendAsync(HttpMethod method, string path, JsonNode? body = null)
    {
        var (status, answer) = await TryAsync(method, path, body);
        Assert.True((int)status is >= 200 and < 300, $"{method} {path}: {status} {answer}");
        return answer;
    }

    public async Task<(HttpStatusCode Status, JsonElement Answer)> TryAsync(HttpMethod method, string path, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await _http.SendAsync(request);
        return (response.StatusCode, JsonElement.Parse(await response.Content.ReadAsStringAsync()));
    }

    /// <summary>Waits until the attempt asks something, and gives it.</summary>
    public async Task<ApprovalView> AskedAsync(AttemptId attempt)
    {
        await WhenAsync(attempt, static row => row.Status is AttemptStatus.WaitingForApproval);
        return Assert.Single((await Services.GetRequiredService<Approvals>().ListAsync(attempt, CancellationToken.None))!, static asked => asked.Decision is null);
    }

    /// <summary>Waits until the attempt asks for something of this title.</summary>
    public Task<ApprovalView> WhenAskedAsync(AttemptId attempt, string title) => WhenReasonAsync(attempt, "Approve: " + title);

    /// <summary>Waits until the attempt waits for a person, with these words.</summary>
    public async Task<ApprovalView> WhenReasonAsync(AttemptId attempt, string reason)
    {
        await WhenAsync(attempt, row => row.Status is AttemptStatus.WaitingForApproval && string.Equals(row.Reason, reason, StringComparison.Ordinal));
        return await AskedAsync(attempt);
    }

    public async Task FollowUpAsync(AttemptId attempt, string prompt)
    {
        var task = await Services.GetRequiredService<TaskQueries>().TaskOfAsync(attempt, CancellationToken.None);
        await SendAsync(HttpMethod.Post, $"/api/v1/tasks/{task}/turns", new JsonObject { ["prompt"] = prompt });
    }

    public Task<JsonElement> DecideAsync(AttemptId attempt, ApprovalView asked, JsonObject body) => SendAsync(HttpMethod.Post, $"/api/v1/attempts/{attempt}/approvals/{asked.Id}", body);

    /// <summary>Waits until the attempt is at rest.</summary>
    public Task<Attempt> EndAsync(AttemptId attempt) => WhenAsync(attempt, static row => !row.IsActive);

    /// <summary>Waits until something holds of an attempt.</summary>
    public async Task<Attempt> WhenAsync(AttemptId id, Func<Attempt, bool> holds)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var changed = Services.GetRequiredService<IAttemptSignals>().FollowTasks();
        Attempt attempt;
        while (!holds(attempt = await RowAsync(id)))
        {
            await changed.WaitAsync(patience.Token);
        }

        return attempt;
    }

    public Task<IReadOnlyList<AgentEvent>> LogAsync(AttemptId attempt) => Services.GetRequiredService<AttemptLog>().EventsAsync(attempt, CancellationToken.None);

    public async Task<TaskRow> TaskAsync(TaskId task) => (await Services.GetRequiredService<TaskQueries>().RowAsync(task, CancellationToken.None))!;

    public async Task<string> DiffAsync(AttemptId attempt) => await _http.GetStringAsync(new Uri($"/api/v1/attempts/{attempt}/diff", UriKind.Relative));

    public override async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await base.DisposeAsync();
        await _model.DisposeAsync();
        _ground.Dispose();
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("Data:Directory", Path.Combine(_ground.Folder, "server"));
        builder.UseSetting("Models:Providers:0:Name", "script");
        builder.UseSetting("Models:Providers:0:BaseUrl", _model.BaseUrl.ToString());
        builder.UseSetting("Models:Providers:0:ApiKey", "key-1");
        builder.UseSetting("Models:Providers:0:Models:0:Id", "test-model");
        builder.UseSetting("Models:Providers:0:Models:0:InputPrice", "100");
        builder.UseSetting("Models:Providers:0:Models:0:OutputPrice", "100");
        foreach (var (name, value) in _settings)
        {
            builder.UseSetting(name, value);
        }
    }

    private async Task<Attempt> RowAsync(AttemptId id)
    {
        await using var db = await Services.GetRequiredService<IDbContextFactory<CodexDb>>().CreateDbContextAsync();
        return await db.Attempts.AsNoTracking().SingleAsync(a => a.Id == id);
    }
}

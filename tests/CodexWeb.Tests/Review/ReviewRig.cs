using System.Net.Http.Json;
using System.Text.Json;
using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Environments;
using CodexWeb.Repositories;
using CodexWeb.Review;
using CodexWeb.Tasks;
using CodexWeb.Tests.Data;
using CodexWeb.Tests.Workspaces;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.Review;

/// <summary>The review on a loopback port, over a real database, a real origin and a real mirror, with one task whose attempt is done.</summary>
public sealed class ReviewRig : IAsyncDisposable
{
    private readonly TestDatabase _database = new();
    private WebApplication _app = null!;

    public TestGround Ground { get; } = new();

    public HttpClient Client { get; private set; } = null!;

    public RepositoryId RepositoryId { get; } = Id.New<RepositoryId>(TimeProvider.System);

    public TaskId TaskId { get; private set; }

    public AttemptId AttemptId { get; private set; }

    public string Base { get; private set; } = "";

    public string Checkpoint { get; private set; } = "";

    public IServiceProvider Services => _app.Services;

    /// <summary>Starts it with a change from one set of files to another.</summary>
    public static async Task<ReviewRig> StartAsync((string Path, string Content)[] before, (string Path, string Content)[] after, TaskMode mode = TaskMode.Code)
    {
        var rig = new ReviewRig();
        await rig._database.InitializeAsync();
        rig.Base = await rig.Ground.MakeOriginAsync(before);
        await rig.Ground.GitAsync(rig.Ground.Origin, "checkout", "--quiet", "-b", "work");
        rig.Checkpoint = await rig.Ground.CommitAsync("Change", after);
        await rig.Ground.GitAsync(rig.Ground.Origin, "checkout", "--quiet", "main");
        await rig.Ground.Mirrors.ConnectAsync(rig.RepositoryId.ToString(), rig.Ground.Origin, CancellationToken.None);
        // The mirror has the commit now, as it has an attempt's; the origin does not.
        await rig.Ground.GitAsync(rig.Ground.Origin, "branch", "--quiet", "-D", "work");
        await rig.StoreAsync(mode);
        await rig.ListenAsync();
        return rig;
    }

    public async Task<JsonElement> GetAsync(string address) => await Client.GetFromJsonAsync<JsonElement>(new Uri($"/review/attempts/{AttemptId}/{address}", UriKind.Relative));

    /// <summary>Takes the origin's newest commit into the mirror, as an attempt's next checkpoint is.</summary>
    public async Task GoOnAsync(string commit)
    {
        await Ground.GitAsync(Ground.Paths.CheckpointsOf(RepositoryId.ToString()), "fetch", "--quiet", Ground.Origin, $"HEAD:refs/test/{commit}");
        await SettleAsync(AttemptStatus.Completed, commit);
    }

    /// <summary>Puts the attempt into a state, as its run does.</summary>
    public async Task SettleAsync(AttemptStatus status, string checkpoint)
    {
        await using var db = _database.CreateDbContext();
        await db.Attempts.Where(a => a.Id == AttemptId).ExecuteUpdateAsync(set => set
            .SetProperty(a => a.Status, status)
            .SetProperty(a => a.Checkpoint, checkpoint)
            .SetProperty(a => a.EvidenceLine, "prove passed after the last edit"));
    }

    public async Task<CodexTask> TaskAsync()
    {
        await using var db = _database.CreateDbContext();
        return await db.Tasks.AsNoTracking().Include(t => t.Attempts).SingleAsync(t => t.Id == TaskId);
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        await _database.DisposeAsync();
        Ground.Dispose();
    }

    private async Task StoreAsync(TaskMode mode)
    {
        var time = TimeProvider.System;
        await using var db = _database.CreateDbContext();
        db.Add(Repository.Connect(RepositoryId, "shop", Ground.Origin, "main", sample: false, time.GetUtcNow()));
        var environment = CodexEnvironment.Create(RepositoryId, "Default", time);
        db.Add(environment);
        var task = CodexTask.Start(RepositoryId, environment.Id, "Round half to even in Money", mode, "main", "codexweb/round-half", null, "Ada", time);
        task.StartFrom(Base);
        var attempt = Attempt.Queue(task.Id, 1, "demo/scripted", time);
        task.Attempts.Add(attempt);
        task.Turns.Add(new Turn { TaskId = task.Id, Number = 1, Prompt = "Round half to even in Money", CreatedAt = time.GetUtcNow() });
        db.Add(task);
        await db.SaveChangesAsync();
        (TaskId, AttemptId) = (task.Id, attempt.Id);
        await SettleAsync(AttemptStatus.Completed, Checkpoint);
    }

    private async Task ListenAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services
            .AddSingleton(TimeProvider.System)
            .AddSingleton<IDbContextFactory<CodexDb>>(_database)
            .AddSingleton(_database.Gate)
            .AddSingleton<IAttemptSignals, InProcessSignals>()
            .AddSingleton(Ground.Paths)
            .AddSingleton(Ground.Mirrors)
            .AddSingleton(Ground.Changes)
            .AddSingleton(Ground.Merging)
            .AddSingleton(Ground.Push)
            .AddSingleton(Ground.Store)
            .AddSingleton(Ground.Checkpoints)
            .AddSingleton<AttemptFiles>()
            .AddSingleton<AttemptLog>()
            .AddHostedService(provider => provider.GetRequiredService<AttemptLog>())
            .AddSingleton<AttemptChanges>()
            .AddSingleton<AttemptFindings>()
            .AddSingleton<RepositoryCatalog>()
            .AddSingleton<TaskStore>()
            .AddReview();
        _app = builder.Build();
        _app.MapReview();
        await _app.StartAsync();
        Client = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
    }
}

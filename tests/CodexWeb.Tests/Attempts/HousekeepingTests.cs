using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Environments;
using CodexWeb.Repositories;
using CodexWeb.Tasks;
using CodexWeb.Tests.Data;
using CodexWeb.Tests.Workspaces;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CodexWeb.Tests.Attempts;

public sealed class HousekeepingTests : IAsyncLifetime
{
    private readonly TestDatabase _database = new();
    private readonly TestGround _ground = new();

    [Fact]
    public async Task Workspaces_of_attempts_that_rested_long_go_and_all_others_stay()
    {
        var start = await _ground.MakeOriginAsync(("a.txt", "one\n"));
        await _ground.Mirrors.ConnectAsync(TestGround.Key, _ground.Origin, default);
        var now = TimeProvider.System.GetUtcNow();
        var rested = await AttemptAsync(start, AttemptStatus.Completed, now.AddDays(-8));
        var fresh = await AttemptAsync(start, AttemptStatus.Completed, now.AddDays(-6));
        var waiting = await AttemptAsync(start, AttemptStatus.Queued, now.AddDays(-8));
        using var housekeeping = new Housekeeping(_database, _ground.Store, Attachments(), Options.Create(new AttemptOptions()), TimeProvider.System, NullLogger<Housekeeping>.Instance);

        var (workspaces, _) = await housekeeping.TidyAsync(default);

        Assert.Equal(1, workspaces);
        Assert.Equal((false, true, true), (_ground.Store.Has($"{rested}"), _ground.Store.Has($"{fresh}"), _ground.Store.Has($"{waiting}")));
        Assert.Equal(0, (await housekeeping.TidyAsync(default)).Workspaces);
    }

    public Task InitializeAsync() => _database.InitializeAsync();

    public async Task DisposeAsync()
    {
        _ground.Dispose();
        await _database.DisposeAsync();
    }

    private Attachments Attachments() => new(_database, new WriteGate(), new AttachmentFiles(_ground.Paths, new ShownFiles(_ground.Paths, _ground.Account)), TimeProvider.System);

    private async Task<AttemptId> AttemptAsync(string start, AttemptStatus status, DateTimeOffset ended)
    {
        await using var db = _database.CreateDbContext();
        var repository = Repository.Connect(Id.New<RepositoryId>(TimeProvider.System), "r", $"/r/{Guid.NewGuid()}", "main", sample: false, ended);
        var environment = CodexEnvironment.Create(repository.Id, "Default", TimeProvider.System);
        var task = CodexTask.Start(repository.Id, environment.Id, "t", TaskMode.Code, "main", "codexweb/t", reasoningEffort: null, "ada", TimeProvider.System);
        var attempt = Attempt.Queue(task.Id, 1, "demo/scripted", TimeProvider.System);
        task.Attempts.Add(attempt);
        db.AddRange(repository, environment, task);
        await db.SaveChangesAsync();
        await db.Attempts.Where(a => a.Id == attempt.Id).ExecuteUpdateAsync(set => set.SetProperty(a => a.Status, status).SetProperty(a => a.EndedAt, ended));
        var request = new WorkspaceRequest { AttemptId = attempt.Id.ToString(), RepositoryKey = TestGround.Key, BaseBranch = "main", BaseCommit = start, WorkBranch = "codexweb/t", CopyOnWrite = false };
        (await _ground.Store.OpenAsync(request, default)).Dispose();
        return attempt.Id;
    }
}

using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Environments;
using CodexWeb.Repositories;
using CodexWeb.Tasks;
using CodexWeb.Tests.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace CodexWeb.Tests.Attempts;

public sealed class AttemptLogTests : IAsyncLifetime
{
    private readonly TestDatabase _database = new();
    private readonly InProcessSignals _signals = new();
    private AttemptLog _log = null!;

    [Fact]
    public async Task Events_are_numbered_from_one_without_gaps_and_come_back_as_they_were()
    {
        var attempt = await AttemptAsync();
        await _log.AppendAsync(attempt, [Message("a"), Message("b")], default);
        await _log.AppendAsync(attempt, [Message("c")], default);

        var read = await _log.ReadAsync(attempt, 0, 10, default);

        Assert.Equal([1L, 2L, 3L], read.Select(e => e.Seq));
        Assert.Equal([Message("a"), Message("b"), Message("c")], read.Select(e => e.Event));
    }

    [Fact]
    public async Task A_late_follower_sees_the_whole_history_then_the_live_tail()
    {
        var attempt = await AttemptAsync();
        await _log.AppendAsync(attempt, [.. Enumerable.Range(0, 1_200).Select(n => Message($"{n}"))], default);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var seen = new List<long>();

        await foreach (var batch in _log.FollowAsync(attempt, 0, patience.Token))
        {
            seen.AddRange(batch.Select(e => e.Seq));
            if (seen.Count == 1_200)
            {
                await _log.AppendAsync(attempt, [Message("live")], default);
            }
            else if (seen.Count == 1_201)
            {
                break;
            }
        }

        Assert.Equal(Enumerable.Range(1, 1_201).Select(n => (long)n), seen);
    }

    [Fact]
    public async Task Sixty_writers_and_a_follower_of_each_lose_and_double_nothing()
    {
        var attempts = new List<AttemptId>();
        for (var n = 0; n < 60; n++)
        {
            attempts.Add(await AttemptAsync());
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var followers = attempts.Select(attempt => FollowAsync(attempt, 50, patience.Token)).ToList();
        await Task.WhenAll(attempts.Select(async attempt =>
        {
            for (var n = 0; n < 50; n++)
            {
                await _log.AppendAsync(attempt, [Message($"{n}")], default);
            }
        }));

        Assert.All(await Task.WhenAll(followers), seen => Assert.Equal(Enumerable.Range(1, 50).Select(n => (long)n), seen));
    }

    [Fact]
    public async Task What_belongs_to_events_is_stored_with_them_or_not_at_all()
    {
        var attempt = await AttemptAsync();
        await _log.AppendAsync(attempt, [Message("kept")], db => db.Attempts.Where(a => a.Id == attempt).ExecuteUpdateAsync(set => set.SetProperty(a => a.Activity, "kept")), default);

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await _log.AppendAsync(
            attempt,
            [Message("lost")],
            async db =>
            {
                await db.Attempts.Where(a => a.Id == attempt).ExecuteUpdateAsync(set => set.SetProperty(a => a.Activity, "lost"));
                throw new InvalidOperationException("no");
            },
            default));
        await _log.AppendAsync(attempt, [Message("next")], default);

        await using var db = _database.CreateDbContext();
        Assert.Equal("kept", (await db.Attempts.SingleAsync(a => a.Id == attempt)).Activity);
        Assert.Equal([(1L, Message("kept")), (2L, Message("next"))], (await _log.ReadAsync(attempt, 0, 10, default)).Select(e => (e.Seq, e.Event)));
    }

    [Fact]
    public async Task A_log_goes_on_with_the_next_number_after_a_restart()
    {
        var attempt = await AttemptAsync();
        await _log.AppendAsync(attempt, [Message("before")], default);
        await _log.StopAsync(default);
        await StartAsync();

        await _log.AppendAsync(attempt, [Message("after")], default);

        Assert.Equal([1L, 2L], (await _log.ReadAsync(attempt, 0, 10, default)).Select(e => e.Seq));
    }

    [Fact]
    public async Task Another_process_that_holds_the_database_delays_events_and_loses_none()
    {
        var attempt = await AttemptAsync();
        await using var other = _database.CreateDbContext();
        await other.Database.OpenConnectionAsync();
        await other.Database.ExecuteSqlRawAsync("BEGIN EXCLUSIVE");
        var append = _log.AppendAsync(attempt, [Message("patient")], default).AsTask();

        Assert.NotSame(append, await Task.WhenAny(append, Task.Delay(300)));
        await other.Database.ExecuteSqlRawAsync("ROLLBACK");
        await append;

        Assert.Single(await _log.ReadAsync(attempt, 0, 10, default));
    }

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        await StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _log.StopAsync(default);
        _log.Dispose();
        await _database.DisposeAsync();
    }

    private async Task StartAsync()
    {
        _log = new AttemptLog(_database, _database.Gate, _signals, TimeProvider.System, NullLogger<AttemptLog>.Instance);
        await _log.StartAsync(default);
    }

    private async Task<List<long>> FollowAsync(AttemptId attempt, int count, CancellationToken cancellationToken)
    {
        var seen = new List<long>();
        await foreach (var batch in _log.FollowAsync(attempt, 0, cancellationToken))
        {
            seen.AddRange(batch.Select(e => e.Seq));
            if (seen.Count >= count)
            {
                break;
            }
        }

        return seen;
    }

    private async Task<AttemptId> AttemptAsync()
    {
        await using var db = _database.CreateDbContext();
        var repository = Repository.Connect(Id.New<RepositoryId>(TimeProvider.System), "r", $"/r/{Guid.NewGuid()}", "main", sample: false, TimeProvider.System.GetUtcNow());
        var environment = CodexEnvironment.Create(repository.Id, "Default", TimeProvider.System);
        var task = CodexTask.Start(repository.Id, environment.Id, "t", TaskMode.Code, "main", "codexweb/t", reasoningEffort: null, "ada", TimeProvider.System);
        task.Attempts.Add(Attempt.Queue(task.Id, 1, "demo/scripted", TimeProvider.System));
        db.AddRange(repository, environment, task);
        await db.SaveChangesAsync();
        return task.Attempts[0].Id;
    }

    private static AgentEvent Message(string text) => new AgentEvent.ItemCompleted(new Item.AgentMessage("item_1", text));
}

using System.Diagnostics;
using System.Globalization;
using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Environments;
using CodexWeb.Repositories;
using CodexWeb.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CodexWeb.Benchmarks;

/// <summary>
/// How many events a second reach the disk when 60 attempts append at once, each waiting until its events are stored: one event at a time, and in the small batches that a step makes.
/// Beside it the same events saved one by one.
/// </summary>
internal static class EventsBenchmark
{
    private const int Writers = 60;
    private const int EventsEach = 2_000;
    private const int Batch = 5;
    private const int SavedOneByOne = 1_000;
    private const int Rounds = 5;
    private const double FewestEachSecond = 20_000;

    // The length of a piece of output as commands stream it.
    private static readonly AgentEvent Event = new AgentEvent.ItemUpdated("item_17", string.Concat(Enumerable.Repeat("Passed  some test of the project\n", 4)));

    internal static async Task<bool> RunAsync()
    {
        await using var folder = new BenchmarkFolder();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection([new("Data:Directory", folder.Below("data"))]);
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<IAttemptSignals, InProcessSignals>().AddSingleton<AttemptLog>().AddData();
        await using var app = builder.Build();
        await DataServices.MigrateAsync(app.Services, CancellationToken.None);
        var log = app.Services.GetRequiredService<AttemptLog>();
        await log.StartAsync(CancellationToken.None);
        try
        {
            return await CompareAsync(log, app.Services.GetRequiredService<IDbContextFactory<CodexDb>>(), app.Services.GetRequiredService<WriteGate>());
        }
        finally
        {
            await log.StopAsync(CancellationToken.None);
        }
    }

    private static async Task<bool> CompareAsync(AttemptLog log, IDbContextFactory<CodexDb> databases, WriteGate gate)
    {
        await RequireSyncToDiskAsync(databases);
        var attempts = await MakeAttemptsAsync(databases, Writers + 1);
        await AppendAsync(log, attempts, EventsEach / 10, 1);
        List<double> single = [], batches = [], saved = [];
        for (var round = 0; round < Rounds; round++)
        {
            single.Add(await AppendAsync(log, attempts, EventsEach, 1));
            batches.Add(await AppendAsync(log, attempts, EventsEach, Batch));
            saved.Add(await SaveAsync(databases, gate, attempts[Writers], round * SavedOneByOne));
        }

        await RequireStoredAsync(databases, attempts);
        Report.Spread(string.Create(CultureInfo.InvariantCulture, $"{Writers} writers, one event at a time"), single, "events/s");
        Report.Spread(string.Create(CultureInfo.InvariantCulture, $"{Writers} writers, {Batch} events at a time"), batches, "events/s");
        Report.Spread("saved one by one (a context and SaveChanges each)", saved, "events/s");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"group commit stores {Report.Quantile(single, 0.5) / Report.Quantile(saved, 0.5):0} times as many, {Report.Quantile(batches, 0.5) / Report.Quantile(saved, 0.5):0} times in batches"));
        return Report.AtLeast("durable events by 60 writers, one at a time, median", Report.Quantile(single, 0.5), FewestEachSecond, "events/s")
            & Report.AtLeast("durable events by 60 writers, some at a time, median", Report.Quantile(batches, 0.5), FewestEachSecond, "events/s");
    }

    /// <summary>All writers append at once, each the next when the last is stored.</summary>
    /// <returns>Events a second.</returns>
    private static async Task<double> AppendAsync(AttemptLog log, List<AttemptId> attempts, int each, int atATime)
    {
        AgentEvent[] events = [.. Enumerable.Repeat(Event, atATime)];
        var begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(attempts.Take(Writers).Select(async attempt =>
        {
            for (var appended = 0; appended < each; appended += atATime)
            {
                await log.AppendAsync(attempt, events, CancellationToken.None);
            }
        }));
        return Writers * each / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    private static async Task<double> SaveAsync(IDbContextFactory<CodexDb> databases, WriteGate gate, AttemptId attempt, long after)
    {
        var begun = Stopwatch.GetTimestamp();
        for (var number = 1; number <= SavedOneByOne; number++)
        {
            await using var db = await databases.CreateDbContextAsync();
            db.Add(new StoredEvent { AttemptId = attempt, Seq = after + number, At = TimeProvider.System.GetUtcNow(), Json = ProtocolJson.Write(Event) });
            await db.SaveInTurnAsync(gate, CancellationToken.None);
        }

        return SavedOneByOne / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    private static async Task RequireSyncToDiskAsync(IDbContextFactory<CodexDb> databases)
    {
        const int Full = 2;
        await using var db = await databases.CreateDbContextAsync();
        var synchronous = (await db.Database.SqlQueryRaw<int>("SELECT synchronous AS Value FROM pragma_synchronous").ToListAsync()).Single();
        var journal = (await db.Database.SqlQueryRaw<string>("SELECT journal_mode AS Value FROM pragma_journal_mode").ToListAsync()).Single();
        if (synchronous != Full)
        {
            throw new InvalidOperationException($"A commit does not wait for the disk: PRAGMA synchronous is {synchronous}.");
        }

        Console.WriteLine($"SQLite, journal {journal}, synchronous FULL, in {Path.GetTempPath()}");
    }

    private static async Task RequireStoredAsync(IDbContextFactory<CodexDb> databases, List<AttemptId> attempts)
    {
        await using var db = await databases.CreateDbContextAsync();
        foreach (var attempt in attempts.Take(Writers))
        {
            var stored = db.Events.Where(e => e.AttemptId == attempt);
            const int Expected = (EventsEach / 10) + (2 * Rounds * EventsEach);
            if (await stored.CountAsync() != Expected || await stored.MaxAsync(e => e.Seq) != Expected)
            {
                throw new InvalidOperationException($"An attempt has {await stored.CountAsync()} events instead of {Expected}.");
            }
        }
    }

    private static async Task<List<AttemptId>> MakeAttemptsAsync(IDbContextFactory<CodexDb> databases, int count)
    {
        await using var db = await databases.CreateDbContextAsync();
        var repository = Repository.Connect(Id.New<RepositoryId>(TimeProvider.System), "benchmark", "/nowhere", "main", sample: false, TimeProvider.System.GetUtcNow());
        var environment = CodexEnvironment.Create(repository.Id, "Default", TimeProvider.System);
        db.AddRange(repository, environment);
        var attempts = new List<AttemptId>();
        for (var number = 0; number < count; number++)
        {
            var task = CodexTask.Start(repository.Id, environment.Id, "Benchmark", TaskMode.Code, "main", $"codexweb/benchmark-{number}", reasoningEffort: null, "Local user", TimeProvider.System);
            var attempt = Attempt.Queue(task.Id, 1, "none", TimeProvider.System);
            task.Attempts.Add(attempt);
            db.Add(task);
            attempts.Add(attempt.Id);
        }

        await db.SaveChangesAsync();
        return attempts;
    }
}

using System.Collections.Concurrent;
using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using CodexWeb.Agent.Protocol;
using CodexWeb.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace CodexWeb.Attempts;

/// <summary>
/// The attempts' logs: append and follow. Every event is stored before anybody sees it. All appends of the server go through one writer, which stores what has
/// gathered in one transaction: many attempts share the price of one sync to disk.
/// </summary>
public sealed partial class AttemptLog(IDbContextFactory<CodexDb> databases, WriteGate gate, IAttemptSignals signals, TimeProvider time, ILogger<AttemptLog> logger) : BackgroundService
{
    /// <summary>Events given to a follower in one batch, at most.</summary>
    public const int BatchSize = 500;

    private const int LongestTransaction = 2_000;

    private readonly Channel<Append> _appends = Channel.CreateBounded<Append>(new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });
    private readonly ConcurrentDictionary<AttemptId, long> _lastSeq = new();

    /// <summary>Stores events in this order, all or none, and returns when they are on disk.</summary>
    /// <exception cref="AttemptLogException">They could not be stored: the disk is full or the database is gone.</exception>
    public ValueTask AppendAsync(AttemptId attempt, IReadOnlyList<AgentEvent> events, CancellationToken cancellationToken) =>
        AppendAsync(attempt, events, alongside: null, cancellationToken);

    /// <summary>Stores events, and in the same transaction what belongs to them in other tables.</summary>
    /// <param name="alongside">Changes to make through the given context, before the events are stored; null for none.</param>
    /// <exception cref="AttemptLogException">They could not be stored: the disk is full or the database is gone.</exception>
    /// <exception cref="DbUpdateException">What belongs to them could not be stored, and so neither were they.</exception>
    public async ValueTask AppendAsync(AttemptId attempt, IReadOnlyList<AgentEvent> events, Func<CodexDb, Task>? alongside, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(events);
        if (events.Count == 0)
        {
            return;
        }

        var append = new Append(attempt, [.. events.Select(ProtocolJson.Write)], alongside);
        await _appends.Writer.WriteAsync(append, cancellationToken);
        // From here on it will be stored: the caller may not believe otherwise, so the wait is not cut short.
        await append.Stored.Task;
    }

    /// <summary>Stored events after a number, in order.</summary>
    /// <param name="after">0 for the first.</param>
    /// <param name="limit">At most so many.</param>
    public async Task<IReadOnlyList<LoggedEvent>> ReadAsync(AttemptId attempt, long after, int limit, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Events.AsNoTracking()
            .Where(e => e.AttemptId == attempt && e.Seq > after)
            .OrderBy(e => e.Seq)
            .Take(limit)
            .Select(e => new LoggedEvent(e.Seq, e.At, e.Json))
            .ToListAsync(cancellationToken);
    }

    /// <summary>All stored events of an attempt, in order.</summary>
    public async IAsyncEnumerable<LoggedEvent> ReadAllAsync(AttemptId attempt, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long after = 0;
        while (await ReadAsync(attempt, after, BatchSize, cancellationToken) is { Count: > 0 } batch)
        {
            foreach (var logged in batch)
            {
                yield return logged;
            }

            after = batch[^1].Seq;
        }
    }

    /// <summary>All stored events of an attempt with their numbers, in order.</summary>
    public async Task<IReadOnlyList<LoggedEvent>> AllAsync(AttemptId attempt, CancellationToken cancellationToken)
    {
        var all = new List<LoggedEvent>();
        await foreach (var logged in ReadAllAsync(attempt, cancellationToken))
        {
            all.Add(logged);
        }

        return all;
    }

    /// <summary>All that happened in an attempt, in order.</summary>
    public async Task<IReadOnlyList<AgentEvent>> EventsAsync(AttemptId attempt, CancellationToken cancellationToken)
    {
        var events = new List<AgentEvent>();
        await foreach (var logged in ReadAllAsync(attempt, cancellationToken))
        {
            events.Add(logged.Event);
        }

        return events;
    }

    /// <summary>The history after a number, then the live tail, in batches, without a gap and without a double. Ends only by cancellation.</summary>
    public async IAsyncEnumerable<IReadOnlyList<LoggedEvent>> FollowAsync(AttemptId attempt, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Subscribed before the first read: what is stored in between wakes the wait.
        using var signal = signals.FollowLog(attempt);
        while (true)
        {
            var batch = await ReadAsync(attempt, after, BatchSize, cancellationToken);
            if (batch.Count > 0)
            {
                after = batch[^1].Seq;
                yield return batch;
            }
            else
            {
                await signal.WaitAsync(cancellationToken);
            }
        }
    }

    /// <summary>Forgets the number of the last event of a deleted attempt.</summary>
    public void Forget(AttemptId attempt) => _lastSeq.TryRemove(attempt, out _);

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _appends.Writer.TryComplete();
        await base.StopAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<Append>();
        while (await _appends.Reader.WaitToReadAsync(CancellationToken.None))
        {
            for (var events = 0; events < LongestTransaction && _appends.Reader.TryRead(out var append); events += append.Json.Count)
            {
                batch.Add(append);
            }

            await StoreAsync(batch);
            batch.Clear();
        }
    }

    private async Task StoreAsync(List<Append> batch)
    {
        try
        {
            await InsertAsync(batch);
        }
        catch (Exception exception) when (exception is DbException or InvalidOperationException or IOException)
        {
            LogNotStored(logger, exception);
            foreach (var append in batch)
            {
                _lastSeq.TryRemove(append.Attempt, out _);
                append.Stored.TrySetException(new AttemptLogException("The log could not be written: look at the free space of the data folder.", exception));
            }

            return;
        }

        foreach (var append in batch)
        {
            append.Complete();
        }

        foreach (var attempt in batch.Select(a => a.Attempt).Distinct())
        {
            signals.LogGrew(attempt);
        }
    }

    private async Task InsertAsync(List<Append> batch)
    {
        using var turn = await gate.EnterAsync(CancellationToken.None);
        await using var db = await databases.CreateDbContextAsync();
        await db.Database.OpenConnectionAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await using var insert = db.Database.GetDbConnection().CreateCommand();
        insert.Transaction = transaction.GetDbTransaction();
        insert.CommandText = "INSERT INTO \"Events\" (\"AttemptId\", \"Seq\", \"At\", \"Json\") VALUES (@attempt, @seq, @at, @json)";
        var (attempt, seq, at, json) = (Add(insert, "@attempt"), Add(insert, "@seq"), Add(insert, "@at"), Add(insert, "@json"));
        at.Value = time.GetUtcNow().ToUnixTimeMilliseconds();
        var next = new Dictionary<AttemptId, long>();
        foreach (var append in batch)
        {
            if (!next.TryGetValue(append.Attempt, out var last) && !_lastSeq.TryGetValue(append.Attempt, out last))
            {
                last = await db.Events.Where(e => e.AttemptId == append.Attempt).MaxAsync(e => (long?)e.Seq) ?? 0;
            }

            if (append.Alongside is { } alongside && !await TryAsync(alongside, append, db, transaction))
            {
                continue;
            }

            attempt.Value = append.Attempt.Value;
            foreach (var text in append.Json)
            {
                seq.Value = ++last;
                json.Value = text;
                await insert.ExecuteNonQueryAsync();
            }

            next[append.Attempt] = last;
        }

        await transaction.CommitAsync();
        foreach (var (id, last) in next)
        {
            _lastSeq[id] = last;
        }
    }

    // One writer's mistake must not cost the others in the batch their events.
    private static async Task<bool> TryAsync(Func<CodexDb, Task> alongside, Append append, CodexDb db, IDbContextTransaction transaction)
    {
        const string Before = "alongside";
        await transaction.CreateSavepointAsync(Before);
        try
        {
            await alongside(db);
            await transaction.ReleaseSavepointAsync(Before);
            return true;
        }
        catch (Exception exception) when (exception is DbUpdateException or InvalidOperationException)
        {
            await transaction.RollbackToSavepointAsync(Before);
            append.Failure = exception;
            return false;
        }
        finally
        {
            db.ChangeTracker.Clear();
        }
    }

    private static DbParameter Add(DbCommand command, string name)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        command.Parameters.Add(parameter);
        return parameter;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Events could not be stored")]
    private static partial void LogNotStored(ILogger logger, Exception exception);

    private sealed record Append(AttemptId Attempt, IReadOnlyList<string> Json, Func<CodexDb, Task>? Alongside)
    {
        public TaskCompletionSource Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Exception? Failure { get; set; }

        public void Complete()
        {
            if (Failure is null)
            {
                Stored.SetResult();
            }
            else
            {
                Stored.SetException(Failure);
            }
        }
    }
}

/// <summary>Events could not be stored.</summary>
public sealed class AttemptLogException(string message, Exception inner) : Exception(message, inner);

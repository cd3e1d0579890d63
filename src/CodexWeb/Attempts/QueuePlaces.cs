using CodexWeb.Agent.Protocol;
using CodexWeb.Data;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Attempts;

/// <summary>Reads the queue as <see cref="FairQueue"/> orders it.</summary>
public sealed class QueuePlaces(IDbContextFactory<CodexDb> databases)
{
    /// <summary>Each waiting attempt's place, 1 for the next to start.</summary>
    public async Task<IReadOnlyDictionary<AttemptId, int>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var (order, _) = await ReadAsync(db, cancellationToken);
        return order.Select((waiting, index) => (waiting.Id, index)).ToDictionary(w => w.Id, w => w.index + 1);
    }

    /// <summary>The waiting attempts in order, and how many of each person's attempts are at work.</summary>
    internal static async Task<(IReadOnlyList<Waiting> Order, Dictionary<string, int> Working)> ReadAsync(CodexDb db, CancellationToken cancellationToken)
    {
        var waiting = await (
            from attempt in db.Attempts.AsNoTracking()
            where attempt.Status == AttemptStatus.Queued
            join task in db.Tasks on attempt.TaskId equals task.Id
            select new Waiting(attempt.Id, attempt.TaskId, task.Author, attempt.QueuedAt)).ToListAsync(cancellationToken);
        var working = await (
            from attempt in db.Attempts.AsNoTracking()
            where attempt.Status == AttemptStatus.Preparing || attempt.Status == AttemptStatus.Running
            join task in db.Tasks on attempt.TaskId equals task.Id
            group attempt by task.Author into person
            select new { person.Key, Count = person.Count() }).ToDictionaryAsync(p => p.Key, p => p.Count, StringComparer.Ordinal, cancellationToken);
        return (FairQueue.Order(waiting, working), working);
    }
}

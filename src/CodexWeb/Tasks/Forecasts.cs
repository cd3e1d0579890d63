using CodexWeb.Agent.Protocol;
using CodexWeb.Data;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Tasks;

/// <summary>What an attempt will probably take, by what earlier ones took.</summary>
/// <param name="Attempts">Attempts it is made from, at most <see cref="Forecasts.Newest"/>.</param>
/// <param name="Time">Time at work of the middle half; null with fewer than <see cref="Forecasts.Fewest"/> attempts.</param>
/// <param name="Cost">US dollars of the middle half; null when fewer than <see cref="Forecasts.Fewest"/> have a known cost.</param>
public sealed record Forecast(int Attempts, (TimeSpan From, TimeSpan To)? Time, (decimal From, decimal To)? Cost);

/// <summary>Says before a task starts what it will probably take, from this server's own history of the repository.</summary>
public sealed class Forecasts(IDbContextFactory<CodexDb> databases)
{
    /// <summary>Attempts that are looked at, the newest ones.</summary>
    public const int Newest = 50;

    /// <summary>With fewer there is no forecast.</summary>
    public const int Fewest = 3;

    /// <summary>The forecast for one attempt.</summary>
    /// <param name="model">A model's id, to count its attempts alone; null for those of all models.</param>
    public async Task<Forecast> ForAsync(RepositoryId repository, TaskMode mode, string? model, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        // A review reads a change rather than making one; it says nothing about tasks.
        var attempts = await (
            from task in db.Tasks.AsNoTracking()
            where task.RepositoryId == repository && task.Mode == mode && task.ReviewId == null
            join attempt in db.Attempts on task.Id equals attempt.TaskId
            where attempt.Status == AttemptStatus.Completed && attempt.StartedAt != null && attempt.EndedAt != null && (model == null || attempt.Model == model)
            orderby attempt.EndedAt descending
            select new { attempt.WorkedMs, attempt.TurnNumber, attempt.StartedAt, attempt.EndedAt, attempt.Cost })
            .Take(Newest).ToListAsync(cancellationToken);
        // Between turns an attempt rests: without a time of work of its own only one of a single turn tells how long it took.
        var times = attempts
            .Select(a => a.WorkedMs > 0 ? TimeSpan.FromMilliseconds(a.WorkedMs) : a.TurnNumber == 1 ? a.EndedAt - a.StartedAt : null)
            .OfType<TimeSpan>().Select(time => (decimal)time.TotalSeconds).ToList();
        return new Forecast(
            attempts.Count,
            MiddleHalf(times) is { } time ? (TimeSpan.FromSeconds((double)time.From), TimeSpan.FromSeconds((double)time.To)) : null,
            MiddleHalf([.. attempts.Select(a => a.Cost).OfType<decimal>()]));
    }

    // From the first to the third quartile, each between the two values it lies between.
    private static (decimal From, decimal To)? MiddleHalf(List<decimal> values)
    {
        values.Sort();
        return values.Count < Fewest ? null : (At(0.25m), At(0.75m));

        decimal At(decimal share)
        {
            var place = share * (values.Count - 1);
            var below = (int)place;
            return below + 1 == values.Count ? values[below] : values[below] + ((values[below + 1] - values[below]) * (place - below));
        }
    }
}

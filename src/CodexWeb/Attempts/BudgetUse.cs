using System.Globalization;
using CodexWeb.Data;
using CodexWeb.Ui;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Attempts;

/// <summary>What a task may take, and what all its attempts have taken together.</summary>
/// <param name="Minutes">Minutes of work; null for no such limit.</param>
/// <param name="Cost">US dollars; null for no such limit.</param>
/// <param name="Worked">Time at work: neither in the queue nor waiting for a person.</param>
/// <param name="Spent">US dollars; 0 when no price is known.</param>
public sealed record BudgetUse(int? Minutes, decimal? Cost, TimeSpan Worked, decimal Spent)
{
    /// <summary>True when there is a limit.</summary>
    public bool IsLimited => Minutes is not null || Cost is not null;

    /// <summary>The part that is used of whichever is used more; 1 and more when there is nothing left, 0 without a limit.</summary>
    public double Share => Math.Max(Minutes is { } minutes ? Worked.TotalMinutes / minutes : 0, Cost is { } cost ? (double)(Spent / cost) : 0);

    /// <summary>In words: <c>12 of 30 minutes, $0.40 of $2.00</c>; empty without a limit.</summary>
    public string InWords => string.Join(", ", new[]
    {
        Minutes is { } minutes ? string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(Worked.TotalMinutes):0} of {Words.Count(minutes, "minute")}") : null,
        Cost is { } cost ? $"{Words.Money(Spent)} of {Words.Money(cost)}" : null,
    }.OfType<string>());

    /// <summary>The limits when each that is used up gets as much again on top of what was used.</summary>
    public (int? Minutes, decimal? Cost) AsMuchAgain() => (
        Minutes is { } minutes && Worked.TotalMinutes >= minutes ? (int)Math.Ceiling(Worked.TotalMinutes) + minutes : Minutes,
        Cost is { } cost && Spent >= cost ? Spent + cost : Cost);

    /// <summary>Reads it; null when there is no such task.</summary>
    internal static async Task<BudgetUse?> ReadAsync(CodexDb db, TaskId task, CancellationToken cancellationToken)
    {
        if (await db.Tasks.AsNoTracking().Where(t => t.Id == task).Select(t => new { t.BudgetMinutes, t.BudgetCost }).SingleOrDefaultAsync(cancellationToken) is not { } limits)
        {
            return null;
        }

        // Summed here: SQLite keeps decimals as text and cannot add them.
        var attempts = await db.Attempts.AsNoTracking().Where(a => a.TaskId == task).Select(a => new { a.WorkedMs, a.Cost }).ToListAsync(cancellationToken);
        return new BudgetUse(limits.BudgetMinutes, limits.BudgetCost, TimeSpan.FromMilliseconds(attempts.Sum(a => a.WorkedMs)), attempts.Sum(a => a.Cost ?? 0));
    }
}

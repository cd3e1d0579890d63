using System.Globalization;
using CodexWeb.Agent;
using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Data;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Tasks;

/// <summary>Changes what a task may take. Questions that wait because it was used up are answered by a larger budget.</summary>
public sealed class TaskBudgets(TaskStore store, Approvals approvals)
{
    /// <summary>The most minutes a budget can have: a week.</summary>
    public const int MostMinutes = 7 * 24 * 60;

    /// <summary>The most US dollars a budget can have.</summary>
    public const decimal MostCost = 10_000;

    /// <summary>What is wrong with a budget; null for nothing.</summary>
    public static string? Error(int? minutes, decimal? cost) =>
        minutes is < 1 or > MostMinutes ? string.Create(CultureInfo.InvariantCulture, $"A budget has 1 to {MostMinutes:N0} minutes, or none.")
        : cost is <= 0 or > MostCost ? string.Create(CultureInfo.InvariantCulture, $"A budget has more than 0 and up to {MostCost:N0} US dollars, or none.")
        : null;

    /// <summary>Gives a task another budget.</summary>
    /// <param name="minutes">Of all its attempts together, those used among them; null for no limit.</param>
    /// <param name="cost">US dollars, in the same way.</param>
    /// <param name="person">Who gives it.</param>
    public async Task<CommandResult<Nothing>> SetAsync(TaskId id, int? minutes, decimal? cost, string person, CancellationToken cancellationToken)
    {
        if (Error(minutes, cost) is { } error)
        {
            return new CommandResult<Nothing>.Invalid("budget", error);
        }

        await using var db = await store.OpenAsync(cancellationToken);
        if (await db.Tasks.SingleOrDefaultAsync(t => t.Id == id, cancellationToken) is not { } task)
        {
            return new CommandResult<Nothing>.NotFound("There is no such task.");
        }

        task.SetBudget(minutes, cost, store.Time.GetUtcNow());
        await store.SaveAsync(db, id, cancellationToken);
        var use = await BudgetUse.ReadAsync(db, id, cancellationToken);
        if (use is { Share: < 1 })
        {
            await ReleaseAsync(db, id, person, cancellationToken);
        }

        store.Signals.TaskChanged(id);
        return new CommandResult<Nothing>.Done(default);
    }

    private async Task ReleaseAsync(CodexDb db, TaskId id, string person, CancellationToken cancellationToken)
    {
        var waiting = await db.Approvals.AsNoTracking()
            .Where(a => a.Kind == ApprovalKind.Budget && a.Decision == null && db.Attempts.Any(attempt => attempt.Id == a.AttemptId && attempt.TaskId == id)).ToListAsync(cancellationToken);
        foreach (var asked in waiting)
        {
            try
            {
                await approvals.DecideAsync(asked, new ApprovalAnswer(ApprovalDecision.Approve, Reason: null, [], person), alongside: null, cancellationToken);
            }
            catch (InvalidOperationException)
            {
                // Somebody decided in this moment.
            }
        }
    }
}

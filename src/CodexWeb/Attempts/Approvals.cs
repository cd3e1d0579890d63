using CodexWeb.Agent;
using CodexWeb.Agent.Protocol;
using CodexWeb.Data;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Attempts;

/// <summary>
/// The questions attempts put to people, as they are stored: a question, its row and its item are one transaction, and so are an answer, its row and its item. So a question outlives the
/// process, and an answer counts whether or not a run is there to take it.
/// </summary>
public sealed class Approvals(IDbContextFactory<CodexDb> databases, AttemptLog log, TimeProvider time)
{
    /// <summary>What was answered to a question; null while it waits, or when it was never asked.</summary>
    public async Task<ApprovalAnswer?> AnswerAsync(AttemptId attempt, string itemId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var asked = await db.Approvals.AsNoTracking().SingleOrDefaultAsync(a => a.AttemptId == attempt && a.ItemId == itemId, cancellationToken);
        return asked?.Decision is { } decision ? new ApprovalAnswer(decision, asked.Reason, asked.Answers, asked.DecidedBy) : null;
    }

    /// <summary>True when a question was put already.</summary>
    public async Task<bool> IsAskedAsync(AttemptId attempt, string itemId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Approvals.AnyAsync(a => a.AttemptId == attempt && a.ItemId == itemId, cancellationToken);
    }

    /// <summary>What was let through for the whole task, by whichever of its attempts asked; null when nothing of this key was.</summary>
    public async Task<ApprovalAnswer?> AllowedAsync(TaskId task, string ruleKey, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await (
            from approval in db.Approvals.AsNoTracking()
            join attempt in db.Attempts on approval.AttemptId equals attempt.Id
            where attempt.TaskId == task && approval.RuleKey == ruleKey && approval.Decision == ApprovalDecision.ApproveForTask
            select approval.DecidedBy).FirstOrDefaultAsync(cancellationToken) is { } by
            ? new ApprovalAnswer(ApprovalDecision.ApproveForTask, Reason: null, [], by)
            : null;
    }

    /// <summary>Takes back what an attempt that comes to rest still asks.</summary>
    public async Task WithdrawAsync(AttemptId attempt, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var waiting = await db.Approvals.AsNoTracking().Where(a => a.AttemptId == attempt && a.Decision == null).ToListAsync(cancellationToken);
        foreach (var asked in waiting)
        {
            try
            {
                await DecideAsync(asked, new ApprovalAnswer(ApprovalDecision.Withdrawn, Reason: null, [], By: null), alongside: null, cancellationToken);
            }
            catch (InvalidOperationException)
            {
                // Somebody answered in this moment.
            }
        }
    }

    /// <summary>The questions of an attempt, oldest first; null when there is no such attempt.</summary>
    public async Task<IReadOnlyList<ApprovalView>?> ListAsync(AttemptId attempt, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (!await db.Attempts.AnyAsync(a => a.Id == attempt, cancellationToken))
        {
            return null;
        }

        var rows = await db.Approvals.AsNoTracking().Where(a => a.AttemptId == attempt).OrderBy(a => a.AskedAt).ThenBy(a => a.Id).ToListAsync(cancellationToken);
        var items = await ItemsAsync(db, attempt, cancellationToken);
        return [.. rows.Select(row => ApprovalView.Of(row, items.GetValueOrDefault(row.ItemId)))];
    }

    /// <summary>Stores an answer: row and log in one.</summary>
    /// <param name="alongside">A change that is stored with it or not at all; null for none.</param>
    /// <exception cref="InvalidOperationException">It was answered or taken back before.</exception>
    internal async Task DecideAsync(Approval asked, ApprovalAnswer answer, Func<CodexDb, Task>? alongside, CancellationToken cancellationToken)
    {
        await using var reading = await databases.CreateDbContextAsync(cancellationToken);
        var item = (await ItemsAsync(reading, asked.AttemptId, cancellationToken)).GetValueOrDefault(asked.ItemId) ?? new Item.Approval(asked.ItemId, asked.Kind, asked.Title);
        var decided = item with { Decision = answer.Decision, Reason = answer.Reason, Answers = answer.Answers.Count > 0 ? answer.Answers : null, DecidedBy = answer.By };
        await log.AppendAsync(asked.AttemptId, [new AgentEvent.ItemCompleted(decided)], async db =>
        {
            (await db.Approvals.SingleAsync(a => a.Id == asked.Id)).Decide(answer.Decision, answer.Reason, answer.Answers, answer.By, time.GetUtcNow());
            await (alongside?.Invoke(db) ?? Task.CompletedTask);
            await db.SaveChangesAsync();
        }, cancellationToken);
    }

    // As they were asked, by id. The text narrows what has to be parsed; within a text of an event the quotes would be escaped.
    private static async Task<Dictionary<string, Item.Approval>> ItemsAsync(CodexDb db, AttemptId attempt, CancellationToken cancellationToken)
    {
        var items = new Dictionary<string, Item.Approval>(StringComparer.Ordinal);
        await foreach (var json in db.Events.AsNoTracking().Where(e => e.AttemptId == attempt && e.Json.Contains("\"approval\"")).Select(e => e.Json).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (ProtocolJson.ReadEvent(json) is AgentEvent.ItemStarted { Item: Item.Approval item })
            {
                items[item.Id] = item;
            }
        }

        return items;
    }
}

/// <summary>A question of an attempt.</summary>
/// <param name="Title">One line.</param>
/// <param name="Detail">What a person needs to decide; null for nothing more.</param>
/// <param name="Rule">What "for this task" lets through, in words; null when that is not offered.</param>
/// <param name="Questions">For a question of the model; null otherwise.</param>
/// <param name="Decision">Null while it waits.</param>
public sealed record ApprovalView(
    ApprovalId Id,
    string ItemId,
    ApprovalKind Kind,
    string Title,
    string? Detail,
    string? Rule,
    IReadOnlyList<ApprovalQuestion>? Questions,
    DateTimeOffset AskedAt,
    ApprovalDecision? Decision,
    string? Reason,
    IReadOnlyList<string> Answers,
    string? DecidedBy,
    DateTimeOffset? DecidedAt)
{
    internal static ApprovalView Of(Approval row, Item.Approval? item) => new(
        row.Id, row.ItemId, row.Kind, row.Title, item?.Detail, item?.Rule, item?.Questions, row.AskedAt, row.Decision, row.Reason, row.Answers, row.DecidedBy, row.DecidedAt);
}

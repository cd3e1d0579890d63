using System.Diagnostics;
using CodexWeb.Agent.Protocol;
using CodexWeb.Data;
using CodexWeb.Models;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Attempts;

/// <summary>
/// The one writer of an attempt at work: appends to its log, and in the same transaction keeps its row in step, so that list and log never disagree.
/// </summary>
public sealed class RunningAttempt(AttemptId id, TaskId task, ModelPrice? price, AttemptLog log, IAttemptSignals signals, TimeProvider time, CancellationToken frozen)
{
    private readonly Stopwatch _phase = new();
    private AttemptPhase? _current;

    /// <summary>The attempt.</summary>
    public AttemptId Id => id;

    /// <summary>The task.</summary>
    public TaskId Task => task;

    /// <summary>Gives the time at work since it was last asked; what it gives goes into the row. Default: none.</summary>
    public Func<TimeSpan> TakeWorked { get; init; } = static () => TimeSpan.Zero;

    /// <summary>Stores events of the agent.</summary>
    /// <exception cref="OperationCanceledException">The server ends: from now on nothing is written, and the next start goes on from what was.</exception>
    public async ValueTask AppendAsync(IReadOnlyList<AgentEvent> events, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(events);
        frozen.ThrowIfCancellationRequested();
        var changes = events.Select(RowChange).OfType<Func<CodexDb, Task>>().ToList();
        await log.AppendAsync(id, events, changes.Count == 0 ? null : async db =>
        {
            foreach (var change in changes)
            {
                await change(db);
            }
        }, cancellationToken);
        if (changes.Count > 0)
        {
            signals.TaskChanged(task);
        }
    }

    /// <summary>Begins a phase: status, phase and reason change together.</summary>
    public async Task BeginAsync(AttemptStatus status, AttemptPhase phase, string reason, CancellationToken cancellationToken)
    {
        frozen.ThrowIfCancellationRequested();
        _phase.Restart();
        _current = phase;
        var now = time.GetUtcNow();
        await log.AppendAsync(id, [new AgentEvent.StatusChanged(status, reason), new AgentEvent.PhaseChanged(phase, PhaseState.Started)], async db =>
        {
            await db.Attempts.Where(a => a.Id == id).ExecuteUpdateAsync(set => set
                .SetProperty(a => a.Status, status).SetProperty(a => a.Phase, phase).SetProperty(a => a.Reason, reason).SetProperty(a => a.Activity, reason));
            await db.Tasks.Where(t => t.Id == task).ExecuteUpdateAsync(set => set.SetProperty(t => t.UpdatedAt, now));
        }, cancellationToken);
        signals.TaskChanged(task);
    }

    /// <summary>Puts a question to people: its item, its row and the status in one transaction.</summary>
    /// <param name="row">The question as a new row; null for one that was put before a restart.</param>
    /// <param name="reason">What the person is to do.</param>
    public async Task AskAsync(Item.Approval question, Approval? row, string reason, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(question);
        frozen.ThrowIfCancellationRequested();
        var worked = (long)TakeWorked().TotalMilliseconds;
        var now = time.GetUtcNow();
        var status = new AgentEvent.StatusChanged(AttemptStatus.WaitingForApproval, reason);
        await log.AppendAsync(id, row is null ? [status] : [new AgentEvent.ItemStarted(question), status], async db =>
        {
            if (row is not null)
            {
                db.Add(row);
                await db.SaveChangesAsync();
            }

            await db.Attempts.Where(a => a.Id == id).ExecuteUpdateAsync(set => set
                .SetProperty(a => a.Status, AttemptStatus.WaitingForApproval).SetProperty(a => a.Reason, reason).SetProperty(a => a.Activity, reason)
                .SetProperty(a => a.WorkedMs, a => a.WorkedMs + worked));
            // The list shows since when a person is waited for.
            await db.Tasks.Where(t => t.Id == task).ExecuteUpdateAsync(set => set.SetProperty(t => t.UpdatedAt, now));
        }, cancellationToken);
        signals.TaskChanged(task);
        // One that waits for a person leaves its place to the next.
        signals.WorkChanged();
    }

    /// <summary>Works again after a question.</summary>
    public async Task GoOnAsync(CancellationToken cancellationToken)
    {
        const string Reason = "The agent works";
        frozen.ThrowIfCancellationRequested();
        await log.AppendAsync(id, [new AgentEvent.StatusChanged(AttemptStatus.Running, Reason)], db => db.Attempts.Where(a => a.Id == id).ExecuteUpdateAsync(set => set
            .SetProperty(a => a.Status, AttemptStatus.Running).SetProperty(a => a.Reason, Reason).SetProperty(a => a.Activity, Reason)), cancellationToken);
        signals.TaskChanged(task);
    }

    /// <summary>Ends the phase that was begun last.</summary>
    public ValueTask EndAsync(PhaseState state, string? cause, string? fix, CancellationToken cancellationToken)
    {
        if (_current is not { } phase)
        {
            return ValueTask.CompletedTask;
        }

        _current = null;
        return AppendAsync([new AgentEvent.PhaseChanged(phase, state, _phase.ElapsedMilliseconds, cause, fix)], cancellationToken);
    }

    /// <summary>Says that a phase has nothing to do.</summary>
    public ValueTask SkipAsync(AttemptPhase phase, string cause, CancellationToken cancellationToken) =>
        AppendAsync([new AgentEvent.PhaseChanged(phase, PhaseState.Skipped, DurationMs: null, cause)], cancellationToken);

    /// <summary>Comes to rest: the last events, the status and the row in one transaction.</summary>
    public async Task SettleAsync(AttemptStatus status, string reason, IReadOnlyList<AgentEvent> last, string? evidence, CancellationToken cancellationToken)
    {
        frozen.ThrowIfCancellationRequested();
        var now = time.GetUtcNow();
        var worked = (long)TakeWorked().TotalMilliseconds;
        await log.AppendAsync(id, [.. last, new AgentEvent.StatusChanged(status, reason)], async db =>
        {
            await db.Attempts.Where(a => a.Id == id).ExecuteUpdateAsync(set => set
                .SetProperty(a => a.Status, status).SetProperty(a => a.Reason, reason).SetProperty(a => a.Activity, "")
                .SetProperty(a => a.LeaseOwner, (string?)null).SetProperty(a => a.StopRequested, false).SetProperty(a => a.Resumes, false)
                .SetProperty(a => a.EvidenceLine, evidence).SetProperty(a => a.EndedAt, now).SetProperty(a => a.WorkedMs, a => a.WorkedMs + worked));
            await db.Tasks.Where(t => t.Id == task).ExecuteUpdateAsync(set => set.SetProperty(t => t.UpdatedAt, now));
        }, cancellationToken);
        signals.TaskChanged(task);
    }

    private Func<CodexDb, Task>? RowChange(AgentEvent @event) => @event switch
    {
        AgentEvent.ItemStarted { Item: Item.CommandExecution command } => Activity($"Running: {Line(command.Command)}"),
        AgentEvent.ItemStarted { Item: Item.AgentMessage } => Activity("Writing"),
        AgentEvent.ItemStarted { Item: Item.Reasoning } => Activity("Thinking"),
        AgentEvent.ItemCompleted { Item: Item.FileChange { Status: ItemStatus.Completed, Changes: [var first, ..] changes } } =>
            Activity(changes.Count == 1 ? $"Edited {first.Path}" : $"Edited {first.Path} and {changes.Count - 1} more"),
        AgentEvent.ItemCompleted { Item: Item.Notice { Kind: "retry" } notice } => Activity(Line(notice.Text)),
        // A message that waited is delivered in the moment its item is stored: both or none.
        AgentEvent.ItemCompleted { Item: Item.UserMessage message } when SteeringId.TryParse(message.Id, out var queued) =>
            db => db.QueuedMessages.Where(m => m.Id == queued).ExecuteDeleteAsync(),
        AgentEvent.ItemStarted { Item: Item.Notice { Kind: "compaction" } } => Activity("Compacting the conversation"),
        AgentEvent.HistoryReplaced => db => db.Attempts.Where(a => a.Id == id).ExecuteUpdateAsync(set => set.SetProperty(a => a.CompactRequested, false)),
        AgentEvent.UsageReported usage => Spend(usage),
        AgentEvent.Checkpoint checkpoint => db => db.Attempts.Where(a => a.Id == id).ExecuteUpdateAsync(set => set
            .SetProperty(a => a.Checkpoint, checkpoint.Commit).SetProperty(a => a.Files, checkpoint.Files)
            .SetProperty(a => a.Added, checkpoint.Added).SetProperty(a => a.Removed, checkpoint.Removed)),
        _ => null,
    };

    private Func<CodexDb, Task> Activity(string activity) =>
        db => db.Attempts.Where(a => a.Id == id).ExecuteUpdateAsync(set => set.SetProperty(a => a.Activity, activity));

    private Func<CodexDb, Task> Spend(AgentEvent.UsageReported reported) => async db =>
    {
        var (usage, percent) = (reported.Usage, reported.ContextPercent);
        var worked = (long)TakeWorked().TotalMilliseconds;
        await db.Attempts.Where(a => a.Id == id).ExecuteUpdateAsync(set => set
            .SetProperty(a => a.InputTokens, a => a.InputTokens + usage.InputTokens)
            .SetProperty(a => a.CachedInputTokens, a => a.CachedInputTokens + usage.CachedInputTokens)
            .SetProperty(a => a.OutputTokens, a => a.OutputTokens + usage.OutputTokens)
            .SetProperty(a => a.WorkedMs, a => a.WorkedMs + worked)
            .SetProperty(a => a.ContextPercent, percent));
        if (price is not null)
        {
            // The sum is made here: SQLite keeps decimals as text and cannot add them.
            var sum = (await db.Attempts.Where(a => a.Id == id).Select(a => a.Cost).SingleAsync() ?? 0) + price.Of(usage);
            await db.Attempts.Where(a => a.Id == id).ExecuteUpdateAsync(set => set.SetProperty(a => a.Cost, sum));
        }
    };

    private static string Line(string text)
    {
        var line = text.AsSpan().Trim();
        var end = line.IndexOf('\n');
        line = end < 0 ? line : line[..end];
        return line.Length <= 120 ? line.ToString() : $"{line[..119]}…";
    }
}

/// <summary>The id that a message from the queue has as an item of the log.</summary>
internal static class SteeringId
{
    private const string Prefix = "steer_";

    public static string Of(Guid message) => $"{Prefix}{message:N}";

    public static bool TryParse(string itemId, out Guid message)
    {
        message = default;
        return itemId.StartsWith(Prefix, StringComparison.Ordinal) && Guid.TryParseExact(itemId.AsSpan(Prefix.Length), "N", out message);
    }
}

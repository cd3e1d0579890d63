using CodexWeb.Agent.Protocol;
using CodexWeb.Data;
using CodexWeb.Health;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CodexWeb.Attempts;

/// <summary>
/// Starts, stops and adopts attempts: reconcile, claim, run, settle, again. It alone decides the status of an attempt; one server process runs one.
/// </summary>
public sealed partial class Orchestrator(
    IDbContextFactory<CodexDb> databases,
    AttemptLog log,
    AttemptRunner runner,
    Approvals approvals,
    IAttemptSignals signals,
    Doctor doctor,
    IOptions<AttemptOptions> options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<Orchestrator> logger) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(5);

    // One that waits for a person leaves its place to the next, or a few unanswered questions would stop everybody's work over night. It keeps its sandbox, and goes on at once
    // when it is answered, even when that makes one more at work than there are places. So many runs there are for a place at most, for each sandbox takes memory.
    private const int MostForPlace = 4;

    // Another value than any process before it: a lease of another value is that of a process that died.
    private readonly string _owner = Guid.CreateVersion7().ToString("N");
    private readonly Dictionary<AttemptId, Run> _runs = [];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await ListeningAsync(stoppingToken);
            using var work = signals.FollowWork();
            while (true)
            {
                await StepAsync(stoppingToken);
                await WaitAsync(work, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await AbandonAsync();
        }
    }

    // The demo model answers over HTTP: nothing starts before the server listens.
    private async Task ListeningAsync(CancellationToken cancellationToken)
    {
        var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var started = lifetime.ApplicationStarted.Register(listening.SetResult);
        await listening.Task.WaitAsync(cancellationToken);
    }

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var ended in _runs.Values.Where(run => run.Work.IsCompleted).ToList())
            {
                _runs.Remove(ended.Attempt);
                ended.Stop.Dispose();
            }

            await AdoptAsync(cancellationToken);
            await StopRequestedAsync(cancellationToken);
            if (doctor.Last is { CanRunTasks: true })
            {
                await ClaimAsync(cancellationToken);
            }
        }
        catch (Exception exception) when (exception is DbUpdateException or System.Data.Common.DbException or AttemptLogException)
        {
            // The database may come back; the next tick tries again.
            LogStepFailed(logger, exception);
        }
    }

    private static async Task WaitAsync(Subscription work, CancellationToken cancellationToken)
    {
        using var tick = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        tick.CancelAfter(Tick);
        try
        {
            await work.WaitAsync(tick.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The tick: look again, a signal may have been lost.
        }
    }

    /// <summary>
    /// Attempts of a process that died go on: first in the queue, in the workspace and conversation as they are. So do those of this one whose end could not be
    /// stored, once there is space again.
    /// </summary>
    private async Task AdoptAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var leased = await db.Attempts.AsNoTracking().Where(a => a.LeaseOwner != null).ToListAsync(cancellationToken);
        foreach (var orphan in leased.Where(a => !_runs.ContainsKey(a.Id)))
        {
            var reason = orphan.LeaseOwner == _owner
                ? "The log could not be written for a while; the attempt goes on where it was."
                : "The server was restarted; the attempt goes on where it was.";
            await log.AppendAsync(orphan.Id, [new AgentEvent.StatusChanged(AttemptStatus.Queued, reason)], row => row.Attempts.Where(a => a.Id == orphan.Id).ExecuteUpdateAsync(set => set
                .SetProperty(a => a.Status, AttemptStatus.Queued).SetProperty(a => a.Reason, reason).SetProperty(a => a.Resumes, true)
                .SetProperty(a => a.LeaseOwner, (string?)null)), cancellationToken);
            signals.TaskChanged(orphan.TaskId);
            LogAdopted(logger, orphan.Id);
        }
    }

    private async Task StopRequestedAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var stopping = await db.Attempts.AsNoTracking().Where(a => a.StopRequested).Select(a => new { a.Id, a.TaskId, a.Status }).ToListAsync(cancellationToken);
        foreach (var attempt in stopping)
        {
            if (_runs.TryGetValue(attempt.Id, out var run))
            {
                await run.Stop.CancelAsync();
            }
            else
            {
                var waiting = new RunningAttempt(attempt.Id, attempt.TaskId, price: null, log, signals, time, CancellationToken.None);
                await approvals.WithdrawAsync(attempt.Id, cancellationToken);
                await waiting.SettleAsync(AttemptStatus.Cancelled, "Stopped before it began.", [], evidence: null, cancellationToken);
            }
        }
    }

    private async Task ClaimAsync(CancellationToken cancellationToken)
    {
        while (_runs.Count < options.Value.MaxParallel * MostForPlace)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            var waiting = await db.Attempts.CountAsync(a => a.Status == AttemptStatus.WaitingForApproval && a.LeaseOwner == _owner, cancellationToken);
            if (_runs.Count - waiting >= options.Value.MaxParallel)
            {
                return;
            }

            var (order, working) = await QueuePlaces.ReadAsync(db, cancellationToken);
            var next = order.FirstOrDefault(w => working.GetValueOrDefault(w.Author) < options.Value.MaxPerUser && !_runs.ContainsKey(w.Id));
            if (next == default)
            {
                return;
            }

            var now = time.GetUtcNow();
            await log.AppendAsync(next.Id, [new AgentEvent.PhaseChanged(AttemptPhase.Queue, PhaseState.Completed, (long)(now - next.Since).TotalMilliseconds)], row => row.Attempts
                .Where(a => a.Id == next.Id)
                .ExecuteUpdateAsync(set => set
                    .SetProperty(a => a.Status, AttemptStatus.Preparing).SetProperty(a => a.Reason, "Makes the workspace").SetProperty(a => a.LeaseOwner, _owner)
                    .SetProperty(a => a.StartedAt, a => a.StartedAt ?? now)), cancellationToken);
            var attempt = await db.Attempts.AsNoTracking().SingleAsync(a => a.Id == next.Id, cancellationToken);
            var stop = new CancellationTokenSource();
            _runs[next.Id] = new Run(next.Id, stop, RunAsync(attempt, stop.Token, cancellationToken));
            foreach (var other in order)
            {
                signals.TaskChanged(other.Task);
            }
        }
    }

    private async Task RunAsync(Attempt attempt, CancellationToken stop, CancellationToken shutdown)
    {
        // The claim goes on with the next while this one works.
        await Task.Yield();
        try
        {
            await runner.RunAsync(attempt, stop, shutdown);
        }
        catch (OperationCanceledException) when (shutdown.IsCancellationRequested)
        {
            // Left as it is: the next start adopts it.
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The outermost owner of an attempt: whatever went wrong, the attempt ends with a reason and the server goes on.
            LogRunFailed(logger, attempt.Id, exception);
            await FailAsync(attempt, exception, shutdown);
        }
        finally
        {
            signals.WorkChanged();
        }
    }

    private async Task FailAsync(Attempt attempt, Exception exception, CancellationToken shutdown)
    {
        try
        {
            var reason = exception is AttemptLogException ? exception.Message : $"The server met an unexpected error ({exception.GetType().Name}). The server's log has the details; Retry runs the turn again.";
            var running = new RunningAttempt(attempt.Id, attempt.TaskId, price: null, log, signals, time, shutdown);
            await approvals.WithdrawAsync(attempt.Id, CancellationToken.None);
            await running.SettleAsync(AttemptStatus.Failed, reason, [new AgentEvent.TurnFailed(attempt.TurnNumber, reason)], evidence: null, CancellationToken.None);
        }
        catch (Exception again) when (again is AttemptLogException or OperationCanceledException)
        {
            // Not even that could be stored: the lease stays, and the next start adopts the attempt.
            LogRunFailed(logger, attempt.Id, again);
        }
    }

    // The log is closed to the runs by now (shutdown), so that what they do while they end leaves no trace: the next start finds what a crash would have left.
    private async Task AbandonAsync()
    {
        foreach (var run in _runs.Values)
        {
            await run.Stop.CancelAsync();
        }

        await Task.WhenAny(Task.WhenAll(_runs.Values.Select(run => run.Work)), Task.Delay(TimeSpan.FromSeconds(10), time, CancellationToken.None));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Attempt {Attempt} goes on where it was left")]
    private static partial void LogAdopted(ILogger logger, AttemptId attempt);

    [LoggerMessage(Level = LogLevel.Error, Message = "Attempt {Attempt} ended by an unexpected error")]
    private static partial void LogRunFailed(ILogger logger, AttemptId attempt, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Attempts could not be started or stopped; tried again in a moment")]
    private static partial void LogStepFailed(ILogger logger, Exception exception);

    private sealed record Run(AttemptId Attempt, CancellationTokenSource Stop, Task Work);
}

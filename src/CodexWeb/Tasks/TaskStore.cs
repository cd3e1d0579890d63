using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Data;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Tasks;

/// <summary>What every command on tasks needs: a context, the writers' gate, the signals and the clock.</summary>
public sealed class TaskStore(IDbContextFactory<CodexDb> databases, WriteGate gate, AttemptLog log, IAttemptSignals signals, TimeProvider time)
{
    /// <summary>The signals.</summary>
    public IAttemptSignals Signals => signals;

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>A context for one command.</summary>
    public Task<CodexDb> OpenAsync(CancellationToken cancellationToken) => databases.CreateDbContextAsync(cancellationToken);

    /// <summary>Waits for the writers' turn: until it is disposed, no attempt comes to rest and no other command changes anything.</summary>
    public ValueTask<WriteGate.Turn> EnterAsync(CancellationToken cancellationToken) => gate.EnterAsync(cancellationToken);

    /// <summary>An attempt's whole log.</summary>
    public Task<IReadOnlyList<LoggedEvent>> LogAsync(AttemptId attempt, CancellationToken cancellationToken) => log.AllAsync(attempt, cancellationToken);

    /// <summary>Puts attempts into the queue: the change that does it and the event that says so are one transaction.</summary>
    /// <param name="change">Makes and saves the change in the given context; stored with the first attempt's event.</param>
    public async Task QueueAsync(TaskId task, IReadOnlyList<AttemptId> attempts, Func<CodexDb, Task> change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(attempts);
        for (var i = 0; i < attempts.Count; i++)
        {
            await log.AppendAsync(attempts[i], [new AgentEvent.StatusChanged(AttemptStatus.Queued, Attempt.Waiting), new AgentEvent.PhaseChanged(AttemptPhase.Queue, PhaseState.Started)], i == 0 ? change : null, cancellationToken);
        }

        signals.TaskChanged(task);
        signals.WorkChanged();
    }

    /// <summary>Puts an attempt into the queue whose log begins with events of another one.</summary>
    /// <param name="begin">What the log begins with.</param>
    /// <param name="change">Makes and saves the change in the given context; stored with the events.</param>
    public async Task QueueAsync(TaskId task, AttemptId attempt, IReadOnlyList<AgentEvent> begin, Func<CodexDb, Task> change, CancellationToken cancellationToken)
    {
        await log.AppendAsync(attempt, [.. begin, new AgentEvent.StatusChanged(AttemptStatus.Queued, Attempt.Waiting), new AgentEvent.PhaseChanged(AttemptPhase.Queue, PhaseState.Started)], change, cancellationToken);
        signals.TaskChanged(task);
        signals.WorkChanged();
    }

    /// <summary>Saves the command's change and says that the task changed.</summary>
    public async Task SaveAsync(CodexDb db, TaskId changed, CancellationToken cancellationToken)
    {
        await db.SaveInTurnAsync(gate, cancellationToken);
        signals.TaskChanged(changed);
    }
}

using CodexWeb.Attempts;
using CodexWeb.Data;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Tasks;

/// <summary>What every command on tasks needs: a context, the writers' gate, the signals and the clock.</summary>
public sealed class TaskStore(IDbContextFactory<CodexDb> databases, WriteGate gate, IAttemptSignals signals, TimeProvider time)
{
    /// <summary>The signals.</summary>
    public IAttemptSignals Signals => signals;

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>A context for one command.</summary>
    public Task<CodexDb> OpenAsync(CancellationToken cancellationToken) => databases.CreateDbContextAsync(cancellationToken);

    /// <summary>Saves the command's change and says that the task changed.</summary>
    public async Task SaveAsync(CodexDb db, TaskId changed, CancellationToken cancellationToken)
    {
        await db.SaveInTurnAsync(gate, cancellationToken);
        signals.TaskChanged(changed);
    }
}

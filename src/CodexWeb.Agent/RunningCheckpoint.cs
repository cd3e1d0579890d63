namespace CodexWeb.Agent;

/// <summary>The saving of the files after a step. It runs beside the next model request and is over before the next tools run.</summary>
internal sealed class RunningCheckpoint(AgentTurn turn)
{
    private Task _saving = Task.CompletedTask;

    /// <summary>Begins to save; the one before is over.</summary>
    public void Begin(CancellationToken cancellationToken) => _saving = turn.Checkpoint(cancellationToken);

    /// <summary>Waits for its end. Its exceptions are the turn's.</summary>
    public Task WaitAsync() => _saving;

    /// <summary>Waits for its end when the turn ends anyway, whatever became of it.</summary>
    public async Task LetEndAsync() => await _saving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}

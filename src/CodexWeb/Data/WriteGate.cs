namespace CodexWeb.Data;

/// <summary>
/// SQLite has one writer at a time, and a second one sleeps in steps until it finds the first gone: measured, up to a second. So the writers of this process take turns here.
/// </summary>
public sealed class WriteGate : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <summary>Waits for the turn. Dispose what it gives to end it.</summary>
    public async ValueTask<Turn> EnterAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        return new Turn(_gate);
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    /// <summary>One writer's turn.</summary>
    public sealed class Turn(SemaphoreSlim gate) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose() => gate.Release();
    }
}

using System.Collections.Concurrent;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>Lets one in at a time for each key, so that what one has fetched the next finds.</summary>
internal sealed class KeyedGate<TKey>
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, SemaphoreSlim> _gates = new();

    /// <summary>Waits for the turn. Dispose what it gives to end it.</summary>
    public async ValueTask<Turn> EnterAsync(TKey key, CancellationToken cancellationToken)
    {
        var gate = _gates.GetOrAdd(key, static _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(cancellationToken);
        return new Turn(gate);
    }

    /// <summary>One caller's turn.</summary>
    public readonly struct Turn(SemaphoreSlim gate) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose() => gate.Release();
    }
}

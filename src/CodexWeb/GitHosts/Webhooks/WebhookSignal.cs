using System.Threading.Channels;

namespace CodexWeb.GitHosts.Webhooks;

/// <summary>Says that there may be a delivery to act upon. Signals that come while nobody waits fall together into one.</summary>
public sealed class WebhookSignal(TimeProvider time)
{
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Wakes who waits.</summary>
    public void Wake() => _signal.Writer.TryWrite(true);

    /// <summary>Waits for a signal, at most until a moment.</summary>
    /// <param name="until">Null to wait for a signal alone.</param>
    public async Task WaitAsync(DateTimeOffset? until, CancellationToken cancellationToken)
    {
        if (until is null)
        {
            await _signal.Reader.ReadAsync(cancellationToken);
            return;
        }

        var left = until.Value - time.GetUtcNow();
        if (left <= TimeSpan.Zero)
        {
            return;
        }

        using var limit = new CancellationTokenSource(left, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            await _signal.Reader.ReadAsync(both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The moment came.
        }
    }
}

namespace CodexWeb.Agent.Models;

/// <summary>Watches over one streamed answer: how long it is silent, and what its client throws.</summary>
internal sealed class StreamWatch : IDisposable
{
    /// <summary>The longest silence before a stream counts as broken, unless told otherwise.</summary>
    public static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(300);

    private readonly string _api;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly CancellationToken _stop;
    private readonly CancellationTokenSource _silence;
    private readonly CancellationTokenSource _either;

    /// <summary>Begins to watch.</summary>
    /// <param name="api">What the provider should speak, for people: <c>Responses API</c>.</param>
    /// <param name="stop">The turn's token.</param>
    public StreamWatch(string api, TimeSpan limit, TimeProvider time, CancellationToken stop)
    {
        (_api, _limit, _time, _stop) = (api, limit, time, stop);
        _silence = new CancellationTokenSource(limit, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_silence.Token, stop);
    }

    /// <summary>Cancelled by the turn's end and by too long a silence.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>Something came: the silence begins anew.</summary>
    /// <param name="patience">How long it may last now; null for the limit.</param>
    public void Heard(TimeSpan? patience = null) => _silence.CancelAfter(patience is { } shorter && shorter < _limit ? shorter : _limit);

    /// <summary>Does something with the provider and says what its failure means.</summary>
    /// <exception cref="ModelException">It failed, or was silent for too long.</exception>
    /// <exception cref="OperationCanceledException">The turn was stopped.</exception>
    public async Task<T> GuardAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            throw new OperationCanceledException(_stop);
        }
        catch (Exception exception) when (_silence.IsCancellationRequested)
        {
            throw new ModelException(ModelFailure.Unavailable, $"The model service was silent for {_limit.TotalSeconds:0} s.", inner: exception);
        }
        catch (Exception exception) when (ProviderErrors.Knows(exception))
        {
            throw ProviderErrors.Of(exception, _api, _time);
        }
    }

    /// <summary>The failure of a stream that ended without its last event.</summary>
    /// <param name="spoke">True when any event came.</param>
    public ModelException Ended(bool spoke) => new(
        ModelFailure.Unavailable,
        spoke ? "The model's answer broke off before its end." : $"The model service answered, but not with a stream of the {_api}. Is the address that of the API?");

    /// <inheritdoc/>
    public void Dispose()
    {
        _either.Dispose();
        _silence.Dispose();
    }
}

namespace CodexWeb.Ui;

/// <summary>
/// Tells the work a component has begun that the component is gone. Its token can be asked for after that too, unlike a bare source's: work that was on its way does,
/// and must find itself cancelled, not a disposed object that takes the whole page down.
/// </summary>
public sealed class Departure : IDisposable
{
    private readonly CancellationTokenSource _source = new();

    public Departure() => Token = _source.Token;

    /// <summary>Cancelled when the component is gone.</summary>
    public CancellationToken Token { get; }

    /// <summary>Cancels the token.</summary>
    public void Cancel() => _source.Cancel();

    /// <summary>Cancels the token and waits for what was registered with it.</summary>
    public Task CancelAsync() => _source.CancelAsync();

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();
}

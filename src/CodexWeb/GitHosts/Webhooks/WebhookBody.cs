namespace CodexWeb.GitHosts.Webhooks;

/// <summary>A request's body with its place in memory. Dispose it to give the place back.</summary>
/// <param name="Content">The raw bytes; empty unless <paramref name="Problem"/> is null.</param>
/// <param name="Problem">The answer when the body could not be taken; null when it was.</param>
internal sealed record WebhookBody(ReadOnlyMemory<byte> Content, IResult? Problem, SemaphoreSlim? Lane) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Lane?.Release();
}

/// <summary>
/// Takes the bodies of deliveries into memory: whole, for the signature is over all of it. Whoever has no secret can send bodies too, so there are only so many places at once;
/// the large ones have places of their own, and what comes too slowly loses its place.
/// </summary>
internal sealed class WebhookBodies(TimeProvider time) : IDisposable
{
    /// <summary>The largest payload GitHub sends, in bytes (https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap).</summary>
    public const int LargestBody = 25 << 20;

    private const int SmallBody = 256 << 10;
    private const int SmallPlaces = 64;
    private const int LargePlaces = 4;

    // GitHub itself gives up after 10 seconds.
    private static readonly TimeSpan WaitForPlace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TimeToSend = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _small = new(SmallPlaces, SmallPlaces);
    private readonly SemaphoreSlim _large = new(LargePlaces, LargePlaces);

    /// <summary>Reads a body, or says why not.</summary>
    public async Task<WebhookBody> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > LargestBody)
        {
            return new WebhookBody(default, WebhookAnswers.TooLarge, Lane: null);
        }

        var lane = request.ContentLength <= SmallBody ? _small : _large;
        if (!await lane.WaitAsync(WaitForPlace, cancellationToken))
        {
            return new WebhookBody(default, WebhookAnswers.Busy, Lane: null);
        }

        using var limit = new CancellationTokenSource(TimeToSend, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            var content = await CopyAsync(request, both.Token);
            return new WebhookBody(content ?? default, content is null ? WebhookAnswers.TooLarge : null, lane);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new WebhookBody(default, WebhookAnswers.TooSlow, lane);
        }
        catch
        {
            lane.Release();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _small.Dispose();
        _large.Dispose();
    }

    // Null when it is too large: without a Content-Length that shows only on the way.
    private static async Task<ReadOnlyMemory<byte>?> CopyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream((int)(request.ContentLength ?? SmallBody));
        var buffer = new byte[32 << 10];
        for (var read = await request.Body.ReadAsync(buffer, cancellationToken); read > 0; read = await request.Body.ReadAsync(buffer, cancellationToken))
        {
            if (content.Length + read > LargestBody)
            {
                return null;
            }

            content.Write(buffer, 0, read);
        }

        return content.GetBuffer().AsMemory(0, (int)content.Length);
    }
}

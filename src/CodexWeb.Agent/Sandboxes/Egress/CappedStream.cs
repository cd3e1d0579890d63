using System.Globalization;

namespace CodexWeb.Agent.Sandboxes.Egress;

/// <summary>The body of an answer, of which no more than so many bytes can be read.</summary>
internal sealed class CappedStream(Stream inner, long maxBytes) : OneWayStream
{
    private long _read;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    /// <exception cref="IOException">The body is longer.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        _read += read;
        return _read <= maxBytes ? read : throw new IOException(string.Create(CultureInfo.InvariantCulture, $"The answer is longer than {maxBytes >> 20} MiB."));
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}

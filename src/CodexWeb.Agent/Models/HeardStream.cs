namespace CodexWeb.Agent.Models;

/// <summary>A provider's answer on its way in: each byte of it, comments that keep the connection open included, ends the silence, and there is a most of them.</summary>
internal sealed class HeardStream(Stream answer, StreamWatch watch) : Stream
{
    // No answer of a model is as long, and what has no end would fill the memory.
    private const long MostBytes = 64L << 20;

    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => Count(await answer.ReadAsync(buffer, cancellationToken));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => Count(answer.Read(buffer, offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            answer.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Count(int bytes)
    {
        _read += bytes;
        if (bytes > 0)
        {
            watch.Heard();
        }

        return _read <= MostBytes ? bytes : throw new IOException($"The answer is longer than {MostBytes >> 20} MiB.");
    }
}

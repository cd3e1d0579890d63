using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Tools.Mcp;

/// <summary>A command's standard input as a stream.</summary>
internal sealed class ServerInput(SandboxProcess process) : OneWayStream
{
    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    /// <exception cref="IOException">The command has ended or no longer reads.</exception>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await process.WriteAsync(buffer, cancellationToken);
        }
        catch (SandboxException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }
}

/// <summary>A command's standard output as a stream of lines, none of them longer than a message may be.</summary>
internal sealed class ServerOutput(SandboxProcess process, int maxLine) : OneWayStream
{
    private ReadOnlyMemory<byte> _rest;
    private long _line;

    /// <summary>True when a longer line came; nothing is read after it.</summary>
    public bool TooLong { get; private set; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_rest.IsEmpty && !TooLong && await process.Output.WaitToReadAsync(cancellationToken))
        {
            if (process.Output.TryRead(out var bytes))
            {
                _rest = bytes;
                Measure(bytes.Span);
            }
        }

        if (TooLong)
        {
            return 0;
        }

        var count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    private void Measure(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.LastIndexOf((byte)'\n');
        _line = end < 0 ? _line + bytes.Length : bytes.Length - end - 1;
        TooLong |= _line > maxLine;
    }
}

using System.Buffers;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Evaluation.Functions;

/// <summary>A process in a sandbox that speaks in lines.</summary>
internal sealed class MessageLines(SandboxProcess process)
{
    private const int LongestLine = 16 << 20;

    private readonly ArrayBufferWriter<byte> _line = new();
    private ReadOnlyMemory<byte> _rest;

    /// <summary>How it ended; completes when it has.</summary>
    public Task<SandboxExit> Exit => process.Exit;

    /// <summary>Sends a line.</summary>
    /// <returns>False when the process no longer listens.</returns>
    public async Task<bool> SendAsync(ReadOnlyMemory<byte> line, CancellationToken cancellationToken)
    {
        try
        {
            await process.WriteAsync((byte[])[.. line.Span, (byte)'\n'], cancellationToken);
            return true;
        }
        catch (SandboxException)
        {
            return false;
        }
    }

    /// <summary>The next line without its end.</summary>
    /// <returns>Null when there is none any more, or one of more than 16 MiB, which no message is.</returns>
    public async Task<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        _line.ResetWrittenCount();
        while (true)
        {
            var end = _rest.Span.IndexOf((byte)'\n');
            var part = end < 0 ? _rest : _rest[..end];
            if (_line.WrittenCount + part.Length > LongestLine)
            {
                return null;
            }

            _line.Write(part.Span);
            if (end >= 0)
            {
                _rest = _rest[(end + 1)..];
                return _line.WrittenMemory;
            }

            _rest = ReadOnlyMemory<byte>.Empty;
            if (!await process.Output.WaitToReadAsync(cancellationToken) || !process.Output.TryRead(out _rest))
            {
                return null;
            }
        }
    }
}

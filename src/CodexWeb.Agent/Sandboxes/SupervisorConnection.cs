using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Threading.Channels;

namespace CodexWeb.Agent.Sandboxes;

/// <summary>What waits for the supervisor's answer to one request. Its methods are called by one thread at a time.</summary>
internal interface ISupervisorRequest
{
    /// <summary>Takes a frame.</summary>
    /// <returns>True when it was the last one for this request.</returns>
    /// <exception cref="SupervisorProtocolException">It may not come here.</exception>
    bool Receive(char kind, ReadOnlySpan<byte> payload);

    /// <summary>The sandbox has ended, so that nothing more will come.</summary>
    void End(string reason);
}

/// <summary>Sends frames to a supervisor and hands its own to the requests they belong to.</summary>
internal sealed class SupervisorConnection
{
    private readonly ConcurrentDictionary<uint, ISupervisorRequest> requests = new();

    // Unbounded, yet never long: callers wait for answers before they send more, and acknowledgements are bounded by the output window.
    private readonly Channel<byte[]> outgoing = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
    private uint lastId;
    private volatile string? ended;

    /// <summary>Registers a request and sends its first frame.</summary>
    /// <returns>The number that further frames of the request carry.</returns>
    /// <exception cref="SandboxException">The sandbox has ended.</exception>
    internal uint Open(ISupervisorRequest request, char kind, ReadOnlySpan<byte> payload)
    {
        var id = Interlocked.Increment(ref lastId);
        requests[id] = request;
        Send(kind, id, payload);
        if (ended is { } reason)
        {
            requests.TryRemove(id, out _);
            throw new SandboxException(reason);
        }

        return id;
    }

    /// <summary>Sends a frame; no effect when the sandbox has ended.</summary>
    internal void Send(char kind, uint id, ReadOnlySpan<byte> payload)
        => outgoing.Writer.TryWrite(SupervisorProtocol.EncodeFrame(kind, id, payload));

    /// <summary>Sends bytes that come before the first frame.</summary>
    internal void SendRaw(byte[] bytes) => outgoing.Writer.TryWrite(bytes);

    /// <summary>Stops sending after what was sent so far.</summary>
    internal void Complete() => outgoing.Writer.TryComplete();

    /// <summary>Ends every open request and refuses new ones.</summary>
    internal void End(string reason)
    {
        ended ??= reason;
        Complete();
        foreach (var id in requests.Keys)
        {
            if (requests.TryRemove(id, out var request))
            {
                request.End(ended);
            }
        }
    }

    /// <summary>Writes what is sent until <see cref="Complete"/>, then closes the stream.</summary>
    internal async Task WriteAsync(Stream stream, CancellationToken cancellationToken)
    {
        try
        {
            await using (stream)
            {
                await foreach (var bytes in outgoing.Reader.ReadAllAsync(cancellationToken))
                {
                    await stream.WriteAsync(bytes, cancellationToken);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The supervisor is gone; the reading side says so.
        }
    }

    /// <summary>Reads frames until the supervisor closes its end.</summary>
    /// <returns>The reason it gave for ending, or null when it just ended.</returns>
    /// <exception cref="SupervisorProtocolException">It sent what it may not.</exception>
    internal async Task<string?> ReadAsync(Stream stream, Action onHello, CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 128 * 1024, leaveOpen: true));
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            while (TryTakeFrame(ref buffer, out var kind, out var id, out var payload))
            {
                if (kind == 'z')
                {
                    return SupervisorProtocol.DecodeText(payload);
                }

                if (kind == 'h')
                {
                    CheckVersion(payload);
                    onHello();
                }
                else
                {
                    Dispatch(kind, id, payload);
                }
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                return null;
            }
        }
    }

    private static bool TryTakeFrame(ref ReadOnlySequence<byte> buffer, out char kind, out uint id, out ReadOnlySpan<byte> payload)
    {
        kind = '\0';
        id = 0;
        payload = default;
        if (buffer.Length < SupervisorProtocol.HeaderSize)
        {
            return false;
        }

        Span<byte> header = stackalloc byte[SupervisorProtocol.HeaderSize];
        buffer.Slice(0, SupervisorProtocol.HeaderSize).CopyTo(header);
        var length = BinaryPrimitives.ReadUInt32BigEndian(header);
        if (length > SupervisorProtocol.MaxPayload)
        {
            throw new SupervisorProtocolException("a frame larger than any it may send");
        }

        if (buffer.Length < SupervisorProtocol.HeaderSize + length)
        {
            return false;
        }

        kind = (char)header[4];
        id = BinaryPrimitives.ReadUInt32BigEndian(header[5..]);
        var body = buffer.Slice(SupervisorProtocol.HeaderSize, length);
        payload = body.IsSingleSegment ? body.FirstSpan : body.ToArray();
        buffer = buffer.Slice(body.End);
        return true;
    }

    private static void CheckVersion(ReadOnlySpan<byte> payload)
    {
        if (payload.Length != 4 || BinaryPrimitives.ReadInt32BigEndian(payload) != SupervisorProtocol.Version)
        {
            throw new SupervisorProtocolException("a version this server does not speak");
        }
    }

    private void Dispatch(char kind, uint id, ReadOnlySpan<byte> payload)
    {
        if (!requests.TryGetValue(id, out var request))
        {
            throw new SupervisorProtocolException("an answer to a question nobody asked");
        }

        if (request.Receive(kind, payload))
        {
            requests.TryRemove(id, out _);
        }
    }
}

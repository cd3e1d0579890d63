using System.Buffers.Binary;
using System.Text;

namespace CodexWeb.Agent.Sandboxes;

/// <summary>The frames between the server and the supervisor, which is process 1 of a sandbox (<c>Supervisor.pl</c>).</summary>
/// <remarks>
/// <para>A frame is the payload's length (4 bytes), its kind (1 byte), a number the server chose for the request (4 bytes) and the payload. Numbers are big-endian; a "text" is its length (4 bytes) and its bytes.</para>
/// <para>To the supervisor: S start a command: flags (1 byte: 1 terminal, 2 keep input), text folder, text script, then text name and text value of each variable.
/// I input: bytes. A acknowledge: number of output bytes taken. K signal: number. R read a file: most bytes, then the path.
/// F hold: 1 byte, 1 stops all that runs inside and 0 lets it go on; answered by c.
/// C change files: for each a kind (1 byte: 1 write, 2 delete), mode, text path, text content.</para>
/// <para>From the supervisor: h hello: version. s started. o output: bytes, never more on their way than <see cref="OutputWindow"/>. i input written (1 byte: 1, or 0 when the command no longer reads).
/// x exit: 1 byte (0 exit code, 1 signal), 1 byte code or signal, 8 bytes microseconds, the rest a limit's reason or nothing. d file content: bytes. f file: kind (1 byte), mode, the rest its real path.
/// c changed. e failed: the rest says why. z the sandbox ends: the rest says why.</para>
/// <para>The supervisor runs beside hostile code, so everything it says is checked; what it cannot rightly say ends the sandbox.</para>
/// </remarks>
internal static class SupervisorProtocol
{
    internal const int Version = 1;
    internal const int HeaderSize = 9;

    /// <summary>The largest payload the server takes.</summary>
    internal const int MaxPayload = 128 * 1024;

    /// <summary>The most output bytes of one command that the server has not acknowledged.</summary>
    internal const int OutputWindow = 256 * 1024;

    /// <summary>The most input sent before the supervisor says that it was written.</summary>
    internal const int InputChunk = 64 * 1024;

    /// <summary>The longest argument Linux lets a program start with, a little rounded down.</summary>
    internal const int MaxScriptBytes = 128 * 1024 - 64;

    /// <summary>The most bytes of a file read, and of all files changed at once.</summary>
    internal const int MaxFileBytes = 64 * 1024 * 1024;

    internal static byte[] EncodeStart(SandboxCommand command)
    {
        using var payload = new MemoryStream();
        payload.WriteByte((byte)((command.Terminal ? 1 : 0) | (command.KeepInput ? 2 : 0)));
        WriteText(payload, Encoding.UTF8.GetBytes(command.WorkingDirectory));
        WriteText(payload, Encoding.UTF8.GetBytes(command.Script));
        foreach (var (name, value) in command.Environment)
        {
            WriteText(payload, Encoding.UTF8.GetBytes(name));
            WriteText(payload, Encoding.UTF8.GetBytes(value));
        }

        return payload.ToArray();
    }

    internal static byte[] EncodeRead(string path, int maxBytes) => [.. EncodeNumber(maxBytes), .. Encoding.UTF8.GetBytes(path)];

    internal static byte[] EncodeChanges(IReadOnlyList<SandboxFileChange> changes)
    {
        using var payload = new MemoryStream();
        foreach (var change in changes)
        {
            var (kind, mode, content) = change switch
            {
                SandboxFileChange.Write write => ((byte)1, write.Mode, write.Content),
                SandboxFileChange.Delete => ((byte)2, 0, ReadOnlyMemory<byte>.Empty),
                _ => throw new ArgumentException($"A change of the kind {change.GetType().Name} is not known.", nameof(changes)),
            };
            payload.WriteByte(kind);
            payload.Write(EncodeNumber(mode));
            WriteText(payload, Encoding.UTF8.GetBytes(change.Path));
            WriteText(payload, content.Span);
        }

        return payload.ToArray();
    }

    internal static byte[] EncodeNumber(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }

    internal static byte[] EncodeFrame(char kind, uint id, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[HeaderSize + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length);
        frame[4] = (byte)kind;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(5), id);
        payload.CopyTo(frame.AsSpan(HeaderSize));
        return frame;
    }

    /// <summary>Reads an exit frame's payload; the time is the supervisor's word.</summary>
    /// <exception cref="SupervisorProtocolException">It is not well formed.</exception>
    internal static SandboxExit DecodeExit(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < 10 || payload[0] > 1)
        {
            throw new SupervisorProtocolException("a malformed exit");
        }

        var microseconds = Math.Min(BinaryPrimitives.ReadUInt64BigEndian(payload[2..]), (ulong)TimeSpan.FromDays(365).TotalMicroseconds);
        var reason = payload.Length == 10 ? null : DecodeText(payload[10..]);
        var bySignal = payload[0] == 1;
        return new SandboxExit(bySignal ? null : payload[1], bySignal ? payload[1] : null, reason, TimeSpan.FromMicroseconds(microseconds));
    }

    /// <summary>Text for people or for the model, without control characters.</summary>
    internal static string DecodeText(ReadOnlySpan<byte> bytes)
        => string.Concat(Encoding.UTF8.GetString(bytes).Select(character => char.IsControl(character) ? ' ' : character));

    private static void WriteText(MemoryStream target, ReadOnlySpan<byte> text)
    {
        target.Write(EncodeNumber(text.Length));
        target.Write(text);
    }
}

/// <summary>The supervisor said what it cannot rightly say.</summary>
/// <param name="what">What it sent, after "the supervisor sent".</param>
internal sealed class SupervisorProtocolException(string what) : Exception(what);

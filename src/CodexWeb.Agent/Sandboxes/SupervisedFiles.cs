using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace CodexWeb.Agent.Sandboxes;

/// <summary>A file that a supervisor reads.</summary>
internal sealed class ReadFileRequest(int maxBytes) : ISupervisorRequest
{
    private readonly TaskCompletionSource<SandboxFile> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ArrayBufferWriter<byte> content = new();

    internal Task<SandboxFile> Answer => answer.Task;

    public bool Receive(char kind, ReadOnlySpan<byte> payload)
    {
        if (kind == 'd' && content.WrittenCount + payload.Length <= maxBytes)
        {
            content.Write(payload);
            return false;
        }

        if (kind != 'f' || payload.Length < 5 || payload[0] > (byte)SandboxFileKind.Other)
        {
            throw new SupervisorProtocolException("an answer that does not fit the reading of a file");
        }

        var fileKind = (SandboxFileKind)payload[0];
        var bytes = fileKind == SandboxFileKind.Regular ? content.WrittenSpan.ToArray() : [];
        answer.TrySetResult(new SandboxFile(fileKind, bytes, BinaryPrimitives.ReadInt32BigEndian(payload[1..]) & 0xfff, Encoding.UTF8.GetString(payload[5..])));
        return true;
    }

    public void End(string reason) => answer.TrySetException(new SandboxException(reason));
}

/// <summary>Changes to files that a supervisor makes.</summary>
internal sealed class ChangeFilesRequest : ISupervisorRequest
{
    private readonly TaskCompletionSource answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Task Answer => answer.Task;

    public bool Receive(char kind, ReadOnlySpan<byte> payload) => kind switch
    {
        'c' => answer.TrySetResult(),
        'e' => answer.TrySetException(new SandboxException(SupervisorProtocol.DecodeText(payload))),
        _ => throw new SupervisorProtocolException("an answer that does not fit a change of files"),
    };

    public void End(string reason) => answer.TrySetException(new SandboxException(reason));
}

using System.Diagnostics;
using System.Threading.Channels;

namespace CodexWeb.Agent.Sandboxes;

/// <summary>A command that a supervisor runs.</summary>
internal sealed class SupervisedProcess : SandboxProcess, ISupervisorRequest
{
    private readonly SupervisorConnection connection;
    private readonly Func<SandboxExit, SandboxExit> explain;
    private readonly bool takesInput;
    private readonly long startedAt = Stopwatch.GetTimestamp();
    private readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<SandboxExit> exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly AcknowledgingReader output;
    private readonly Lock gate = new();
    private Task lastWrite = Task.CompletedTask;
    private TaskCompletionSource<bool>? writing;
    private uint id;

    /// <summary>Makes a command that is still to be started.</summary>
    /// <param name="explain">Adds to an exit what only the host knows of its cause.</param>
    internal SupervisedProcess(SupervisorConnection connection, bool takesInput, Func<SandboxExit, SandboxExit> explain)
    {
        this.connection = connection;
        this.takesInput = takesInput;
        this.explain = explain;
        output = new AcknowledgingReader(bytes => connection.Send('A', id, SupervisorProtocol.EncodeNumber(bytes)));
    }

    public override ChannelReader<ReadOnlyMemory<byte>> Output => output;

    public override Task<SandboxExit> Exit => exit.Task;

    /// <summary>Asks the supervisor to start the command and waits until it has.</summary>
    /// <exception cref="SandboxException">It could not be started.</exception>
    internal async Task StartAsync(SandboxCommand command, CancellationToken cancellationToken)
    {
        id = connection.Open(this, 'S', SupervisorProtocol.EncodeStart(command));
        try
        {
            await started.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Nobody will ever see it: it must not run on, nor wait for a reader.
            connection.Send('K', id, SupervisorProtocol.EncodeNumber(Libc.SigKill));
            output.Abandon();
            throw;
        }
    }

    public override Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (!takesInput)
        {
            throw new SandboxException("The command's standard input is empty and closed. Start it with a terminal to write to it.");
        }

        cancellationToken.ThrowIfCancellationRequested();
        Task write;
        lock (gate)
        {
            // One after the other; who gives up waiting leaves the write on its way, so the bytes are its own.
            write = lastWrite = WriteAfterAsync(lastWrite, bytes.ToArray());
        }

        return write.WaitAsync(cancellationToken);
    }

    public override Task SignalAsync(int signal, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(signal);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(signal, 64);
        cancellationToken.ThrowIfCancellationRequested();
        if (!Exit.IsCompleted)
        {
            connection.Send('K', id, SupervisorProtocol.EncodeNumber(signal));
        }

        return Task.CompletedTask;
    }

    public bool Receive(char kind, ReadOnlySpan<byte> payload)
    {
        switch (kind)
        {
            case 's' when started.TrySetResult():
                return false;
            case 'e' when started.TrySetException(new SandboxException(SupervisorProtocol.DecodeText(payload))):
                Finish(new SandboxExit(null, null, SupervisorProtocol.DecodeText(payload), Elapsed));
                return true;
            case 'o' when started.Task.IsCompletedSuccessfully:
                output.Add(payload.ToArray());
                return false;
            case 'i' when payload.Length == 1:
                CompleteWrite(payload[0] == 1);
                return false;
            case 'x' when started.Task.IsCompletedSuccessfully:
                var said = SupervisorProtocol.DecodeExit(payload);
                Finish(explain(said.Duration > Elapsed ? said with { Duration = Elapsed } : said));
                return true;
            default:
                throw new SupervisorProtocolException("an answer that does not fit a command");
        }
    }

    public void End(string reason)
    {
        started.TrySetException(new SandboxException(reason));
        Finish(new SandboxExit(null, null, reason, Elapsed));
    }

    private TimeSpan Elapsed => Stopwatch.GetElapsedTime(startedAt);

    private async Task WriteAfterAsync(Task before, ReadOnlyMemory<byte> bytes)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        for (var offset = 0; offset < bytes.Length; offset += SupervisorProtocol.InputChunk)
        {
            var chunk = bytes.Slice(offset, Math.Min(SupervisorProtocol.InputChunk, bytes.Length - offset));
            if (!await WriteChunkAsync(chunk))
            {
                throw new SandboxException("The command has ended or has closed its input.");
            }
        }
    }

    /// <summary>Sends a chunk and waits until it is written.</summary>
    /// <returns>False when the command no longer reads.</returns>
    private Task<bool> WriteChunkAsync(ReadOnlyMemory<byte> chunk)
    {
        var answer = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            writing = answer;
        }

        if (Exit.IsCompleted)
        {
            answer.TrySetResult(false);
        }
        else
        {
            connection.Send('I', id, chunk.Span);
        }

        return answer.Task;
    }

    private void CompleteWrite(bool written)
    {
        lock (gate)
        {
            if (writing is null || !writing.TrySetResult(written))
            {
                throw new SupervisorProtocolException("word of a write that nobody asked for");
            }
        }
    }

    private void Finish(SandboxExit how)
    {
        // It may be that nobody waits for the start any more.
        _ = started.Task.Exception;
        output.Complete();
        exit.TrySetResult(how);
        lock (gate)
        {
            writing?.TrySetResult(false);
        }
    }
}

using System.Text;

namespace CodexWeb.Agent.Sandboxes;

/// <summary>A sandbox whose process 1 is <c>Supervisor.pl</c>, whatever made its walls.</summary>
internal sealed class SupervisedSandbox : ISandbox
{
    private const int MaxErrorBytes = 16 * 1024;
    private static readonly TimeSpan GracefulEnd = TimeSpan.FromMilliseconds(150);

    private readonly RunningProcess process;
    private readonly IReadOnlyDictionary<string, string> environment;
    private readonly MemoryCgroup? memory;
    private readonly SupervisorConnection connection = new();
    private readonly CancellationTokenSource lifetime = new();
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task writing;
    private readonly Task<string> errors;
    private readonly Task reading;
    private volatile TaskCompletionSource? held;
    private int disposed;

    /// <summary>Takes over a process that was just started and waits for the launcher's first line.</summary>
    /// <param name="environment">The variables of every command.</param>
    /// <param name="memory">The group that limits the sandbox's memory; null when the supervisor alone watches it.</param>
    internal SupervisedSandbox(RunningProcess process, IReadOnlyDictionary<string, string> environment, MemoryCgroup? memory)
    {
        this.process = process;
        this.environment = environment;
        this.memory = memory;
        connection.SendRaw("\n"u8.ToArray());
        connection.SendRaw(SandboxScripts.Supervisor);
        writing = connection.WriteAsync(process.Input, lifetime.Token);
        errors = ReadErrorsAsync();
        reading = ReadAsync();
    }

    public Task<string> Ended => ended.Task;

    /// <summary>Waits until the supervisor speaks.</summary>
    /// <exception cref="SandboxException">The sandbox ended instead.</exception>
    internal Task WaitUntilReadyAsync(CancellationToken cancellationToken) => ready.Task.WaitAsync(cancellationToken);

    public async Task<SandboxProcess> StartAsync(SandboxCommand command, CancellationToken cancellationToken)
    {
        if (Encoding.UTF8.GetByteCount(command.Script) > SupervisorProtocol.MaxScriptBytes)
        {
            throw new SandboxException("The command is longer than 128 KiB. Write it to a file and run that.");
        }

        RefuseNul(command.Script, "The command");
        RefuseNul(command.WorkingDirectory, "The working directory");
        await LetGoAsync(cancellationToken);
        var started = new SupervisedProcess(connection, command.Terminal || command.KeepInput, Explain);
        await started.StartAsync(command with { Environment = SandboxEnvironment.ForCommand(environment, command) }, cancellationToken);
        return started;
    }

    public async Task<SandboxFile> ReadFileAsync(string path, int maxBytes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        RefuseNul(path, "The path");
        var request = new ReadFileRequest(Math.Min(maxBytes, SupervisorProtocol.MaxFileBytes));
        connection.Open(request, 'R', SupervisorProtocol.EncodeRead(path, Math.Min(maxBytes, SupervisorProtocol.MaxFileBytes)));
        return await request.Answer.WaitAsync(cancellationToken);
    }

    public async Task ChangeFilesAsync(IReadOnlyList<SandboxFileChange> changes, CancellationToken cancellationToken)
    {
        if (changes.OfType<SandboxFileChange.Write>().Sum(write => (long)write.Content.Length) > SupervisorProtocol.MaxFileBytes)
        {
            throw new SandboxException("The files to change are larger than 64 MiB together.");
        }

        foreach (var change in changes)
        {
            RefuseNul(change.Path, "The path");
        }

        await LetGoAsync(cancellationToken);
        var request = new ChangeFilesRequest();
        connection.Open(request, 'C', SupervisorProtocol.EncodeChanges(changes));
        await request.Answer.WaitAsync(cancellationToken);
    }

    public Task FreezeAsync(CancellationToken cancellationToken)
    {
        held ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return HoldAsync(1, cancellationToken);
    }

    public async Task ThawAsync(CancellationToken cancellationToken)
    {
        try
        {
            await HoldAsync(0, cancellationToken);
        }
        finally
        {
            Interlocked.Exchange(ref held, null)?.TrySetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
        {
            await ended.Task;
            return;
        }

        // The supervisor ends when its input does, and with process 1 goes everything inside; the launcher ends when all of it is gone.
        connection.End("The sandbox was closed.");
        try
        {
            await reading.WaitAsync(GracefulEnd);
        }
        catch (TimeoutException)
        {
            process.Kill();
            await lifetime.CancelAsync();
        }

        await reading;
        await lifetime.CancelAsync();
        await writing;
        await errors;
        await process.DisposeAsync();
        if (memory is not null)
        {
            await memory.RemoveAsync();
        }

        lifetime.Dispose();
    }

    private Task LetGoAsync(CancellationToken cancellationToken) => held?.Task.WaitAsync(cancellationToken) ?? Task.CompletedTask;

    private async Task HoldAsync(byte stop, CancellationToken cancellationToken)
    {
        var request = new ChangeFilesRequest();
        connection.Open(request, 'F', [stop]);
        await request.Answer.WaitAsync(cancellationToken);
    }

    private static void RefuseNul(string text, string what)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw new SandboxException($"{what} has a NUL character in it.");
        }
    }

    private SandboxExit Explain(SandboxExit exit)
        => exit is { Reason: null, Code: not 0 } && memory is not null && memory.TakeKills() > 0
            ? exit with { Reason = $"Memory reached the limit of {memory.LimitMiB} MiB in this sandbox, and a process was stopped." }
            : exit;

    private async Task ReadAsync()
    {
        string? reason;
        try
        {
            reason = await connection.ReadAsync(process.Output, () => ready.TrySetResult(), lifetime.Token);
        }
        catch (SupervisorProtocolException exception)
        {
            process.Kill();
            reason = $"The sandbox was stopped because its supervisor sent {exception.Message}.";
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            reason = null;
        }

        try
        {
            await process.Exit.WaitAsync(GracefulEnd);
        }
        catch (TimeoutException)
        {
            process.Kill();
            await process.Exit;
        }

        reason ??= await ExplainEndAsync();
        connection.End(reason);
        Interlocked.Exchange(ref held, null)?.TrySetResult();
        ready.TrySetException(new SandboxException(reason));
        // It may be that nobody waits for the start any more.
        _ = ready.Task.Exception;
        ended.TrySetResult(Volatile.Read(ref disposed) == 0 ? reason : "The sandbox was closed.");
    }

    private async Task<string> ExplainEndAsync()
    {
        // What held the pipe is dead by now.
        var said = await errors;
        var why = said.Length > 0 ? $": {said}" : ".";
        return (ready.Task.IsCompletedSuccessfully, memory?.TakeKills() > 0) switch
        {
            (false, _) => $"The sandbox could not be started{why}",
            (true, true) => $"The sandbox ended because its memory reached the limit of {memory!.LimitMiB} MiB.",
            (true, false) => $"The sandbox ended unexpectedly{why}",
        };
    }

    private async Task<string> ReadErrorsAsync()
    {
        var kept = new byte[MaxErrorBytes];
        var length = 0;
        var buffer = new byte[4096];
        try
        {
            int count;
            while ((count = await process.Error.ReadAsync(buffer, lifetime.Token)) > 0)
            {
                var room = Math.Min(count, kept.Length - length);
                buffer.AsSpan(0, room).CopyTo(kept.AsSpan(length));
                length += room;
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // What came until then is what there is to say.
        }

        return SupervisorProtocol.DecodeText(kept.AsSpan(0, length)).Trim();
    }
}

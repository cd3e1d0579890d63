using System.Buffers;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace CodexWeb.Agent.Sandboxes;

/// <summary>Starts programs of the host: the only place that does. Each gets an environment of its own, a session of its own and, where asked, an unprivileged account.</summary>
public sealed class ProcessRunner
{
    private const int MaxErrorBytes = 64 * 1024;

    /// <summary>Runs a program to its end and keeps its output.</summary>
    /// <exception cref="ProcessException">It could not be started, or did not end in time.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the program and its children are killed.</exception>
    public async Task<ProcessResult> RunAsync(ProcessCommand command, CancellationToken cancellationToken)
    {
        using var kept = new MemoryStream();
        var result = await RunAsync(
            command,
            chunk =>
            {
                kept.Write(chunk.Span);
                return ValueTask.CompletedTask;
            },
            cancellationToken);
        return result with { Output = kept.ToArray() };
    }

    /// <summary>Runs a program to its end and hands its output on as it comes, so that none of it is held.</summary>
    /// <param name="onOutput">Called with one chunk after the other; the memory is only valid during the call. A slow one slows the program.</param>
    /// <exception cref="ProcessException">It could not be started, or did not end in time.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the program and its children are killed.</exception>
    public async Task<ProcessResult> RunAsync(ProcessCommand command, Func<ReadOnlyMemory<byte>, ValueTask> onOutput, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(command.Timeout);
        await using var process = Start(command);
        try
        {
            var input = WriteInputAsync(process, command.Input, deadline.Token);
            var error = ReadErrorAsync(process, deadline.Token);
            var cut = await ReadOutputAsync(process, command.MaxOutputBytes, onOutput, deadline.Token);
            var errorText = await error;
            await input;
            var exitCode = await process.Exit.WaitAsync(deadline.Token);
            return new ProcessResult(exitCode, ReadOnlyMemory<byte>.Empty, errorText, cut);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && deadline.IsCancellationRequested)
        {
            throw new ProcessException($"{Path.GetFileName(command.FileName)} did not end within {command.Timeout.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} seconds and was stopped.");
        }
    }

    /// <summary>Starts a program that the caller talks to and ends.</summary>
    /// <exception cref="ProcessException">It could not be started.</exception>
    public RunningProcess Start(ProcessCommand command)
    {
        var arguments = BuildArguments(command);
        var start = new ProcessStartInfo(arguments[0], arguments.Skip(1))
        {
            UseShellExecute = false,
            WorkingDirectory = command.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        try
        {
#pragma warning disable RS0030 // The one place that starts processes.
            var process = Process.Start(start);
#pragma warning restore RS0030
            return new RunningProcess(process ?? throw new InvalidOperationException("No process was started."));
        }
        catch (Exception exception) when (exception is Win32Exception or IOException or InvalidOperationException)
        {
            throw new ProcessException($"{Path.GetFileName(command.FileName)} could not be started: {exception.Message}", exception);
        }
    }

    private static List<string> BuildArguments(ProcessCommand command)
    {
        // setsid replaces itself by the program, so the process id stays: it is the number of the group to kill.
        List<string> arguments = [Require("setsid", "util-linux")];
        if (command.Account is { DropsFromRoot: true } account)
        {
            arguments.AddRange(
            [
                Require("setpriv", "util-linux"),
                string.Create(CultureInfo.InvariantCulture, $"--reuid={account.UserId}"),
                string.Create(CultureInfo.InvariantCulture, $"--regid={account.GroupId}"),
                "--clear-groups",
                "--inh-caps=-all",
                "--no-new-privs",
                "--",
            ]);
        }

        arguments.Add(Require(command.FileName, Path.GetFileName(command.FileName)));
        arguments.AddRange(command.Arguments);
        return arguments;
    }

    private static string Require(string program, string package) => HostPrograms.Find(program)
        ?? throw new ProcessException($"The program {program} is not installed. Install it, for example with: sudo apt-get install {package}");

    private static async Task WriteInputAsync(RunningProcess process, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = process.Input;
            await stream.WriteAsync(input, cancellationToken);
        }
        catch (IOException)
        {
            // The program ended or closed its input without wanting all of it.
        }
    }

    /// <summary>Hands the output on until it ends or passes the cap.</summary>
    /// <returns>True when it passed the cap.</returns>
    private static async Task<bool> ReadOutputAsync(RunningProcess process, long maxBytes, Func<ReadOnlyMemory<byte>, ValueTask> onOutput, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            var total = 0L;
            int count;
            while ((count = await process.Output.ReadAsync(buffer, cancellationToken)) > 0)
            {
                var allowed = (int)Math.Min(count, maxBytes - total);
                total += allowed;
                if (allowed > 0)
                {
                    await onOutput(buffer.AsMemory(0, allowed));
                }

                if (allowed < count)
                {
                    process.Kill();
                    return true;
                }
            }

            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task<string> ReadErrorAsync(RunningProcess process, CancellationToken cancellationToken)
    {
        var tail = new byte[MaxErrorBytes];
        var buffer = new byte[8 * 1024];
        var length = 0;
        int count;
        while ((count = await process.Error.ReadAsync(buffer, cancellationToken)) > 0)
        {
            var overflow = Math.Max(0, length + count - tail.Length);
            tail.AsSpan(overflow, length - overflow).CopyTo(tail);
            buffer.AsSpan(0, count).CopyTo(tail.AsSpan(length - overflow));
            length += count - overflow;
        }

        return Encoding.UTF8.GetString(tail, 0, length);
    }
}

using System.Diagnostics;

namespace CodexWeb.Agent.Sandboxes;

/// <summary>A program of the host that is running, in a session of its own. Disposing it kills it with its children.</summary>
public sealed class RunningProcess : IAsyncDisposable
{
    private readonly Process process;

    internal RunningProcess(Process process)
    {
        this.process = process;
        Exit = WaitAsync();
    }

    /// <summary>The process id, which is that of its session and process group too.</summary>
    public int Id => process.Id;

    /// <summary>Standard input; disposing it tells the program that there is no more.</summary>
    public Stream Input => process.StandardInput.BaseStream;

    /// <summary>Standard output.</summary>
    public Stream Output => process.StandardOutput.BaseStream;

    /// <summary>Standard error; somebody has to read it, or the program stops when the pipe is full.</summary>
    public Stream Error => process.StandardError.BaseStream;

    /// <summary>Completes when the program itself has ended, with its exit code (128 + the signal's number after a signal); its children may live on.</summary>
    public Task<int> Exit { get; }

    /// <summary>Kills the program and what it started, at once.</summary>
    public void Kill()
    {
        if (!Exit.IsCompleted)
        {
            try
            {
                // Children in sessions of their own are found by their parents, so before those die.
                process.Kill(entireProcessTree: true);
            }
            catch (Exception exception) when (exception is InvalidOperationException or AggregateException or System.ComponentModel.Win32Exception)
            {
                // It ended by itself meanwhile, or a child did.
            }
        }

        // The group outlives its leader while a member lives; with none left the number names nobody.
        _ = Libc.Kill(-process.Id, Libc.SigKill);
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await Exit;
        // The process does not close them itself.
        await Output.DisposeAsync();
        await Error.DisposeAsync();
        await CloseInputAsync();
        process.Dispose();
    }

    private async Task CloseInputAsync()
    {
        try
        {
            await Input.DisposeAsync();
        }
        catch (IOException)
        {
            // What was not sent yet has nobody to go to.
        }
    }

    private async Task<int> WaitAsync()
    {
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode;
    }
}

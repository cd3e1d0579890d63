using System.Globalization;
using System.Text;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Evaluation.Repositories;

/// <summary>Runs test commands, each in a new workspace and a new sandbox: nothing that an earlier process left, no shell it configured and no file it hid is there.</summary>
internal sealed class TestBench(RepositoryGround ground, TimeSpan timeout, TimeProvider time)
{
    private const int KeptOutput = 4096;

    /// <summary>Runs one on the files of a commit.</summary>
    /// <exception cref="SandboxException">The sandbox could not be started.</exception>
    public async Task<TestRun> RunAsync(string key, string baseCommit, string commit, string command, CancellationToken cancellationToken)
    {
        await using var place = await ground.EncloseAsync(key, baseCommit, commit, cancellationToken);
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var process = await place.Sandbox.StartAsync(new SandboxCommand { Script = command }, either.Token);
            var said = await TailAsync(process, either.Token);
            // The supervisor's word: process 1 of the sandbox, which what runs inside can neither end nor read nor write.
            var exit = await process.Exit.WaitAsync(either.Token);
            return new TestRun(exit.Code, TimedOut: false, said, exit switch
            {
                { Reason: { } reason } => reason,
                { Code: { } code } => string.Create(CultureInfo.InvariantCulture, $"Exit code {code}: {LastLines(said)}"),
                _ => string.Create(CultureInfo.InvariantCulture, $"Signal {exit.Signal} ended it: {LastLines(said)}"),
            });
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new TestRun(ExitCode: null, TimedOut: true, "", string.Create(CultureInfo.InvariantCulture, $"The test command did not end within {timeout.TotalSeconds:0.#} seconds."));
        }
    }

    private static async Task<string> TailAsync(SandboxProcess process, CancellationToken cancellationToken)
    {
        var kept = new List<byte>();
        await foreach (var chunk in process.Output.ReadAllAsync(cancellationToken))
        {
            kept.AddRange(chunk.Span);
            if (kept.Count > KeptOutput)
            {
                kept.RemoveRange(0, kept.Count - KeptOutput);
            }
        }

        return Encoding.UTF8.GetString([.. kept]);
    }

    private static string LastLines(string output)
    {
        var lines = output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return lines.Length == 0 ? "it said nothing" : string.Join(" | ", lines.TakeLast(4));
    }
}

/// <summary>How a test command ended.</summary>
/// <param name="ExitCode">Null when it was ended.</param>
/// <param name="Output">The end of its output.</param>
/// <param name="Said">Exit code and last lines of its output, or why it was ended.</param>
internal sealed record TestRun(int? ExitCode, bool TimedOut, string Output, string Said)
{
    /// <summary>True for the exit code 0.</summary>
    public bool Passed => ExitCode == 0;
}

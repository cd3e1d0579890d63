using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Data;
using CodexWeb.Evaluation.Functions;
using CodexWeb.Evaluation.Repositories;

namespace CodexWeb.Evaluation;

/// <summary>What trials stand on: sandboxes, and folders below the server's data folder.</summary>
internal sealed class TrialGround(ISandboxDriver driver, HostAccount account, WorkspacePaths paths, ProcessRunner runner, IGitCredentials credentials, TimeProvider time) : IDisposable
{
    private readonly Stack<IDisposable> _held = new();
    private bool _copyOnWrite;

    /// <summary>Looks whether sandboxes work here.</summary>
    /// <exception cref="EvaluationException">They do not; the message says what to do.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(paths.DataDirectory);
        var report = await driver.CheckAsync(cancellationToken);
        if (report.Checks.FirstOrDefault(static check => check is { Required: true, Passed: false }) is { } wall)
        {
            throw new EvaluationException($"Nothing is evaluated without a sandbox. {wall.Name}: {wall.Detail} {wall.Fix}");
        }

        _copyOnWrite = report.CopyOnWrite;
    }

    /// <summary>For functions to write.</summary>
    /// <param name="model">Null to try the problems' own solutions.</param>
    public ITrial Functions(EvaluatedModel? model, TimeSpan timeout, IProgress<string> progress)
    {
        // Read-only inside, and the same for all: nothing is ever written to it.
        var empty = Path.Combine(paths.Workspaces, "evaluation");
        account.MakeFolder(empty);
        return new FunctionTrial(model, new FunctionJudge(driver, empty, timeout, time), progress, time);
    }

    /// <summary>For work on repositories.</summary>
    /// <exception cref="EvaluationException">Another evaluation works with the same repositories.</exception>
    public ITrial Repositories(EvaluatedModel model, TimeSpan timeout, TimeSpan workTime, IProgress<string> progress)
    {
        var place = Path.Combine(paths.DataDirectory, "evaluation");
        try
        {
            _held.Push(DataFolderHold.Take(place));
        }
        catch (IOException exception)
        {
            throw new EvaluationException($"Evaluations of repositories run one after the other. {exception.Message}", exception);
        }

        var ground = new RepositoryGround(place, driver, account, runner, credentials, _copyOnWrite, time);
        _held.Push(ground);
        return new RepositoryTrial(model, ground, new RepositoryJudge(ground, new TestBench(ground, timeout, time)), workTime, progress, time);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_held.TryPop(out var held))
        {
            held.Dispose();
        }
    }
}

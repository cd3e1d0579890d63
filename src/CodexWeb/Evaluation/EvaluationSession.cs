using System.Text.Json;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Evaluation.Functions;
using CodexWeb.Models;

namespace CodexWeb.Evaluation;

/// <summary>One run of <c>CodexWeb eval</c>: reads the problems, tries them, writes what came of them.</summary>
public sealed class EvaluationSession(ModelCatalog catalog, ISandboxDriver driver, HostAccount account, WorkspacePaths paths, TimeProvider time)
{
    private static readonly TimeSpan FunctionTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Runs a plan, or goes on with it.</summary>
    /// <param name="output">Takes the results.</param>
    /// <param name="progress">Takes a line for each sample.</param>
    /// <returns>True when every sample was tried.</returns>
    /// <exception cref="EvaluationException">It cannot begin or go on; what was tried is kept.</exception>
    public async Task<bool> RunAsync(EvaluationPlan plan, TextWriter output, IProgress<string> progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(output);
        var file = await ProblemFile.ReadAsync(plan.Problems, cancellationToken);
        var model = plan.Reference ? null : EvaluatedModel.Find(catalog, plan.Model, plan.ReasoningEffort);
        await CheckSandboxAsync(cancellationToken);
        var timeout = plan.Timeout ?? FunctionTimeout;
        var identity = new EvaluationIdentity(file.Sha256, model?.Entry.Id ?? EvaluationIdentity.ReferenceModel, plan.ReasoningEffort, plan.Samples, timeout.TotalSeconds);
        using var folder = await EvaluationFolder.OpenAsync(plan.Output, identity, cancellationToken);
        var stopped = false;
        try
        {
            await new EvaluationRun(Trial(model, timeout, progress), file, folder, plan, progress).RunAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            stopped = true;
            progress.Report("Stopped. The same command goes on from here.");
        }

        var results = EvaluationResults.Of(file, identity, plan.Ks, folder.Samples, model?.Entry.Price);
        var json = JsonSerializer.Serialize(results, EvaluationJson.Default.EvaluationResults);
        await File.WriteAllTextAsync(Path.Combine(plan.Output, "results.json"), json + "\n", CancellationToken.None);
        await output.WriteLineAsync(plan.Json ? json : EvaluationTable.Write(results, plan.Output).TrimEnd());
        return results.Complete && !stopped;
    }

    private async Task CheckSandboxAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(paths.DataDirectory);
        var report = await driver.CheckAsync(cancellationToken);
        if (report.Checks.FirstOrDefault(static check => check is { Required: true, Passed: false }) is { } wall)
        {
            throw new EvaluationException($"Nothing is evaluated without a sandbox. {wall.Name}: {wall.Detail} {wall.Fix}");
        }
    }

    private FunctionTrial Trial(EvaluatedModel? model, TimeSpan timeout, IProgress<string> progress)
    {
        // Read-only inside, and the same for all: nothing is ever written to it.
        var empty = Path.Combine(paths.Workspaces, "evaluation");
        account.MakeFolder(empty);
        return new FunctionTrial(model, new FunctionJudge(driver, empty, timeout, time), progress, time);
    }
}

using System.Text.Json;
using CodexWeb.Models;

namespace CodexWeb.Evaluation;

/// <summary>One run of <c>CodexWeb eval</c>: reads the problems, tries them, writes what came of them.</summary>
/// <param name="services">Of an application, which need not be started.</param>
public sealed class EvaluationSession(IServiceProvider services)
{
    private static readonly TimeSpan FunctionTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RepositoryTimeout = TimeSpan.FromMinutes(10);

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
        var functions = file.Problems[0] is FunctionProblem;
        if (plan.Reference && !functions)
        {
            throw new EvaluationException("--reference tries the solutions that a HumanEval file holds; problems on repositories hold none.");
        }

        var model = plan.Reference ? null : EvaluatedModel.Find(services.GetRequiredService<ModelCatalog>(), plan.Model, plan.ReasoningEffort);
        using var ground = ActivatorUtilities.CreateInstance<TrialGround>(services);
        await ground.CheckAsync(cancellationToken);
        var timeout = plan.Timeout ?? (functions ? FunctionTimeout : RepositoryTimeout);
        var identity = new EvaluationIdentity(
            file.Sha256, model?.Entry.Id ?? EvaluationIdentity.ReferenceModel, plan.ReasoningEffort, plan.Samples, timeout.TotalSeconds, functions ? null : plan.WorkTime.TotalMinutes);
        using var folder = await EvaluationFolder.OpenAsync(plan.Output, identity, cancellationToken);
        var trial = functions ? ground.Functions(model, timeout, progress) : ground.Repositories(model!, timeout, plan.WorkTime, progress);
        var ended = await TryAsync(new EvaluationRun(trial, file, folder, plan, progress), progress, cancellationToken);

        var results = EvaluationResults.Of(file, identity, plan.Ks, folder.Samples, model?.Entry.Price);
        var json = JsonSerializer.Serialize(results, EvaluationJson.Default.EvaluationResults);
        await File.WriteAllTextAsync(Path.Combine(plan.Output, "results.json"), json + "\n", CancellationToken.None);
        await output.WriteLineAsync(plan.Json ? json : EvaluationTable.Write(results, plan.Output).TrimEnd());
        return results.Complete && ended;
    }

    private static async Task<bool> TryAsync(EvaluationRun run, IProgress<string> progress, CancellationToken cancellationToken)
    {
        try
        {
            await run.RunAsync(cancellationToken);
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            progress.Report("Stopped. The same command goes on from here.");
            return false;
        }
    }
}

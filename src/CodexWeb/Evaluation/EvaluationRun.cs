using System.Globalization;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Evaluation;

/// <summary>Tries what an evaluation has not tried yet, several samples at once.</summary>
internal sealed class EvaluationRun(ITrial trial, ProblemFile file, EvaluationFolder folder, EvaluationPlan plan, IProgress<string> progress)
{
    // So many in a row say that it is not the problems: a model that does not exist, a setting the provider does not take.
    private const int MostRefusals = 5;

    private readonly Lock _gate = new();
    private int _refused;
    private bool _answered;

    /// <summary>Goes on until every sample was tried.</summary>
    /// <exception cref="EvaluationException">It cannot go on. What was tried is kept.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var before = folder.Samples;
        var done = before.Where(static sample => sample.Outcome is not SampleOutcome.Error).Select(static sample => (sample.Problem, sample.Number)).ToHashSet();
        _answered = before.Any(static sample => sample.Outcome is not (SampleOutcome.Refused or SampleOutcome.Error));
        // First every problem once, so that an evaluation that is stopped says something about all of them.
        var waiting = Enumerable.Range(1, plan.Samples)
            .SelectMany(number => file.Problems.Select(problem => (Problem: problem, Number: number)))
            .Where(sample => !done.Contains((sample.Problem.Id, sample.Number)))
            .ToList();
        if (waiting.Count == 0)
        {
            return;
        }

        if (await trial.ObstacleAsync(cancellationToken) is { } obstacle)
        {
            throw new EvaluationException(obstacle);
        }

        var total = file.Problems.Count * plan.Samples;
        progress.Report(done.Count == 0 ? Sentence(0, total, "samples to try.") : Sentence(done.Count, total, "samples were tried before; going on."));
        var count = done.Count;
        await Parallel.ForEachAsync(waiting, new ParallelOptions { MaxDegreeOfParallelism = plan.Parallel, CancellationToken = cancellationToken }, async (next, stop) =>
        {
            var sample = await TryAsync(next.Problem, next.Number, stop);
            folder.Add(sample);
            progress.Report(Sentence(Interlocked.Increment(ref count), total, $"{sample.Problem} {EvaluationResults.Name(sample.Outcome)}"));
            Watch(sample);
        });
    }

    private static string Sentence(int count, int total, string what) => string.Create(CultureInfo.InvariantCulture, $"{count}/{total}  {what}");

    private async Task<Sample> TryAsync(Problem problem, int number, CancellationToken cancellationToken)
    {
        try
        {
            return await trial.RunAsync(problem, number, cancellationToken);
        }
        catch (SandboxException exception)
        {
            return new Sample(problem.Id, number, SampleOutcome.Error, exception.Message);
        }
    }

    private void Watch(Sample sample)
    {
        lock (_gate)
        {
            _answered |= sample.Outcome is not (SampleOutcome.Refused or SampleOutcome.Error);
            _refused += sample.Outcome is SampleOutcome.Refused or SampleOutcome.Error ? 1 : 0;
            if (!_answered && _refused >= MostRefusals)
            {
                throw new EvaluationException($"No sample could be had so far; the last reason: {sample.Detail} Mend that, delete the folder {plan.Output}, and begin again.");
            }
        }
    }
}

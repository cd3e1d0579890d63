using System.Globalization;
using CodexWeb.Agent.Protocol;
using CodexWeb.Models;

namespace CodexWeb.Evaluation;

/// <summary>What an evaluation found.</summary>
/// <param name="Problems">The problem file's name.</param>
/// <param name="Model"><c>provider/model</c>, or <c>reference</c>.</param>
/// <param name="Samples">Of each problem.</param>
/// <param name="Complete">True when every sample was tried; else the same command goes on.</param>
/// <param name="PassAt">pass@k by k: the mean over all problems, from 0 to 1. What was not tried counts as not passed.</param>
/// <param name="Outcomes">How many samples ended how.</param>
/// <param name="Usage">Tokens of all samples.</param>
/// <param name="Cost">In US dollars; null when the model's price is not known.</param>
/// <param name="PerProblem">In the file's order.</param>
public sealed record EvaluationResults(
    string Problems,
    string Model,
    int Samples,
    bool Complete,
    IReadOnlyDictionary<string, double> PassAt,
    IReadOnlyDictionary<string, int> Outcomes,
    TokenUsage Usage,
    decimal? Cost,
    IReadOnlyList<ProblemResult> PerProblem)
{
    /// <summary>Counts.</summary>
    internal static EvaluationResults Of(ProblemFile file, EvaluationIdentity identity, IReadOnlyList<int> ks, IReadOnlyList<Sample> samples, ModelPrice? price)
    {
        var tried = samples.ToLookup(static sample => sample.Problem, StringComparer.Ordinal);
        var problems = file.Problems.Select(problem => ProblemResult.Of(problem.Id, [.. tried[problem.Id].OrderBy(static sample => sample.Number)])).ToList();
        var usage = samples.Aggregate(default(TokenUsage), static (sum, sample) => sum + sample.Usage);
        return new EvaluationResults(
            file.Name,
            identity.Model,
            identity.Samples,
            problems.Sum(static problem => problem.Tried) == problems.Count * identity.Samples,
            ks.ToDictionary(static k => k.ToString(CultureInfo.InvariantCulture), k => problems.Average(problem => PassAtK.Estimate(identity.Samples, problem.Passed, k)), StringComparer.Ordinal),
            samples.CountBy(static sample => sample.Outcome).ToDictionary(static count => Name(count.Key), static count => count.Value, StringComparer.Ordinal),
            usage,
            price?.Of(usage),
            problems);
    }

    /// <summary>An outcome as files and tables name it.</summary>
    internal static string Name(SampleOutcome outcome) => outcome switch
    {
        SampleOutcome.NoCode => "no_code",
        SampleOutcome.TimedOut => "timeout",
        _ => outcome.ToString().ToLowerInvariant(),
    };
}

/// <summary>What came of one problem.</summary>
/// <param name="Passed">Samples that passed.</param>
/// <param name="Tried">Samples that were tried, with whatever outcome but <c>error</c>.</param>
/// <param name="NotPassed">The others, with their reasons.</param>
public sealed record ProblemResult(string Problem, int Passed, int Tried, IReadOnlyList<SampleFailure> NotPassed)
{
    internal static ProblemResult Of(string problem, IReadOnlyList<Sample> samples) => new(
        problem,
        samples.Count(static sample => sample.Outcome is SampleOutcome.Passed),
        samples.Count(static sample => sample.Outcome is not SampleOutcome.Error),
        [.. samples.Where(static sample => sample.Outcome is not SampleOutcome.Passed).Select(static sample => new SampleFailure(sample.Number, EvaluationResults.Name(sample.Outcome), sample.Detail))]);
}

/// <summary>A sample that did not pass.</summary>
/// <param name="Outcome">As in the file of samples.</param>
/// <param name="Detail">Why.</param>
public sealed record SampleFailure(int Number, string Outcome, string Detail);

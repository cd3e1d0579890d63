using System.Globalization;
using System.Text;

namespace CodexWeb.Evaluation;

/// <summary>Results as text for a terminal.</summary>
internal static class EvaluationTable
{
    private const int MostShown = 50;
    private const int LongestDetail = 160;

    // What stands apart is no answer of the model's that the tests found wrong.
    private static readonly (string Name, string Words)[] Order =
    [
        ("passed", "passed"), ("failed", "did not pass"), ("timeout", "ran out of time"), ("crashed", "crashed"), ("cheated", "took hold of its tests"), ("no_code", "without code"),
        ("refused", "refused by the provider"), ("unjudged", "of problems that cannot be used"), ("error", "could not be tried"),
    ];

    public static string Write(EvaluationResults results, string folder)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{results.Problems}: {Count(results.PerProblem.Count, "problem")}, {Count(results.Samples, "sample")} each, {results.Model}\n\n");
        foreach (var (k, value) in results.PassAt)
        {
            text.Append(CultureInfo.InvariantCulture, $"{"pass@" + k,-10} {value:0.000}\n");
        }

        text.Append('\n');
        foreach (var (name, words) in Order.Where(outcome => results.Outcomes.ContainsKey(outcome.Name)))
        {
            text.Append(CultureInfo.InvariantCulture, $"{results.Outcomes[name],6} {words}\n");
        }

        AppendFailures(text, results);
        if (results.Usage is { InputTokens: > 0 } or { OutputTokens: > 0 })
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{results.Usage.InputTokens:N0} tokens in ({results.Usage.CachedInputTokens:N0} cached), {results.Usage.OutputTokens:N0} out");
            text.Append(results.Cost is { } cost ? string.Create(CultureInfo.InvariantCulture, $", ${cost:0.00}\n") : "\n");
        }

        if (!results.Complete)
        {
            text.Append("\nNot every sample could be tried; those count as not passed. The same command tries them again.\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"\nEverything is in {folder}\n").ToString();
    }

    private static void AppendFailures(StringBuilder text, EvaluationResults results)
    {
        var failures = results.PerProblem.SelectMany(static problem => problem.NotPassed.Select(failure => (problem, failure))).ToList();
        if (failures.Count == 0)
        {
            return;
        }

        text.Append('\n');
        var width = failures.Take(MostShown).Max(static row => Plain(row.problem.Problem, 60).Length);
        foreach (var (problem, failure) in failures.Take(MostShown))
        {
            var row = string.Create(CultureInfo.InvariantCulture, $"{Plain(problem.Problem, 60).PadRight(width)}  {failure.Number,3}  {failure.Outcome,-8}  {Plain(failure.Detail, LongestDetail)}");
            text.Append(row.TrimEnd()).Append('\n');
        }

        if (failures.Count > MostShown)
        {
            text.Append(CultureInfo.InvariantCulture, $"… and {failures.Count - MostShown} more\n");
        }
    }

    // What a candidate or a problem file wrote must not steer the terminal.
    private static string Plain(string text, int longest)
    {
        var line = string.Concat(text.Select(static character => char.IsControl(character) ? ' ' : character)).Trim();
        return line.Length <= longest ? line : line[..longest] + "…";
    }

    private static string Count(int count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");
}

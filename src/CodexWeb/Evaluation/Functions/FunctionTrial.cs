using System.Globalization;
using CodexWeb.Agent;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Evaluation.Functions;

/// <summary>Asks a model for a function and judges what it wrote.</summary>
/// <param name="model">Null to try the problems' own solutions.</param>
internal sealed class FunctionTrial(EvaluatedModel? model, FunctionJudge judge, IProgress<string> progress, TimeProvider time) : ITrial
{
    private const string Instructions =
        """
        You complete Python programs. You are given the beginning of a file, which ends with the signature and the description of a function. Write that function so that it does
        what its description says for all inputs. Answer with one fenced Python code block that holds the complete function with its signature, and the imports it needs.
        """;

    /// <inheritdoc/>
    public Task<string?> ObstacleAsync(CancellationToken cancellationToken) => judge.ObstacleAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task<Sample> RunAsync(Problem problem, int number, CancellationToken cancellationToken)
    {
        var function = (FunctionProblem)problem;
        var begun = time.GetTimestamp();
        PlainAnswer answer;
        try
        {
            answer = await AskAsync(function, number, cancellationToken);
        }
        catch (ModelException failure) when (model is not null)
        {
            return new Sample(problem.Id, number, model.Outcome(failure), failure.Message, ModelSeconds: Seconds(begun));
        }

        var asked = Seconds(begun);
        begun = time.GetTimestamp();
        var judgement = await judge.JudgeAsync(function, CodeAnswer.Find(function, answer.Text), cancellationToken);
        var detail = answer.OutputLimitReached && judgement.Outcome is not SampleOutcome.Passed ? $"The answer was cut at the model's output limit. {judgement.Detail}" : judgement.Detail;
        return new Sample(problem.Id, number, judgement.Outcome, detail, answer.Text, answer.Usage, asked, Seconds(begun));
    }

    private async Task<PlainAnswer> AskAsync(FunctionProblem problem, int number, CancellationToken cancellationToken)
    {
        if (model is null)
        {
            return new PlainAnswer(problem.Solution ?? throw new EvaluationException($"The problem '{problem.Id}' has no canonical_solution, so --reference cannot try it."), default, OutputLimitReached: false);
        }

        var request = new ModelRequest(
            model.Entry.Name,
            model.ReasoningEffort,
            Instructions,
            [new ConversationEntry.User($"Complete the function `{problem.EntryPoint}`:\n\n```python\n{problem.Prompt.TrimEnd()}\n```")],
            [],
            string.Create(CultureInfo.InvariantCulture, $"evaluation-{number}"),
            model.Entry.Reasoning);
        return await PlainQuestion.AskAsync(
            model.Client,
            request,
            new AgentLimits(),
            (failure, wait) => progress.Report(string.Create(CultureInfo.InvariantCulture, $"{problem.Id}: {failure.Message} Asking again in {wait.TotalSeconds:0.#} s.")),
            time,
            cancellationToken);
    }

    private double Seconds(long begun) => Math.Round(time.GetElapsedTime(begun).TotalSeconds, 3);
}

using CodexWeb.Agent.Models;
using CodexWeb.Models;

namespace CodexWeb.Evaluation;

/// <summary>The model that is evaluated.</summary>
/// <param name="Entry">As the catalogue has it.</param>
/// <param name="Client">Where it is asked.</param>
/// <param name="ReasoningEffort">As the provider names it; null for its default.</param>
internal sealed record EvaluatedModel(ModelEntry Entry, IModelClient Client, string? ReasoningEffort)
{
    /// <summary>Finds a model.</summary>
    /// <param name="id">Null for the server's default.</param>
    /// <exception cref="EvaluationException">There is none of that name, or it is the demo.</exception>
    public static EvaluatedModel Find(ModelCatalog catalog, string? id, string? reasoningEffort)
    {
        var known = string.Join(", ", catalog.Models.Where(static model => !model.Demo).Select(static model => model.Id));
        var entry = id is null ? catalog.Default
            : catalog.Find(id) ?? throw new EvaluationException($"There is no model '{id}'. {(known.Length > 0 ? $"This server has {known}." : "This server has none: set OPENAI_API_KEY, or name a provider in the settings.")}");
        if (entry.Demo)
        {
            throw new EvaluationException(known.Length > 0
                ? $"The demo model is a script and cannot be evaluated. Name another with --model: {known}."
                : "The demo model is a script and cannot be evaluated. Set OPENAI_API_KEY, or name a provider in the settings.");
        }

        return new EvaluatedModel(entry, catalog.ClientOf(entry), reasoningEffort);
    }

    /// <summary>What a failed request means for the sample.</summary>
    /// <exception cref="EvaluationException">No other request would do better.</exception>
    public SampleOutcome Outcome(ModelException failure) => failure.Failure switch
    {
        ModelFailure.Denied or ModelFailure.QuotaExceeded or ModelFailure.Gone =>
            throw new EvaluationException($"The provider of {Entry.Id} does not let us ask it: {failure.Message} The samples so far are kept; the same command goes on from them.", failure),
        ModelFailure.Refused or ModelFailure.ContextTooLong => SampleOutcome.Refused,
        _ => SampleOutcome.Error,
    };
}

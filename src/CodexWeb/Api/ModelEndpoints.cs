using CodexWeb.Models;

namespace CodexWeb.Api;

/// <summary>The models tasks can be given to.</summary>
internal static class ModelEndpoints
{
    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/models", static (ModelCatalog models) => models.Models.Select(model => new ModelAnswer(
                model.Id,
                model.Provider,
                model.Label,
                string.Equals(model.Id, models.Default.Id, StringComparison.Ordinal),
                model.Demo,
                model.Reasoning,
                model.ContextWindow,
                model.Images)))
            .WithName("ListModels").WithTags("Models").WithSummary("The models, in the order they are offered");
}

/// <summary>A model.</summary>
/// <param name="Id">What a task names it by.</param>
/// <param name="Label">As people see it.</param>
/// <param name="Default">True for the one used when a task names none.</param>
/// <param name="Demo">True for the scripted demo model, which is not an AI.</param>
/// <param name="Reasoning">True when it takes a reasoning effort.</param>
/// <param name="ContextWindow">Tokens; null when not known.</param>
/// <param name="Images">True when it takes images.</param>
internal sealed record ModelAnswer(string Id, string Provider, string Label, bool Default, bool Demo, bool Reasoning, int? ContextWindow, bool Images);

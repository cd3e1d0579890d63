using CodexWeb.Agent.Models;

namespace CodexWeb.Models;

/// <summary>One provider as the catalogue knows it, from the settings or from the database.</summary>
/// <param name="Name">The first part of its models' ids.</param>
/// <param name="Api">See <see cref="ModelApi"/>.</param>
/// <param name="MaxConcurrent">Requests it is sent at once; null for no limit.</param>
/// <param name="Stored">True when it was added in the page.</param>
/// <param name="Problem">Why it cannot be used, a sentence; null when it can.</param>
internal sealed record ProviderConfiguration(string Name, ProviderEndpoint Endpoint, string Api, int? MaxConcurrent, IReadOnlyList<ModelEntry> Models, bool Stored, string? Problem = null)
{
    /// <summary>The provider of a section of the settings, or of the same in the database.</summary>
    public static ProviderConfiguration Of(ProviderOptions options, bool stored, string? problem = null) => new(
        options.Name,
        new ProviderEndpoint(new Uri(options.BaseUrl), options.ApiKey.Trim()),
        options.Api.ToLowerInvariant(),
        options.MaxConcurrent,
        [.. options.Models.Select(model => EntryOf(options.Name, model))],
        stored,
        problem);

    /// <summary>True when requests go the same way as before, so that a client can be kept.</summary>
    public bool GoesAs(ProviderConfiguration other) => (Name, Endpoint, Api, MaxConcurrent, Problem) == (other.Name, other.Endpoint, other.Api, other.MaxConcurrent, other.Problem);

    private static ModelEntry EntryOf(string provider, ModelOptions model)
    {
        var entry = new ModelEntry(
            $"{provider}/{model.Id}",
            provider,
            model.Id,
            string.IsNullOrWhiteSpace(model.Label) ? model.Id : model.Label,
            Demo: false,
            model.Reasoning,
            model.ContextWindow,
            model is { InputPrice: { } input, OutputPrice: { } output } ? new ModelPrice(input, model.CachedInputPrice ?? input, output) : null,
            model.Images);
        return model is { Reasoning: true, Efforts: { } efforts } ? entry with { Efforts = efforts } : entry;
    }
}

using CodexWeb.Agent.Protocol;

namespace CodexWeb.Models;

/// <summary>A model people can choose.</summary>
/// <param name="Id"><c>provider/model</c>, unique.</param>
/// <param name="Provider">The provider's name.</param>
/// <param name="Name">As the provider calls it.</param>
/// <param name="Label">As people see it.</param>
/// <param name="Demo">True for the scripted demo model, which is not an AI.</param>
/// <param name="Reasoning">True when it takes a reasoning effort.</param>
/// <param name="ContextWindow">Tokens; null when not known.</param>
/// <param name="Price">Null when not known.</param>
/// <param name="Images">True when it takes images; else it reads a line of text in place of each.</param>
public sealed record ModelEntry(string Id, string Provider, string Name, string Label, bool Demo, bool Reasoning, int? ContextWindow, ModelPrice? Price, bool Images = false)
{
    private static readonly string[] Usual = ["minimal", "low", "medium", "high", "xhigh"];

    /// <summary>The reasoning efforts to choose from, besides the provider's default; empty when it takes none.</summary>
    public IReadOnlyList<string> Efforts { get; init; } = Reasoning ? Usual : [];
}

/// <summary>Prices for a million tokens, in US dollars.</summary>
public sealed record ModelPrice(decimal Input, decimal CachedInput, decimal Output)
{
    /// <summary>The price of some tokens, in US dollars.</summary>
    public decimal Of(TokenUsage usage) =>
        ((usage.InputTokens - usage.CachedInputTokens) * Input + usage.CachedInputTokens * CachedInput + usage.OutputTokens * Output) / 1_000_000m;
}

using CodexWeb.Models.Demo;
using Microsoft.Extensions.Options;

namespace CodexWeb.Models;

/// <summary>The providers that stand in the settings, checked. They are read at the start and cannot be changed in the page.</summary>
internal static class FixedProviders
{
    /// <summary>The providers in the order they are offered, that of <c>OPENAI_API_KEY</c> last.</summary>
    /// <exception cref="OptionsValidationException">Two providers or two models of one have one name, or an address is none.</exception>
    public static IReadOnlyList<ProviderOptions> Of(ModelsOptions options, IConfiguration configuration)
    {
        var providers = options.Providers.ToList();
        if (configuration["OPENAI_API_KEY"] is { Length: > 0 } key)
        {
            providers.Add(OpenAI(key, configuration["OPENAI_BASE_URL"]));
        }

        return FindErrors(providers).ToList() is { Count: > 0 } errors ? throw new OptionsValidationException(ModelsOptions.Section, typeof(ModelsOptions), errors) : providers;
    }

    private static IEnumerable<string> FindErrors(IReadOnlyList<ProviderOptions> providers)
    {
        foreach (var name in providers.Select(provider => provider.Name).Append(DemoModel.Provider).GroupBy(name => name, StringComparer.Ordinal).Where(same => same.Count() > 1))
        {
            yield return $"Models:Providers: '{name.Key}' is the name of more than one. Give each a name of its own; 'openai' is taken where OPENAI_API_KEY is set, '{DemoModel.Provider}' always.";
        }

        foreach (var provider in providers)
        {
            if (!Uri.TryCreate(provider.BaseUrl, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            {
                yield return $"The address of the model provider '{provider.Name}' (OPENAI_BASE_URL, or BaseUrl in Models:Providers) must be a whole one, such as {new ProviderOptions().BaseUrl}.";
            }

            foreach (var id in provider.Models.GroupBy(model => model.Id, StringComparer.Ordinal).Where(same => same.Count() > 1))
            {
                yield return $"Models:Providers: '{provider.Name}' has the model '{id.Key}' more than once. Name each once.";
            }
        }
    }

    // What the key alone makes: the models that the provider recommends for code.
    private static ProviderOptions OpenAI(string key, string? address) => new()
    {
        Name = "openai",
        ApiKey = key,
        BaseUrl = string.IsNullOrWhiteSpace(address) ? new ProviderOptions().BaseUrl : address,
        Models =
        [
            new() { Id = "gpt-5.5", Label = "GPT-5.5", ContextWindow = 272_000 },
            new() { Id = "gpt-5.5-mini", Label = "GPT-5.5 mini", ContextWindow = 272_000 },
        ],
    };
}

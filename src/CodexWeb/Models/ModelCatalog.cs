using System.Collections.Concurrent;
using CodexWeb.Agent.Models;
using CodexWeb.Models.Demo;
using Microsoft.Extensions.Options;

namespace CodexWeb.Models;

/// <summary>The models of this server: those of the settings, the one of <c>OPENAI_API_KEY</c>, and the scripted demo.</summary>
public sealed class ModelCatalog
{
    private readonly ConcurrentDictionary<string, IModelClient> _clients = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ModelEntry> _entries;
    private readonly Dictionary<string, ProviderEndpoint> _providers;
    private readonly DemoModelAddress _demo;
    private readonly TimeProvider _time;

    /// <summary>Reads the settings.</summary>
    /// <exception cref="OptionsValidationException">Two providers or two models of one have one name, an address is none, or the default is none of the models.</exception>
    public ModelCatalog(IOptions<ModelsOptions> options, IConfiguration configuration, DemoModelAddress demo, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(configuration);
        (_demo, _time) = (demo, time);
        var providers = options.Value.Providers.ToList();
        if (configuration["OPENAI_API_KEY"] is { Length: > 0 } key)
        {
            providers.Add(OpenAI(key, configuration["OPENAI_BASE_URL"]));
        }

        if (FindErrors(providers).ToList() is { Count: > 0 } errors)
        {
            throw new OptionsValidationException(ModelsOptions.Section, typeof(ModelsOptions), errors);
        }

        _providers = providers.ToDictionary(p => p.Name, p => new ProviderEndpoint(new Uri(p.BaseUrl), p.ApiKey), StringComparer.Ordinal);
        Models = [.. providers.SelectMany(p => p.Models.Select(m => Entry(p, m))), DemoEntry];
        _entries = Models.ToDictionary(m => m.Id, StringComparer.Ordinal);
        Default = options.Value.Default is { Length: > 0 } id
            ? Find(id) ?? throw new OptionsValidationException(ModelsOptions.Section, typeof(ModelsOptions), [$"Models:Default is '{id}', which is none of the models: {string.Join(", ", _entries.Keys)}."])
            : Models[0];
    }

    /// <summary>The scripted demo model, which every server has.</summary>
    public static ModelEntry DemoEntry { get; } = new($"{DemoModel.Provider}/{DemoModel.Name}", DemoModel.Provider, DemoModel.Name, DemoModel.Label, Demo: true, Reasoning: false, DemoModel.ContextWindow, Price: null);

    /// <summary>All models in the order they are offered; never empty.</summary>
    public IReadOnlyList<ModelEntry> Models { get; }

    /// <summary>The one that is used when nobody chose.</summary>
    public ModelEntry Default { get; }

    /// <summary>The model of an id, or null.</summary>
    public ModelEntry? Find(string id) => _entries.GetValueOrDefault(id);

    /// <summary>Where a model is asked.</summary>
    /// <exception cref="ModelException">It is the demo, and the server does not listen yet.</exception>
    public ProviderEndpoint EndpointOf(ModelEntry model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Demo
            ? new ProviderEndpoint(_demo.BaseUrl ?? throw new ModelException(ModelFailure.Unavailable, "The demo model answers once the server listens."), DemoModel.ApiKey)
            : _providers[model.Provider];
    }

    /// <summary>The client of a model; one for each provider.</summary>
    /// <inheritdoc cref="EndpointOf" path="/exception"/>
    public IModelClient ClientOf(ModelEntry model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return _clients.GetOrAdd(model.Provider, static (_, of) => new ResponsesModelClient(of.Catalog.EndpointOf(of.Model), of.Catalog._time), (Catalog: this, Model: model));
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

    private static ModelEntry Entry(ProviderOptions provider, ModelOptions model) => new(
        $"{provider.Name}/{model.Id}",
        provider.Name,
        model.Id,
        model.Label ?? model.Id,
        Demo: false,
        model.Reasoning,
        model.ContextWindow,
        model is { InputPrice: { } input, OutputPrice: { } output } ? new ModelPrice(input, model.CachedInputPrice ?? input, output) : null) { Images = model.Images };
}

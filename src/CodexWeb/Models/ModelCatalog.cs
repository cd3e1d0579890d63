using CodexWeb.Agent.Models;
using CodexWeb.Models.Demo;
using Microsoft.Extensions.Options;

namespace CodexWeb.Models;

/// <summary>
/// The models of this server: those of the settings, the one of <c>OPENAI_API_KEY</c>, those that were added in the page, and the scripted demo.
/// What it says is of one moment: it changes when providers are added, changed or removed.
/// </summary>
public sealed class ModelCatalog
{
    private readonly Lock _changing = new();
    private readonly IReadOnlyList<ProviderConfiguration> _fixed;
    private readonly string? _defaultOfSettings;
    private readonly DemoModelAddress _demo;
    private readonly TimeProvider _time;
    private volatile Moment _now;

    /// <summary>Reads the settings.</summary>
    /// <exception cref="OptionsValidationException">Two providers or two models of one have one name, an address is none, or the default is none of the models.</exception>
    public ModelCatalog(IOptions<ModelsOptions> options, IConfiguration configuration, DemoModelAddress demo, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(configuration);
        (_demo, _time) = (demo, time);
        var providers = FixedProviders.Of(options.Value, configuration);
        _fixed = [.. providers.Select(static provider => ProviderConfiguration.Of(provider, stored: false))];
        _defaultOfSettings = options.Value.Default is { Length: > 0 } id ? id : null;
        _now = Moment.Of(_fixed, [], null, _defaultOfSettings, _time);
        if (_defaultOfSettings is { } wanted && Find(wanted) is null && !MayComeFromThePage(wanted))
        {
            throw new OptionsValidationException(ModelsOptions.Section, typeof(ModelsOptions), [$"Models:Default is '{wanted}', which is none of the models: {string.Join(", ", Models.Select(static model => model.Id))}."]);
        }
    }

    /// <summary>The models are others now. Raised on whatever thread changed them.</summary>
    public event EventHandler? Changed;

    /// <summary>The scripted demo model, which every server has.</summary>
    public static ModelEntry DemoEntry { get; } =
        new($"{DemoModel.Provider}/{DemoModel.Name}", DemoModel.Provider, DemoModel.Name, DemoModel.Label, Demo: true, Reasoning: false, DemoModel.ContextWindow, Price: null, Images: false);

    /// <summary>All models in the order they are offered; never empty.</summary>
    public IReadOnlyList<ModelEntry> Models => _now.Models;

    /// <summary>The one that is used when nobody chose.</summary>
    public ModelEntry Default => _now.Default;

    /// <summary>The providers of the settings and of the page, in the order of their models; the demo is none of them.</summary>
    internal IReadOnlyList<ProviderConfiguration> Providers => _now.Providers;

    /// <summary>The model of an id, or null.</summary>
    public ModelEntry? Find(string id) => _now.Entries.GetValueOrDefault(id);

    /// <summary>Where a model is asked.</summary>
    /// <exception cref="ModelException">It is the demo, and the server does not listen yet; or its provider is gone.</exception>
    public ProviderEndpoint EndpointOf(ModelEntry model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Demo ? DemoEndpoint() : ClientOf(model.Provider).Provider.Endpoint;
    }

    /// <summary>
    /// The client of a model. It goes by the provider as it stands at each request: a change of its address or key counts from the next one on, and when it is removed
    /// the next one fails with <see cref="ModelFailure.Gone"/>.
    /// </summary>
    /// <inheritdoc cref="EndpointOf" path="/exception"/>
    public IModelClient ClientOf(ModelEntry model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Demo ? new ResponsesModelClient(DemoEndpoint(), _time) : new CurrentClient(this, model.Provider);
    }

    /// <summary>Takes over what was added in the page.</summary>
    /// <param name="defaultId">The model chosen there; null for the one of the settings.</param>
    internal void Replace(IReadOnlyList<ProviderConfiguration> stored, string? defaultId)
    {
        lock (_changing)
        {
            _now = Moment.Of([.. _fixed, .. stored], _now.Clients, defaultId, _defaultOfSettings, _time);
        }

        Changed?.Invoke(this, EventArgs.Empty);
    }

    // Providers that were added in the page are read after the settings.
    private bool MayComeFromThePage(string id) => id.Split('/', 2) is [var provider, _] && _fixed.Select(static known => known.Name).Append(DemoModel.Provider).All(name => name != provider);

    private ProviderEndpoint DemoEndpoint() =>
        new(_demo.BaseUrl ?? throw new ModelException(ModelFailure.Unavailable, "The demo model answers once the server listens."), DemoModel.ApiKey);

    private ProviderClient ClientOf(string provider) => _now.Clients.FirstOrDefault(client => string.Equals(client.Provider.Name, provider, StringComparison.Ordinal))
        ?? throw new ModelException(ModelFailure.Gone, $"The model provider '{provider}' was removed from the settings.");

    private sealed class CurrentClient(ModelCatalog catalog, string provider) : IModelClient
    {
        public IAsyncEnumerable<ModelUpdate> StreamAsync(ModelRequest request, CancellationToken cancellationToken) => catalog.ClientOf(provider).StreamAsync(request, cancellationToken);
    }

    private sealed record Moment(IReadOnlyList<ModelEntry> Models, ModelEntry Default, IReadOnlyList<ProviderConfiguration> Providers, IReadOnlyList<ProviderClient> Clients)
    {
        public IReadOnlyDictionary<string, ModelEntry> Entries { get; } = Models.ToDictionary(static model => model.Id, StringComparer.Ordinal);

        public static Moment Of(IReadOnlyList<ProviderConfiguration> providers, IReadOnlyList<ProviderClient> before, string? chosen, string? usual, TimeProvider time)
        {
            IReadOnlyList<ModelEntry> models = [.. providers.SelectMany(static provider => provider.Models), DemoEntry];
            // What a server refused, and who waits for a place there, outlives a change that does not concern the way to it.
            IReadOnlyList<ProviderClient> clients = [.. providers.Select(provider => before.FirstOrDefault(client => client.Provider.GoesAs(provider)) ?? new ProviderClient(provider, time))];
            return new Moment(models, Find(chosen) ?? Find(usual) ?? models[0], providers, clients);

            ModelEntry? Find(string? id) => models.FirstOrDefault(model => string.Equals(model.Id, id, StringComparison.Ordinal));
        }
    }
}

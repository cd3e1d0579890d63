using CodexWeb.Agent.Models;
using CodexWeb.Models;
using CodexWeb.Tests.Data;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CodexWeb.Tests.Models;

/// <summary>The model settings of a server with a real database, without the rest of it.</summary>
internal sealed class ProviderRig : IAsyncDisposable
{
    private readonly EphemeralDataProtectionProvider _protection = new();

    private ProviderRig(TestDatabase database, ModelsOptions options, TimeProvider time)
    {
        Database = database;
        Catalog = CatalogOf(options, time);
        Stored = new StoredProviders(database, database.Gate, Catalog, _protection, time);
        Providers = new ModelProviders(Stored, Catalog);
        Trial = new ProviderTrial(Providers, Catalog, time);
    }

    public TestDatabase Database { get; }

    public ModelCatalog Catalog { get; }

    public StoredProviders Stored { get; }

    public ModelProviders Providers { get; }

    public ProviderTrial Trial { get; }

    public static async Task<ProviderRig> StartAsync(ModelsOptions? options = null, TimeProvider? time = null)
    {
        var database = new TestDatabase();
        await database.InitializeAsync();
        return new ProviderRig(database, options ?? new ModelsOptions(), time ?? TimeProvider.System);
    }

    /// <summary>A server that starts anew on the same database.</summary>
    /// <param name="keysLost">True when its encryption keys are others.</param>
    public async Task<ModelCatalog> RestartAsync(bool keysLost = false)
    {
        var catalog = CatalogOf(new ModelsOptions(), TimeProvider.System);
        await new StoredProviders(Database, Database.Gate, catalog, keysLost ? new EphemeralDataProtectionProvider() : _protection, TimeProvider.System).LoadAsync(CancellationToken.None);
        return catalog;
    }

    public static ProviderForm Form(Uri address, string api = ModelApi.Chat, string? key = "key-1", int? maxConcurrent = null, string name = "local") =>
        new(name, address.AbsoluteUri, api, key, maxConcurrent, [new ModelOptions { Id = "test-model" }]);

    public static ModelRequest Request() => ChatClientRig.Request();

    public async ValueTask DisposeAsync() => await Database.DisposeAsync();

    private static ModelCatalog CatalogOf(ModelsOptions options, TimeProvider time) => new(
        Options.Create(options), new ConfigurationBuilder().Build(), new DemoModelAddress(new ServiceCollection().BuildServiceProvider().GetService<IServer>()!), time);
}

using CodexWeb.Models.Demo;

namespace CodexWeb.Models;

/// <summary>Registers the models.</summary>
public static class ModelServices
{
    /// <summary>Adds the <see cref="ModelCatalog"/>, the <see cref="ModelProviders"/> and the demo model.</summary>
    public static IServiceCollection AddModels(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ModelsOptions>().BindConfiguration(ModelsOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<DemoModelAddress>();
        services.AddSingleton<ModelCatalog>();
        services.AddSingleton<StoredProviders>();
        services.AddSingleton<ModelProviders>();
        services.AddSingleton<ProviderTrial>();
        return services.AddDemoModel(configuration);
    }
}

using CodexWeb.Environments;

namespace CodexWeb.Repositories;

/// <summary>Registers repositories and their environments.</summary>
public static class RepositoryServices
{
    /// <summary>Adds the catalogues, and the sample repository of the first start.</summary>
    public static IServiceCollection AddRepositories(this IServiceCollection services) => services
        .AddSingleton<RepositoryCatalog>()
        .AddSingleton<EnvironmentCatalog>()
        .AddHostedService<FirstStart>();
}

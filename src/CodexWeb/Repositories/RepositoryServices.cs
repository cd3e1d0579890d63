using CodexWeb.Environments;
using CodexWeb.GitHosts;

namespace CodexWeb.Repositories;

/// <summary>Registers repositories and their environments.</summary>
public static class RepositoryServices
{
    /// <summary>Adds the catalogues, and the sample repository of the first start.</summary>
    public static IServiceCollection AddRepositories(this IServiceCollection services) => services
        .AddRepositoryHosts()
        .AddSingleton<RepositoryCatalog>()
        .AddEnvironments()
        .AddHostedService<FirstStart>();
}

using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CodexWeb.GitHosts;

/// <summary>The hosts there are. A repository's address says which one keeps it.</summary>
public sealed class RepositoryHosts(PlainGit plain, IEnumerable<IGitHost> hosts)
{
    private readonly IReadOnlyList<IGitHost> _hosts = [.. hosts];

    /// <summary>The host of an address: one that knows it as its own, else plain Git.</summary>
    public IGitHost For(string url) => _hosts.FirstOrDefault(host => host.Owns(url)) ?? plain;
}

/// <summary>Registers the hosts of repositories.</summary>
public static class RepositoryHostServices
{
    /// <summary>Adds plain Git; other hosts register themselves as <see cref="IGitHost"/>.</summary>
    public static IServiceCollection AddRepositoryHosts(this IServiceCollection services)
    {
        services.TryAddSingleton<PlainGit>();
        services.TryAddSingleton<RepositoryHosts>();
        return services;
    }
}

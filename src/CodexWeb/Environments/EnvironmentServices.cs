using CodexWeb.Agent.Sandboxes.Egress;
using Microsoft.Extensions.Options;

namespace CodexWeb.Environments;

/// <summary>Registers environments and what belongs to them.</summary>
public static class EnvironmentServices
{
    /// <summary>Adds the catalogues, and what tries an environment.</summary>
    public static IServiceCollection AddEnvironments(this IServiceCollection services)
    {
        services.AddOptions<McpOptions>().BindConfiguration(McpOptions.Section);
        return services
            .AddSingleton(static provider => new EgressPolicy(provider.GetRequiredService<IOptions<McpOptions>>().Value.AllowedPrivateHosts))
            .AddSingleton<McpSecrets>()
            .AddSingleton<McpServerIntake>()
            .AddSingleton<McpServerSpecs>()
            .AddSingleton<McpServerCatalog>()
            .AddSingleton<EnvironmentCatalog>()
            .AddSingleton<EnvironmentSandboxes>()
            .AddSingleton<McpTrials>();
    }
}

namespace CodexWeb.Health;

/// <summary>Registers the doctor.</summary>
public static class HealthServices
{
    /// <summary>Adds the <see cref="Doctor"/> and what it looks at.</summary>
    public static IServiceCollection AddHealth(this IServiceCollection services)
    {
        services.AddSingleton<IHealthProbe, SandboxProbe>();
        services.AddSingleton<IHealthProbe, GitProbe>();
        services.AddSingleton<IHealthProbe, DataFolderProbe>();
        services.AddSingleton<IHealthProbe, DatabaseProbe>();
        services.AddSingleton<IHealthProbe, ModelProbe>();
        services.AddSingleton<IHealthProbe, GitHubProbe>();
        services.AddSingleton<Doctor>();
        return services.AddHostedService(provider => provider.GetRequiredService<Doctor>());
    }
}

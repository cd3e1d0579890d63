using System.Net;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>Registers the GitHub client.</summary>
public static class GitHubServices
{
    /// <summary>Adds the settings and the classes of GitHub's endpoints.</summary>
    public static IServiceCollection AddGitHubClient(this IServiceCollection services)
    {
        services.AddOptions<GitHubOptions>().BindConfiguration(GitHubOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddHttpClient(GitHubSender.ClientName, static client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(static provider => Connections(provider.GetRequiredService<GitHubAddresses>()))
            // Connections are renewed by their own lifetime.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            // They would write every address into the log.
            .RemoveAllLoggers();
        services.AddSingleton<GitHubAddresses>();
        services.AddSingleton<GitHubAnswerCache>();
        services.AddSingleton<GitHubLimits>();
        services.AddSingleton<GitHubRefusals>();
        services.AddSingleton<GitHubSender>();
        services.AddSingleton(static provider => new GitHubHttp(
            provider.GetRequiredService<GitHubSender>(), provider.GetRequiredService<GitHubAddresses>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<GitHubHttp>>()));
        services.AddSingleton<GitHubGraphQl>();
        services.AddSingleton<GitHubUsers>();
        services.AddSingleton<GitHubRepositories>();
        services.AddSingleton<GitHubPulls>();
        services.AddSingleton<GitHubChecks>();
        services.AddSingleton<GitHubIssues>();
        services.AddSingleton<GitHubApps>();
        return services.AddSingleton<GitHubOAuth>();
    }

    // A redirect is followed by GitHubSender, which knows where the token may go. HTTP_PROXY is meant for the outside, not for this machine.
    private static SocketsHttpHandler Connections(GitHubAddresses addresses) => new()
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.All,
        ConnectTimeout = GitHubSender.LongestConnect,
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        UseCookies = false,
        UseProxy = !addresses.Api.IsLoopback,
    };
}

using CodexWeb.Agent.Workspaces;
using CodexWeb.GitHosts.Webhooks;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>Registers the connections to GitHub.</summary>
public static class GitHubAccessServices
{
    /// <summary>Adds tokens, connections, and GitHub as a host of repositories. Needs the client: <see cref="GitHubServices.AddGitHubClient"/>.</summary>
    public static IServiceCollection AddGitHubAccess(this IServiceCollection services)
    {
        services.AddSingleton<GitHubSecrets>();
        services.AddSingleton<GitHubAppStore>();
        services.AddSingleton<GitHubAppAccess>();
        services.AddSingleton<GitHubInstallationAccess>();
        services.AddSingleton<GitHubAccountStore>();
        services.AddSingleton<GitHubAccountAccess>();
        services.AddSingleton<GitHubRoutes>();
        services.AddSingleton<GitHubAccess>();
        services.AddSingleton<GitHubConsents>();
        services.AddSingleton<GitHubKnownRepositories>();
        services.AddSingleton<GitHubConnections>();
        services.AddSingleton<GitHubFlows>();
        services.AddSingleton<GitHubNotices>();
        services.AddSingleton<GitHubSignIn>();
        services.AddSingleton<GitHubAppSetup>();
        services.AddSingleton<GitHubOverviews>();
        services.AddSingleton<GitHubReachableCache>();
        services.AddSingleton<GitHubReachable>();
        services.AddTransient<RefusedTokenHandler>();
        services.AddHttpClient(GitHubSender.ClientName).AddHttpMessageHandler<RefusedTokenHandler>();
        services.AddSingleton<IWebhookHandler, ConnectionWebhooks>();
        services.AddSingleton<IGitCredentials, GitHubGitCredentials>();
        return services.AddSingleton<IGitHost, GitHubGit>();
    }
}

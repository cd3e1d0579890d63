using CodexWeb.Agent.Workspaces;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>Registers the connections to GitHub.</summary>
public static class GitHubAccessServices
{
    /// <summary>Adds tokens, connections, and GitHub as a host of repositories. Needs the client: <see cref="GitHubServices.AddGitHubClient"/>.</summary>
    public static IServiceCollection AddGitHubAccess(this IServiceCollection services)
    {
        services.AddSingleton<GitHubSecrets>();
        services.AddSingleton<GitHubAppAccess>();
        services.AddSingleton<GitHubInstallationAccess>();
        services.AddSingleton<GitHubAccountStore>();
        services.AddSingleton<GitHubAccountAccess>();
        services.AddSingleton<GitHubRoutes>();
        services.AddSingleton<GitHubAccess>();
        services.AddTransient<RefusedTokenHandler>();
        services.AddHttpClient(GitHubSender.ClientName).AddHttpMessageHandler<RefusedTokenHandler>();
        services.AddSingleton<IGitCredentials, GitHubGitCredentials>();
        return services.AddSingleton<IGitHost, GitHubGit>();
    }
}

using CodexWeb.Attempts;
using CodexWeb.GitHosts;
using CodexWeb.GitHosts.Webhooks;

namespace CodexWeb.Review;

/// <summary>Registers the review.</summary>
public static class ReviewServices
{
    /// <summary>Adds what reads, shows and pushes changes.</summary>
    public static IServiceCollection AddReview(this IServiceCollection services) => services
        .AddSingleton<ReviewedDiffs>()
        .AddSingleton<OutputIndexes>()
        .AddSingleton<IPatchReader, PatchReader>()
        .AddSingleton<HunkCommands>()
        .AddRepositoryHosts()
        .AddSingleton<BranchCommits>()
        .AddSingleton<BranchPush>();

    /// <summary>Adds pull requests: opened, followed and kept green. Needs the review and the GitHub client.</summary>
    public static IServiceCollection AddPullRequests(this IServiceCollection services) => services
        .AddSingleton<PullRequestTargets>()
        .AddSingleton<PullRequestProposals>()
        .AddSingleton<PullRequestOpening>()
        .AddSingleton<PullRequestReader>()
        .AddSingleton<PullRequestSync>()
        .AddSingleton<PullRequests>()
        .AddSingleton<BaseMerges>()
        .AddSingleton<KeepGreenFindings>()
        .AddSingleton<KeepGreen>()
        .AddSingleton<PullRequestPolling>()
        .AddSingleton<PullRequestKeeper>()
        .AddSingleton<IWebhookHandler, PullRequestWebhooks>()
        .AddHostedService(provider => provider.GetRequiredService<PullRequestPolling>())
        .AddHostedService(provider => provider.GetRequiredService<PullRequestKeeper>());
}

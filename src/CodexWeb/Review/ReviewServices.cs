using CodexWeb.GitHosts;

namespace CodexWeb.Review;

/// <summary>Registers the review.</summary>
public static class ReviewServices
{
    /// <summary>Adds what reads, shows and pushes changes.</summary>
    public static IServiceCollection AddReview(this IServiceCollection services) => services
        .AddSingleton<ReviewedDiffs>()
        .AddSingleton<OutputIndexes>()
        .AddRepositoryHosts()
        .AddSingleton<BranchCommits>()
        .AddSingleton<BranchPush>();
}

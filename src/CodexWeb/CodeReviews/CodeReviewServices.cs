using CodexWeb.GitHosts.Webhooks;

namespace CodexWeb.CodeReviews;

/// <summary>Registers reviews of pull requests.</summary>
public static class CodeReviewServices
{
    /// <summary>Adds commands, queries, and what carries reviews to GitHub and follows what becomes of them.</summary>
    public static IServiceCollection AddCodeReviews(this IServiceCollection services)
    {
        services.AddSingleton<ReviewHost>();
        services.AddSingleton<ReviewCommits>();
        services.AddSingleton<FindingFixes>();
        services.AddSingleton<CodeReviewCommands>();
        services.AddSingleton<CodeReviewQueries>();
        services.AddSingleton<ReviewFeed>();
        services.AddSingleton<EarlierFindings>();
        services.AddSingleton<ReviewResults>();
        services.AddSingleton<ReviewPosting>();
        services.AddSingleton<CodeReviewSync>();
        services.AddSingleton<CodeReviewWork>();
        services.AddSingleton<ReviewPolling>();
        services.AddSingleton<IWebhookHandler, ReviewWebhooks>();
        services.AddHostedService(static provider => provider.GetRequiredService<CodeReviewWork>());
        return services.AddHostedService(static provider => provider.GetRequiredService<ReviewPolling>());
    }
}

using CodexWeb.GitHosts.Webhooks;

namespace CodexWeb.CodeReviews;

/// <summary>Registers what mentions at GitHub start.</summary>
public static class MentionServices
{
    /// <summary>Adds it to what acts upon webhooks, and what tells the end.</summary>
    public static IServiceCollection AddMentions(this IServiceCollection services)
    {
        services.AddSingleton<MentionLinks>();
        services.AddSingleton<MentionComments>();
        services.AddSingleton<MentionTurns>();
        services.AddSingleton<MentionActions>();
        services.AddSingleton<MentionEnds>();
        services.AddSingleton<IWebhookHandler, MentionWebhooks>();
        return services.AddHostedService<MentionReports>();
    }
}

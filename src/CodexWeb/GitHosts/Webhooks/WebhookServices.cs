namespace CodexWeb.GitHosts.Webhooks;

/// <summary>Registers what takes webhooks and acts upon them, and maps their address.</summary>
public static class WebhookServices
{
    /// <summary>Where GitHub sends webhooks.</summary>
    public const string Path = "/github/webhooks";

    /// <summary>Adds receiver and queue. The secrets come from <see cref="GitHub.GitHubAppAccess"/>. What acts upon deliveries is added as <see cref="IWebhookHandler"/> by the capability it belongs to.</summary>
    public static IServiceCollection AddWebhooks(this IServiceCollection services)
    {
        services.AddSingleton<WebhookBodies>();
        services.AddSingleton<WebhookSignal>();
        services.AddSingleton<WebhookInbox>();
        services.AddSingleton<WebhookReceiver>();
        services.AddSingleton<WebhookHandling>();
        services.AddSingleton<WebhookQueries>();
        services.AddSingleton<WebhookRetention>();
        services.AddHostedService<WebhookQueue>();
        return services.AddHostedService(static provider => provider.GetRequiredService<WebhookRetention>());
    }

    /// <summary>Maps the address.</summary>
    public static void MapWebhooks(this IEndpointRouteBuilder app) =>
        app.MapPost(Path, static (HttpRequest request, WebhookReceiver receiver, CancellationToken cancellationToken) => receiver.ReceiveAsync(request, cancellationToken))
            .WithName("ReceiveWebhook").WithTags("GitHub").WithSummary("Where GitHub sends webhooks")
            .WithDescription("Takes deliveries of GitHub signed by X-Hub-Signature-256. They are stored, answered at once and acted upon in their order; the same delivery again changes nothing.")
            .Produces<WebhookAnswers.Receipt>(StatusCodes.Status202Accepted).Produces<WebhookAnswers.Receipt>()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
}

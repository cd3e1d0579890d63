using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using CodexWeb.GitHosts.Webhooks;
using Microsoft.AspNetCore.Mvc;

namespace CodexWeb.Api;

/// <summary>The HTTP interface: registers it and maps it.</summary>
public static class ApiEndpoints
{
    /// <summary>The largest body of a request, in bytes.</summary>
    public const int MaxBodyBytes = 2 << 20;

    /// <summary>Adds what the HTTP interface, its hub and its description need.</summary>
    public static IServiceCollection AddApi(this IServiceCollection services)
    {
        services.AddProblemDetails();
        services.AddSingleton<EventStream>();
        services.ConfigureHttpJsonOptions(options => Write(options.SerializerOptions));
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.AddSignalR().AddJsonProtocol(options => Write(options.PayloadSerializerOptions));
        return services.AddApiDescription();
    }

    /// <summary>Guards all requests and gives those to the HTTP interface their error answers. Belongs before everything that answers.</summary>
    public static IApplicationBuilder UseApi(this IApplicationBuilder app)
    {
        app.UseMiddleware<RequestGuard>();
        return app.UseWhen(static http => IsApi(http.Request.Path), static api =>
        {
            api.UseExceptionHandler(new ExceptionHandlerOptions
            {
                ExceptionHandler = Problems.WriteExceptionAsync,
                SuppressDiagnosticsCallback = static context => context.Exception is BadHttpRequestException,
            });
            api.UseStatusCodePages(Problems.WriteStatusAsync);
        });
    }

    /// <summary>Maps all addresses of the HTTP interface.</summary>
    public static void MapApi(this IEndpointRouteBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        HealthEndpoints.Map(app);
        var api = app.MapGroup("/api/v1").WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes));
        RepositoryEndpoints.Map(api);
        EnvironmentEndpoints.Map(api);
        ModelEndpoints.Map(api);
        ModelProviderEndpoints.Map(api);
        TemplateEndpoints.Map(api);
        GitHubEndpoints.Map(api);
        TaskEndpoints.Map(api);
        ForecastEndpoints.Map(api);
        AttemptEndpoints.Map(api);
        ApprovalEndpoints.Map(api);
        HunkEndpoints.Map(api);
        StepEndpoints.Map(api);
        SteeringEndpoints.Map(api);
        PushEndpoints.Map(api);
        WebhookEndpoints.Map(api);
        PullRequestEndpoints.Map(api);
        CodeReviewEndpoints.Map(api);
        app.MapHub<TaskHub>("/hubs/tasks");
        app.MapOpenApi("/openapi/{documentName}.json");
    }

    private static bool IsApi(PathString path) =>
        path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
        || path.StartsWithSegments(WebhookServices.Path, StringComparison.OrdinalIgnoreCase)
        || path.StartsWithSegments("/openapi", StringComparison.OrdinalIgnoreCase)
        || path.StartsWithSegments("/healthz", StringComparison.OrdinalIgnoreCase)
        || path.StartsWithSegments("/readyz", StringComparison.OrdinalIgnoreCase);

    private static void Write(JsonSerializerOptions options)
    {
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
        // The answers are never put into HTML: a person who reads them wants to see < and é as they are.
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
    }
}

using System.ComponentModel.DataAnnotations;

namespace CodexWeb.Models.Demo;

/// <summary>The scripted demo model: an OpenAI-compatible Responses endpoint inside the server. It is not an AI and is labelled so wherever it appears.</summary>
public static class DemoModel
{
    /// <summary>Its provider's name.</summary>
    public const string Provider = "demo";

    /// <summary>Its name in requests.</summary>
    public const string Name = "scripted";

    /// <summary>Its name for people.</summary>
    public const string Label = "Demo (scripted, not an AI)";

    /// <summary>Where it answers, below the server's own address: the base URL of its provider.</summary>
    public const string Path = "/demo/v1";

    /// <summary>For clients that insist on a key. It opens nothing: only callers on the same machine are answered, with any key.</summary>
    public const string ApiKey = "demo-not-a-secret";

    /// <summary>Tokens it can take in.</summary>
    public const int ContextWindow = 400_000;

    /// <summary>Registers what the endpoint needs; reads the section <c>Demo</c>.</summary>
    public static IServiceCollection AddDemoModel(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<DemoOptions>().Bind(configuration.GetSection(DemoOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<PrefixCache>();
        services.AddSingleton<ResponsesEndpoint>();
        return services;
    }

    /// <summary>Maps <c>POST /demo/v1/responses</c> and <c>GET /demo/v1/models</c>.</summary>
    public static IEndpointRouteBuilder MapDemoModel(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(Path).AddEndpointFilter(SameMachineAsync).ExcludeFromDescription();
        group.MapPost("/responses", (HttpContext http, ResponsesEndpoint endpoint, CancellationToken cancellationToken) => endpoint.AnswerAsync(http, cancellationToken));
        group.MapGet("/models", () => Results.Json(new
        {
            @object = "list",
            data = new[] { new { id = Name, @object = "model", created = 0, owned_by = "codexweb" } },
        }));
        return routes;
    }

    // A forwarded request comes from a proxy on this machine on behalf of somebody else. No address at all: a Unix socket.
    private static async ValueTask<object?> SameMachineAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var local = http.Connection.RemoteIpAddress is not { } address || System.Net.IPAddress.IsLoopback(address);
        return local && !http.Request.Headers.ContainsKey("X-Forwarded-For") && !http.Request.Headers.ContainsKey("Forwarded")
            ? await next(context)
            : new ApiError(StatusCodes.Status403Forbidden, "The demo model answers this server only.", "permission_error", Code: "not_local");
    }
}

/// <summary>Settings of the demo model: section <c>Demo</c>.</summary>
public sealed class DemoOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Demo";

    /// <summary>Factor on its pauses: 1 for the pace of a real model (a word every 15 to 25 ms), 0 for none. Default 1, from 0 to 100.</summary>
    [Range(0.0, 100.0, ErrorMessage = "Demo:Pace must be a number from 0 (no pauses) to 100.")]
    public double Pace { get; set; } = 1;
}

using CodexWeb.Data;
using CodexWeb.GitHosts.Webhooks;
using Microsoft.OpenApi;

namespace CodexWeb.Api;

/// <summary>The OpenAPI document <c>/openapi/v1.json</c>, made from the endpoints themselves.</summary>
internal static class ApiDescription
{
    public static IServiceCollection AddApiDescription(this IServiceCollection services) => services.AddOpenApi("v1", static options =>
    {
        options.ShouldInclude = static description => description.RelativePath is { } path
            && (path.StartsWith("api/", StringComparison.Ordinal) || path is "healthz" or "readyz" || path.Equals(WebhookServices.Path[1..], StringComparison.Ordinal));
        options.AddDocumentTransformer(static (document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "CodexWeb",
                Version = "1",
                Description = "Start coding tasks on Git repositories, watch them, and take what they made. Errors are RFC 9457 problems. Lists are { items, nextCursor }; limit is at most 200. "
                    + "There is no sign-in in this version: the server answers programs on its own machine. Live events also come over the SignalR hub /hubs/tasks "
                    + "(Follow(attemptId, afterSeq), FollowTasks()).",
            };
            // Where the server was asked is not where others reach it.
            document.Servers = [];
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer(static (schema, context, _) =>
        {
            var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
            if (!IsId(type))
            {
                return Task.CompletedTask;
            }

            schema.Type = type == context.JsonTypeInfo.Type ? JsonSchemaType.String : JsonSchemaType.String | JsonSchemaType.Null;
            schema.Format = "uuid";
            schema.Properties?.Clear();
            schema.Required?.Clear();
            return Task.CompletedTask;
        });
    });

    private static bool IsId(Type type) => Array.Exists(type.GetInterfaces(), implemented => implemented.IsGenericType && implemented.GetGenericTypeDefinition() == typeof(IId<>));
}

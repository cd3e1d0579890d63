using CodexWeb.Data;

namespace CodexWeb.Tasks;

/// <summary>What the box to write in fetches while a person types. For the product's own pages: scripts use the HTTP interface.</summary>
public static class PromptMenuEndpoints
{
    /// <summary>Maps the routes under <c>/prompt</c>.</summary>
    public static IEndpointRouteBuilder MapPromptMenus(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        var prompt = routes.MapGroup("/prompt").ExcludeFromDescription();
        prompt.MapGet("/files", static async (RepositoryId repository, string? at, string? query, PromptMenus menus, CancellationToken cancellationToken) =>
            Answer(await menus.FilesAsync(repository, at, query ?? "", cancellationToken)));
        prompt.MapGet("/skills", static async (RepositoryId repository, string? at, PromptMenus menus, CancellationToken cancellationToken) =>
            Answer(await menus.SkillsAsync(repository, at, cancellationToken)));
        prompt.MapGet("/templates", static async (PromptTemplates templates, CancellationToken cancellationToken) => Results.Json(await templates.ListAsync(cancellationToken)));
        prompt.MapGet("/link", static async (string address, LinkedPages pages, CancellationToken cancellationToken) =>
            await pages.DescribeAsync(address, cancellationToken) is { } page ? Results.Json(page) : Results.NoContent());
        return routes;
    }

    private static IResult Answer<T>(CommandResult<T> result) =>
        result is CommandResult<T>.Done done ? Results.Json(done.Value) : Results.Problem(result.Problem(), statusCode: StatusCodes.Status404NotFound);
}

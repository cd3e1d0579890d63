using System.Text.Json.Serialization;
using CodexWeb.Tasks;

namespace CodexWeb.Api;

/// <summary>Prompt templates.</summary>
internal static class TemplateEndpoints
{
    private const string Tag = "Templates";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/templates", static async (PromptTemplates templates, CancellationToken cancellationToken) => new Page<PromptTemplateView>(await templates.ListAsync(cancellationToken), NextCursor: null))
            .WithName("ListTemplates").WithTags(Tag).WithSummary("All prompt templates, by name");
        api.MapPut("/templates/{name}", SaveAsync)
            .WithName("SaveTemplate").WithTags(Tag).WithSummary("Add a prompt template, or change the one of the name")
            .Produces<PromptTemplateView>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status409Conflict);
        api.MapDelete("/templates/{name}", RemoveAsync)
            .WithName("RemoveTemplate").WithTags(Tag).WithSummary("Remove a prompt template")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> SaveAsync(string name, TemplateBody body, PromptTemplates templates, CancellationToken cancellationToken) =>
        (await templates.SaveAsync(new PromptTemplateView(name, body.Description ?? "", body.Text ?? ""), isNew: false, LocalPerson.Name, cancellationToken)).Answer(static saved => Results.Ok(saved));

    private static async Task<IResult> RemoveAsync(string name, PromptTemplates templates, CancellationToken cancellationToken) =>
        (await templates.RemoveAsync(name, cancellationToken)).Answer(static _ => Results.NoContent());
}

/// <summary>A template without its name.</summary>
/// <param name="Description">One line on what it is for; null for none.</param>
/// <param name="Text">Markdown with fields to fill in: <c>{{name}}</c>.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TemplateBody(string? Description, string? Text);

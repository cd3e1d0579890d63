using System.Text.Json.Serialization;
using CodexWeb.Models;

namespace CodexWeb.Api;

/// <summary>The providers of the models. Keys go in and never come out.</summary>
internal static class ModelProviderEndpoints
{
    private const string Tag = "Models";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/model-providers", static async (ModelProviders providers, CancellationToken cancellationToken) =>
                (await providers.ListAsync(cancellationToken)).Select(ModelProviderAnswer.Of))
            .WithName("ListModelProviders").WithTags(Tag).WithSummary("The model providers: those of the settings, then those that were added");
        api.MapPost("/model-providers", AddAsync)
            .WithName("AddModelProvider").WithTags(Tag).WithSummary("Add a model provider")
            .Produces<ModelProviderAnswer>(StatusCodes.Status201Created).ProducesValidationProblem();
        api.MapPut("/model-providers/{name}", ChangeAsync)
            .WithName("ChangeModelProvider").WithTags(Tag).WithSummary("Change a model provider that was added")
            .WithDescription("The whole provider as it shall be. Without a key the stored one is kept, as long as the address leads to the same server.")
            .Produces<ModelProviderAnswer>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapDelete("/model-providers/{name}", RemoveAsync)
            .WithName("RemoveModelProvider").WithTags(Tag).WithSummary("Remove a model provider that was added, with its key")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost("/model-providers/{name}/test", TestAsync)
            .WithName("TestModelProvider").WithTags(Tag).WithSummary("Ask one of a provider's models to say hello")
            .Produces<ModelGreetingAnswer>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapPut("/models/default", static async (DefaultModelBody body, ModelProviders providers, CancellationToken cancellationToken) =>
                (await providers.SetDefaultAsync(body.Model ?? "", cancellationToken)).Answer(static _ => Results.NoContent()))
            .WithName("SetDefaultModel").WithTags(Tag).WithSummary("Choose the model used when a task names none")
            .Produces(StatusCodes.Status204NoContent).ProducesValidationProblem();
    }

    private static async Task<IResult> AddAsync(ModelProviderBody body, ModelProviders providers, CancellationToken cancellationToken) =>
        (await providers.AddAsync(body.ToForm(body.Name ?? ""), cancellationToken)).Answer(static view => Results.Created($"/api/v1/model-providers/{view.Name}", ModelProviderAnswer.Of(view)));

    private static async Task<IResult> ChangeAsync(string name, ModelProviderBody body, ModelProviders providers, CancellationToken cancellationToken) =>
        body.Name is { } other && !string.Equals(other, name, StringComparison.Ordinal)
            ? Problems.Invalid("name", "A provider keeps its name, for its models' ids begin with it. Leave this out, or add another provider.")
            : (await providers.ChangeAsync(name, body.ToForm(name), cancellationToken)).Answer(static view => Results.Ok(ModelProviderAnswer.Of(view)));

    private static async Task<IResult> RemoveAsync(string name, ModelProviders providers, CancellationToken cancellationToken) =>
        (await providers.RemoveAsync(name, cancellationToken)).Answer(static _ => Results.NoContent());

    private static async Task<IResult> TestAsync(string name, ModelTestBody? body, ProviderTrial trial, CancellationToken cancellationToken) =>
        (await trial.GreetAsync(name, body?.Model, cancellationToken)).Answer(static greeting => Results.Ok(ModelGreetingAnswer.Of(greeting)));
}

/// <summary>A provider as it shall be.</summary>
/// <param name="Name">First part of its models' ids.</param>
/// <param name="BaseUrl">With its version. The server itself calls it.</param>
/// <param name="Api"><c>responses</c> or <c>chat</c>.</param>
/// <param name="Key">Null for none, or to keep the stored one; empty to remove it.</param>
/// <param name="MaxConcurrent">Requests it is sent at once; null for no limit.</param>
/// <param name="Models">Its models.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ModelProviderBody(string? Name, string? BaseUrl, string? Api, string? Key, int? MaxConcurrent, List<ModelOptions>? Models)
{
    public ProviderForm ToForm(string name) => new(name, BaseUrl ?? "", Api ?? ModelApi.Responses, Key, MaxConcurrent, Models ?? []);
}

/// <summary>A provider.</summary>
/// <param name="HasKey">True when it has a key, which is never given out.</param>
/// <param name="Stored">True when it was added and can be changed; false for those of the settings.</param>
/// <param name="Problem">Why it cannot be used; null when it can.</param>
internal sealed record ModelProviderAnswer(string Name, string BaseUrl, string Api, bool HasKey, int? MaxConcurrent, IReadOnlyList<ModelOptions> Models, bool Stored, string? Problem)
{
    public static ModelProviderAnswer Of(ProviderView view) => new(view.Name, view.BaseUrl, view.Api, view.HasKey, view.MaxConcurrent, view.Models, view.Stored, view.Problem);
}

/// <summary>Which model to test.</summary>
/// <param name="Model">As the provider calls it; null for its first.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ModelTestBody(string? Model);

/// <summary>What came of a test.</summary>
/// <param name="Works">True when the model answered.</param>
/// <param name="Text">Its first words, or what went wrong and what to do.</param>
/// <param name="FirstWordMs">Milliseconds to its first word; null when there was none.</param>
/// <param name="TotalMs">Milliseconds to its end.</param>
internal sealed record ModelGreetingAnswer(bool Works, string Text, double? FirstWordMs, double TotalMs)
{
    public static ModelGreetingAnswer Of(ProviderGreeting greeting) => new(greeting.Works, greeting.Text, greeting.FirstWord?.TotalMilliseconds, greeting.Whole.TotalMilliseconds);
}

/// <summary>The model used when a task names none.</summary>
/// <param name="Model">Its id.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record DefaultModelBody(string? Model);

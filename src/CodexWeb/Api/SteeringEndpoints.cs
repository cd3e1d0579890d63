using System.Text.Json.Serialization;
using CodexWeb.Data;
using CodexWeb.Tasks;

namespace CodexWeb.Api;

/// <summary>Messages to an attempt that works: they wait until its next step, and can be changed until then.</summary>
internal static class SteeringEndpoints
{
    private const string Tag = "Steering";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/attempts/{id:guid}/steer", ListAsync)
            .WithName("ListQueuedMessages").WithTags(Tag).WithSummary("The messages that wait for the attempt's next step")
            .Produces<Page<QueuedMessageView>>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost("/attempts/{id:guid}/steer", AddAsync).WithMetadata(TaskEndpoints.WithImages)
            .WithName("SteerAttempt").WithTags(Tag).WithSummary("Send a message that reaches the model at its next step")
            .WithDescription("Answers with all messages that wait.")
            .Produces<Page<QueuedMessageView>>(StatusCodes.Status202Accepted).ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapPatch("/attempts/{id:guid}/steer/{messageId:guid}", ChangeAsync)
            .WithName("ChangeQueuedMessage").WithTags(Tag).WithSummary("Change or move a message that still waits")
            .Produces<Page<QueuedMessageView>>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapDelete("/attempts/{id:guid}/steer/{messageId:guid}", RemoveAsync)
            .WithName("RemoveQueuedMessage").WithTags(Tag).WithSummary("Take back a message that still waits")
            .Produces<Page<QueuedMessageView>>().ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> ListAsync(AttemptId id, TaskQueries queries, CancellationToken cancellationToken) =>
        await queries.TaskOfAsync(id, cancellationToken) is null ? Problems.NotFound("There is no such attempt.") : Results.Ok(await QueueAsync(id, queries, cancellationToken));

    private static async Task<IResult> AddAsync(AttemptId id, MessageBody body, Steering steering, AttachedImages images, TaskQueries queries, CancellationToken cancellationToken) =>
        await (await images.AddAsync(body.Images ?? [], LocalPerson.Name, cancellationToken)).AnswerAsync(async files =>
            await (await steering.AddAsync(id, body.Text ?? "", files, cancellationToken))
                .AnswerAsync(async _ => Results.Accepted($"/api/v1/attempts/{id}/steer", await QueueAsync(id, queries, cancellationToken))));

    private static async Task<IResult> ChangeAsync(AttemptId id, Guid messageId, MessageChangeBody body, Steering steering, TaskQueries queries, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, messageId, queries, cancellationToken) is { } missing)
        {
            return missing;
        }

        CommandResult<Nothing> result = new CommandResult<Nothing>.Done(default);
        if (body.Text is { } text)
        {
            result = await steering.EditAsync(messageId, text, cancellationToken);
        }

        if (body.Move is { } places && result is CommandResult<Nothing>.Done)
        {
            result = await steering.MoveAsync(messageId, places, cancellationToken);
        }

        return await result.AnswerAsync(async _ => Results.Ok(await QueueAsync(id, queries, cancellationToken)));
    }

    private static async Task<IResult> RemoveAsync(AttemptId id, Guid messageId, Steering steering, TaskQueries queries, CancellationToken cancellationToken) =>
        await FindAsync(id, messageId, queries, cancellationToken)
        ?? await (await steering.RemoveAsync(messageId, cancellationToken)).AnswerAsync(async _ => Results.Ok(await QueueAsync(id, queries, cancellationToken)));

    // A message of another attempt is not to be reached by this one's address.
    private static async Task<IResult?> FindAsync(AttemptId id, Guid message, TaskQueries queries, CancellationToken cancellationToken) =>
        (await queries.QueuedMessagesAsync(id, cancellationToken)).Any(waiting => waiting.Id == message) ? null : Problems.NotFound("No such message waits. It may have reached the agent already.");

    private static async Task<Page<QueuedMessageView>> QueueAsync(AttemptId id, TaskQueries queries, CancellationToken cancellationToken) =>
        new(await queries.QueuedMessagesAsync(id, cancellationToken), NextCursor: null);
}

/// <summary>A message.</summary>
/// <param name="Text">Markdown.</param>
/// <param name="Images">Images to look at, as data addresses (<c>data:image/png;base64,…</c>), at most 10; null for none.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record MessageBody(string? Text, List<string>? Images = null);

/// <summary>What to change of a message that waits.</summary>
/// <param name="Text">Another text; null to leave it.</param>
/// <param name="Move">Places to move it, negative towards the front; null to leave it.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record MessageChangeBody(string? Text, int? Move);

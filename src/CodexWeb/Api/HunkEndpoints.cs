using System.Text.Json.Serialization;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Review;
using CodexWeb.Tasks;

namespace CodexWeb.Api;

/// <summary>Attempts against each other: their difference, and hunks taken over or dropped.</summary>
internal static class HunkEndpoints
{
    private const string Tag = "Attempts";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/tasks/{id:guid}/attempt-diff", DiffAsync)
            .WithName("GetAttemptDiff").WithTags(Tag).WithSummary("The unified Git diff from one attempt's files to another's")
            .WithDescription("from, to: ids of two attempts of the task. Empty when their files are the same.")
            .Produces<string>(StatusCodes.Status200OK, "text/x-diff").ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapGet("/attempts/{id:guid}/hunks", ListAsync)
            .WithName("ListHunks").WithTags(Tag).WithSummary("The hunks of an attempt's change, with the names they are taken and dropped by")
            .WithDescription("scope: all (the default), turn:N, or against:ID for what another attempt of the task has instead.")
            .Produces<Page<NamedFile>>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapPost("/attempts/{id:guid}/hunks", TakeAsync)
            .WithName("TakeHunks").WithTags(Tag).WithSummary("Take hunks of another attempt over into this one; the checks run again")
            .WithDescription("All or nothing: hunks that do not fit are refused with the places. What is done is a turn of its own; rewinding to the step before it takes it back.")
            .Produces<TurnAnswer>(StatusCodes.Status201Created).ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapPost("/attempts/{id:guid}/hunks/drop", DropAsync)
            .WithName("DropHunks").WithTags(Tag).WithSummary("Drop hunks of the attempt's own change; the checks run again")
            .WithDescription("As for taking hunks.")
            .Produces<TurnAnswer>(StatusCodes.Status201Created).ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> DiffAsync(TaskId id, AttemptId from, AttemptId to, HttpContext http, AttemptChanges changes, TaskQueries queries, CancellationToken cancellationToken)
    {
        if (await queries.TaskOfAsync(from, cancellationToken) != id || await queries.TaskOfAsync(to, cancellationToken) != id)
        {
            return Problems.NotFound("The task has no such attempt.");
        }

        var range = await changes.BetweenAsync(from, to, cancellationToken);
        return await range.AnswerAsync(async commits =>
        {
            http.Response.ContentType = "text/x-diff; charset=utf-8";
            await changes.WriteAsync(commits, http.Response.Body, cancellationToken);
            return Results.Empty;
        });
    }

    private static async Task<IResult> ListAsync(AttemptId id, string? scope, HunkCommands hunks, CancellationToken cancellationToken) =>
        !TryScope(scope, out var parsed)
            ? Problems.Invalid("scope", "The scope is all, turn:N, or against: and the id of another attempt.")
            : (await hunks.ListAsync(id, parsed, cancellationToken)).Answer(files => Results.Ok(new Page<NamedFile>(files, NextCursor: null)));

    private static async Task<IResult> TakeAsync(AttemptId id, TakeBody body, HunkCommands hunks, TaskQueries queries, CancellationToken cancellationToken)
    {
        if (body.From is not { } from)
        {
            return Problems.Invalid("from", "Name the attempt to take the hunks from.");
        }

        if (body.Of is not (null or "difference" or "change"))
        {
            return Problems.Invalid("of", $"There is no '{body.Of}'. Say difference or change.");
        }

        var taken = await hunks.TakeAsync(id, from, body.Of is "change" ? HunkSource.Change : HunkSource.Difference, body.Hunks ?? [], cancellationToken);
        return await taken.AnswerAsync(turn => TurnAsync(id, turn, queries, cancellationToken));
    }

    private static async Task<IResult> DropAsync(AttemptId id, DropBody body, HunkCommands hunks, TaskQueries queries, CancellationToken cancellationToken) =>
        await (await hunks.DropAsync(id, body.Turn, body.Hunks ?? [], cancellationToken)).AnswerAsync(turn => TurnAsync(id, turn, queries, cancellationToken));

    private static async Task<IResult> TurnAsync(AttemptId id, int number, TaskQueries queries, CancellationToken cancellationToken) =>
        await queries.TaskOfAsync(id, cancellationToken) is { } task && (await queries.DetailsAsync(task, cancellationToken))?.Turns.FirstOrDefault(turn => turn.Number == number) is { } found
            ? Results.Created($"/api/v1/tasks/{task}", TurnAnswer.Of(found))
            : Problems.NotFound("The task was deleted meanwhile.");

    private static bool TryScope(string? text, out DiffScope scope)
    {
        scope = default;
        return text is null || DiffScope.TryParse(text, null, out scope);
    }
}

/// <summary>Hunks to take over.</summary>
/// <param name="From">Another attempt of the same task.</param>
/// <param name="Of">Where they are named: <c>difference</c> (the default), which is the scope against:FROM of this attempt, or <c>change</c>, the scope all of the other.</param>
/// <param name="Hunks">Names, as the list of hunks gives them.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TakeBody(AttemptId? From, string? Of, List<string>? Hunks);

/// <summary>Hunks to drop.</summary>
/// <param name="Turn">The turn whose diff names them; null for the whole change.</param>
/// <param name="Hunks">Names, as the list of hunks gives them.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record DropBody(int? Turn, List<string>? Hunks);

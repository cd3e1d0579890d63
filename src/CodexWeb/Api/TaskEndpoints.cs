using System.Globalization;
using CodexWeb.Data;
using CodexWeb.Tasks;
using Microsoft.AspNetCore.Mvc;

namespace CodexWeb.Api;

/// <summary>Tasks: start, list, look at, follow up, change, delete.</summary>
internal static class TaskEndpoints
{
    private const string Tag = "Tasks";

    // Images come as base64 in the body.
    internal static readonly RequestSizeLimitAttribute WithImages = new(64 << 20);

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/tasks", CreateAsync).WithMetadata(WithImages)
            .WithName("CreateTask").WithTags(Tag).WithSummary("Start a task")
            .Produces<TaskAnswer>(StatusCodes.Status201Created).ProducesValidationProblem().ProducesProblem(StatusCodes.Status409Conflict);
        api.MapGet("/tasks", ListAsync)
            .WithName("ListTasks").WithTags(Tag).WithSummary("Tasks, last changed first")
            .WithDescription("query: words of title and prompts. state: queued, starting, working, needs_you, ready_for_review, done, failed, stopped. repository: an id, or part of a name.")
            .Produces<Page<TaskAnswer>>().ProducesValidationProblem();
        api.MapGet("/tasks/{id:guid}", FindAsync)
            .WithName("GetTask").WithTags(Tag).WithSummary("One task with its turns and attempts")
            .Produces<TaskAnswer>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost("/tasks/{id:guid}/turns", FollowUpAsync).WithMetadata(WithImages)
            .WithName("CreateTurn").WithTags(Tag).WithSummary("Send a follow-up")
            .Produces<TurnAnswer>(StatusCodes.Status201Created).ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapPatch("/tasks/{id:guid}", ChangeAsync)
            .WithName("ChangeTask").WithTags(Tag).WithSummary("Give a task another title or budget, put it away or take it out again, pick one of its attempts")
            .WithDescription("A budget that leaves something to spend answers what waits because the last one was used up.")
            .Produces<TaskAnswer>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapDelete("/tasks/{id:guid}", DeleteAsync)
            .WithName("DeleteTask").WithTags(Tag).WithSummary("Delete a task for good")
            .WithDescription("Its logs, outputs, workspaces and checkpoints go; a pushed branch stays at the origin.")
            .Produces<DeletedTask>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> CreateAsync(TaskBody body, TaskCommands commands, AttachedImages images, TaskQueries queries, CancellationToken cancellationToken)
    {
        if (body.FindErrors() is { Count: > 0 } errors)
        {
            return Problems.Invalid(errors);
        }

        return await (await images.AddAsync(body.Images ?? [], LocalPerson.Name, cancellationToken)).AnswerAsync(async sent =>
        {
            var created = await commands.CreateAsync(body.ToTask(sent), LocalPerson.Name, cancellationToken);
            return await created.AnswerAsync(async id => await queries.DetailsAsync(id, cancellationToken) is { } task
                ? Results.Created($"/api/v1/tasks/{id}", TaskAnswer.Of(task))
                : Missing());
        });
    }

    private static async Task<IResult> ListAsync(
        string? query,
        string? state,
        string? author,
        string? repository,
        string? mode,
        bool? archived,
        int? limit,
        string? cursor,
        TaskQueries queries,
        CancellationToken cancellationToken)
    {
        if (Paging.Check(limit) is { } wrong)
        {
            return wrong;
        }

        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        var filter = new TaskFilter(query, OneOf<TaskState>("state", state, errors), author, repository, OneOf<TaskMode>("mode", mode, errors), archived ?? false);
        if (cursor is { Length: > 0 } && !TaskQueries.IsCursor(cursor))
        {
            errors["cursor"] = "Give the nextCursor of the page before, as it was sent, or leave it out for the first page.";
        }

        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        var page = await queries.ListDetailsAsync(filter, limit ?? Paging.Usual, cursor, cancellationToken);
        return Results.Ok(new Page<TaskAnswer>([.. page.Items.Select(TaskAnswer.Of)], page.NextCursor));
    }

    private static async Task<IResult> FindAsync(TaskId id, TaskQueries queries, CancellationToken cancellationToken) =>
        await queries.DetailsAsync(id, cancellationToken) is { } task ? Results.Ok(TaskAnswer.Of(task)) : Missing();

    private static async Task<IResult> FollowUpAsync(TaskId id, TurnBody body, TaskCommands commands, AttachedImages images, TaskQueries queries, CancellationToken cancellationToken)
    {
        if (body.FindErrors() is { Count: > 0 } errors)
        {
            return Problems.Invalid(errors);
        }

        return await (await images.AddAsync(body.Images ?? [], LocalPerson.Name, cancellationToken)).AnswerAsync(async files =>
        {
            var comments = (body.Comments ?? []).Select(comment => comment.ToComment()).ToList();
            var sent = await commands.FollowUpAsync(id, body.AttemptId, body.Prompt ?? "", comments, files, cancellationToken);
            return await sent.AnswerAsync(async number => (await queries.DetailsAsync(id, cancellationToken))?.Turns.FirstOrDefault(turn => turn.Number == number) is { } turn
                ? Results.Created($"/api/v1/tasks/{id}", TurnAnswer.Of(turn))
                : Missing());
        });
    }

    private static async Task<IResult> ChangeAsync(TaskId id, TaskChangeBody body, TaskCommands commands, TaskBudgets budgets, TaskQueries queries, CancellationToken cancellationToken)
    {
        CommandResult<Nothing> result = new CommandResult<Nothing>.Done(default);
        if (body.Title is { } title)
        {
            result = await commands.RenameAsync(id, title, cancellationToken);
        }

        if (body.Archived is { } archived && result is CommandResult<Nothing>.Done)
        {
            result = await commands.SetArchivedAsync(id, archived, cancellationToken);
        }

        if (body.Budget is { } budget && result is CommandResult<Nothing>.Done)
        {
            result = await budgets.SetAsync(id, budget.Minutes, budget.Cost, LocalPerson.Name, cancellationToken);
        }

        if (body.ChosenAttemptId is { } chosen && result is CommandResult<Nothing>.Done)
        {
            result = chosen is "none" ? await commands.ChooseAsync(id, null, cancellationToken)
                : AttemptId.TryParse(chosen, CultureInfo.InvariantCulture, out var attempt) ? await commands.ChooseAsync(id, attempt, cancellationToken)
                : new CommandResult<Nothing>.Invalid("chosenAttemptId", "Give the id of one of the task's attempts, or none.");
        }

        return await result.AnswerAsync(_ => FindAsync(id, queries, cancellationToken));
    }

    private static async Task<IResult> DeleteAsync(TaskId id, TaskCommands commands, CancellationToken cancellationToken) =>
        (await commands.DeleteAsync(id, cancellationToken)).Answer(static deleted => Results.Ok(deleted));

    // Both as the answers write it and as people do: ready_for_review, ReadyForReview.
    private static T? OneOf<T>(string field, string? text, Dictionary<string, string> errors)
        where T : struct, Enum
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        foreach (var value in Enum.GetValues<T>())
        {
            if (string.Equals(value.ToString(), text.Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        var names = Enum.GetNames<T>().Select(System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName);
        errors[field] = $"There is no {field} '{text}'. Choose one of: {string.Join(", ", names)}.";
        return null;
    }

    private static IResult Missing() => Problems.NotFound("There is no such task.");
}

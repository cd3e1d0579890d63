using System.Globalization;
using System.Text.Json.Serialization;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Tasks;
using CodexWeb.Ui.Markup;

namespace CodexWeb.Api;

/// <summary>What an attempt did, and what can be done with it.</summary>
internal static class AttemptEndpoints
{
    private const string Tag = "Attempts";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/attempts/{id:guid}/events", EventsAsync)
            .WithName("ListEvents").WithTags(Tag).WithSummary("The attempt's log after a number, stored or live")
            .WithDescription("Each event is { seq, at, type, … } with seq counting from 1 without gaps. As JSON: a page of stored events; nextCursor is the after of the next page. "
                + "With Accept: text/event-stream: the same events as they are stored, without an end; id is the seq, and Last-Event-ID or after says where to go on. A comment comes every 15 s.")
            .Produces<Page<EventAnswer>>(StatusCodes.Status200OK, "application/json", "text/event-stream").ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/attempts/{id:guid}/diff", DiffAsync)
            .WithName("GetDiff").WithTags(Tag).WithSummary("The unified Git diff against the base of the branch, or of one turn")
            .WithDescription("Empty when nothing was changed. git apply takes it.")
            .Produces<string>(StatusCodes.Status200OK, "text/x-diff").ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapGet("/attempts/{id:guid}/answer", AnswerAsync)
            .WithName("GetAnswer").WithTags(Tag).WithSummary("The final message as Markdown")
            .Produces<string>(StatusCodes.Status200OK, "text/markdown").ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/attempts/{id:guid}/evidence", EvidenceAsync)
            .WithName("GetEvidence").WithTags(Tag).WithSummary("What the log proves about the change: checks with their results, whether files changed since, files, network")
            .Produces<Evidence>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/attempts/{id:guid}/items/{itemId}/output", Output)
            .WithName("GetOutput").WithTags(Tag).WithSummary("The whole output of a command, as far as it is there")
            .Produces<string>(StatusCodes.Status200OK, "text/plain").ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost("/attempts/{id:guid}/stop", StopAsync)
            .WithName("StopAttempt").WithTags(Tag).WithSummary("Stop the attempt; what it changed is kept")
            .Produces<AttemptAnswer>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapPost("/attempts/{id:guid}/compact", CompactAsync)
            .WithName("CompactAttempt").WithTags(Tag).WithSummary("Compact the conversation before the next model request")
            .WithDescription("At rest: before the first request of the next turn. What is dropped stays in the log.")
            .Produces<AttemptAnswer>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapPost("/attempts/{id:guid}/retry", RetryAsync)
            .WithName("RetryAttempt").WithTags(Tag).WithSummary("Run the last turn again, or go on with it where it was interrupted")
            .Produces<AttemptAnswer>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> EventsAsync(AttemptId id, HttpContext http, AttemptLog log, EventStream stream, TaskQueries queries, long? after, int? limit, CancellationToken cancellationToken)
    {
        if (Paging.Check(limit) is { } wrong)
        {
            return wrong;
        }

        if (after is < 0)
        {
            return Problems.Invalid("after", "after must be the seq of an event, or 0.");
        }

        if (await queries.TaskOfAsync(id, cancellationToken) is null)
        {
            return Missing();
        }

        if (!http.Request.GetTypedHeaders().Accept.Any(accepted => accepted.MediaType.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase)))
        {
            var size = limit ?? Paging.Most;
            var events = await log.ReadAsync(id, after ?? 0, size + 1, cancellationToken);
            return new EventPage([.. events.Take(size)], events.Count > size ? events[size - 1].Seq : null);
        }

        var from = after ?? 0;
        if (http.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last && !long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out from))
        {
            return Problems.Invalid("Last-Event-ID", "Last-Event-ID must be the seq of an event.");
        }

        await stream.WriteAsync(http, id, from);
        return Results.Empty;
    }

    private static async Task<IResult> DiffAsync(AttemptId id, int? turn, HttpContext http, AttemptChanges changes, CancellationToken cancellationToken)
    {
        http.Response.ContentType = "text/x-diff; charset=utf-8";
        var written = await changes.WriteDiffAsync(id, turn, http.Response.Body, cancellationToken);
        return written.Answer(static _ => Results.Empty);
    }

    private static async Task<IResult> AnswerAsync(AttemptId id, AttemptFindings findings, TaskQueries queries, CancellationToken cancellationToken)
    {
        if (await queries.TaskOfAsync(id, cancellationToken) is not { } taskId || await queries.DetailsAsync(taskId, cancellationToken) is not { } task)
        {
            return Missing();
        }

        var commit = task.Attempts.FirstOrDefault(attempt => attempt.Id == id)?.Checkpoint ?? task.BaseCommit;
        return await findings.AnswerAsync(id, citation => Address(citation, task, commit), cancellationToken) is { } answer
            ? Results.Text(answer, "text/markdown; charset=utf-8")
            : Problems.NotFound("There is no answer yet: no turn of the attempt has come to its end.");
    }

    private static async Task<IResult> EvidenceAsync(AttemptId id, AttemptFindings findings, CancellationToken cancellationToken) =>
        await findings.EvidenceAsync(id, cancellationToken) is { } evidence ? Results.Ok(evidence) : Missing();

    // The same addresses as the page's.
    private static string? Address(Citation citation, TaskDetails task, string? commit) => citation switch
    {
        Citation.File file when commit is not null => FormattableString.Invariant(
            $"/repositories/{task.RepositoryId}/files/{commit}/{string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString))}?lines={file.First}-{file.Last}"),
        Citation.Command command => $"/tasks/{task.Id}?tab=log&item={Uri.EscapeDataString(command.ItemId)}",
        _ => null,
    };

    private static IResult Output(AttemptId id, string itemId, AttemptFiles files) =>
        files.OpenOutput(id, itemId) is { } output
            ? Results.Stream(output, "text/plain; charset=utf-8")
            : Problems.NotFound("There is no output of such an item. Ids of items stand in the attempt's events; only commands have an output.");

    private static async Task<IResult> StopAsync(AttemptId id, TaskCommands commands, TaskQueries queries, CancellationToken cancellationToken) =>
        await (await commands.StopAsync(id, cancellationToken)).AnswerAsync(_ => FindAsync(id, queries, cancellationToken));

    private static async Task<IResult> CompactAsync(AttemptId id, TaskCommands commands, TaskQueries queries, CancellationToken cancellationToken) =>
        await (await commands.CompactAsync(id, cancellationToken)).AnswerAsync(_ => FindAsync(id, queries, cancellationToken));

    private static async Task<IResult> RetryAsync(AttemptId id, RetryBody? body, TaskCommands commands, TaskQueries queries, CancellationToken cancellationToken) =>
        body?.From is not (null or "setup")
            ? Problems.Invalid("from", $"'{body.From}' is nothing to begin again from. Leave it out, or say setup.")
            : await (await commands.RetryAsync(id, body?.Model, cancellationToken)).AnswerAsync(_ => FindAsync(id, queries, cancellationToken));

    private static async Task<IResult> FindAsync(AttemptId id, TaskQueries queries, CancellationToken cancellationToken) =>
        await queries.TaskOfAsync(id, cancellationToken) is { } task
        && (await queries.DetailsAsync(task, cancellationToken))?.Attempts.FirstOrDefault(attempt => attempt.Id == id) is { } found
            ? Results.Ok(AttemptAnswer.Of(found))
            : Missing();

    private static IResult Missing() => Problems.NotFound("There is no such attempt.");
}

/// <summary>From where to run a turn again.</summary>
/// <param name="From"><c>setup</c> or null: a turn always begins with its set-up.</param>
/// <param name="Model">The id of the model it goes on with; null for the one it has.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record RetryBody(string? From, string? Model = null);

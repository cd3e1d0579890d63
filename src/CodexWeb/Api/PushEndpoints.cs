using System.Text.Json.Serialization;
using CodexWeb.Data;
using CodexWeb.Review;
using CodexWeb.Tasks;

namespace CodexWeb.Api;

/// <summary>The way out: the task's branch, pushed to the repository's origin.</summary>
internal static class PushEndpoints
{
    private const string Tag = "Tasks";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/tasks/{id:guid}/push", ProposeAsync)
            .WithName("ProposePush").WithTags(Tag).WithSummary("The commit message a push would have")
            .Produces<CommitText>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost("/tasks/{id:guid}/push", PushAsync)
            .WithName("PushTask").WithTags(Tag).WithSummary("Push the task's branch to the repository's origin")
            .Produces<PushAnswer>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> ProposeAsync(TaskId id, AttemptId? attemptId, BranchPush push, TaskQueries queries, CancellationToken cancellationToken) =>
        await queries.RowAsync(id, cancellationToken) is null ? Problems.NotFound("There is no such task.") : Results.Ok(await push.ProposeAsync(id, attemptId, cancellationToken));

    private static async Task<IResult> PushAsync(TaskId id, PushBody? body, BranchPush push, CancellationToken cancellationToken)
    {
        CommitText? text = null;
        if (body is { Title: not null } or { Body: not null })
        {
            var proposed = await push.ProposeAsync(id, body.AttemptId, cancellationToken);
            text = new CommitText(body.Title ?? proposed.Title, body.Body ?? proposed.Body);
        }

        var pushed = await push.PushAsync(id, body?.AttemptId, body?.Branch, text, cancellationToken);
        return pushed.Answer(static branch => Results.Ok(new PushAnswer(branch.Branch, branch.Commit)));
    }
}

/// <summary>What to push.</summary>
/// <param name="AttemptId">Null for the attempt that was pushed last, else the first that is done.</param>
/// <param name="Branch">The branch's name at the origin; null for the task's own.</param>
/// <param name="Title">First line of the commit's message; null for one made from the whole change.</param>
/// <param name="Body">The rest of the message; null for one made from the whole change.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PushBody(AttemptId? AttemptId, string? Branch, string? Title, string? Body);

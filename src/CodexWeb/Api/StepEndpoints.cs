using System.Text.Json.Serialization;
using CodexWeb.Data;
using CodexWeb.Tasks;

namespace CodexWeb.Api;

/// <summary>Going back in an attempt: a fork from one of its steps, its files as they were then.</summary>
internal static class StepEndpoints
{
    private const string Tag = "Attempts";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/attempts/{id:guid}/fork", ForkAsync)
            .WithName("ForkAttempt").WithTags(Tag).WithSummary("Start a new task from the attempt as it was after a step: its conversation, its files, a branch of its own")
            .WithDescription("The attempt may be at work and goes on undisturbed. What it used is not counted again.")
            .Produces<TaskAnswer>(StatusCodes.Status201Created).ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapPost("/attempts/{id:guid}/rewind", RewindAsync)
            .WithName("RewindAttempt").WithTags(Tag).WithSummary("Take the files of an attempt at rest back to how they were after a step")
            .WithDescription("Answers with the seq that takes this back.")
            .Produces<RewoundAnswer>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> ForkAsync(AttemptId id, ForkBody body, Forks forks, TaskQueries queries, CancellationToken cancellationToken)
    {
        var forked = await forks.ForkAsync(id, body.Seq, body.Prompt ?? "", body.Model, LocalPerson.Name, cancellationToken);
        return await forked.AnswerAsync(async task => await queries.DetailsAsync(task, cancellationToken) is { } found
            ? Results.Created($"/api/v1/tasks/{task}", TaskAnswer.Of(found))
            : Problems.NotFound("The task was deleted meanwhile."));
    }

    private static async Task<IResult> RewindAsync(AttemptId id, RewindBody body, Rewinds rewinds, CancellationToken cancellationToken) =>
        body.Seq is { } seq
            ? (await rewinds.RewindAsync(id, seq, cancellationToken)).Answer(static before => Results.Ok(new RewoundAnswer(before)))
            : Problems.Invalid("seq", "Say to which event of the log: the files become those of the last step that had ended by then.");
}

/// <summary>A fork.</summary>
/// <param name="Seq">An event of the attempt's log: the fork begins after the last step that had ended by then. Null for the newest.</param>
/// <param name="Prompt">What is to be done in the fork; Markdown.</param>
/// <param name="Model">A model's id; null for the attempt's own.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ForkBody(long? Seq, string? Prompt, string? Model);

/// <summary>To where files are rewound.</summary>
/// <param name="Seq">An event of the attempt's log.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record RewindBody(long? Seq);

/// <summary>Files were rewound.</summary>
/// <param name="Before">The log's last event before: rewinding to it takes this back.</param>
internal sealed record RewoundAnswer(long Before);

using CodexWeb.Data;
using CodexWeb.Review;
using CodexWeb.Tasks;

namespace CodexWeb.Api;

/// <summary>The task's pull request: propose, open, update, follow, keep green; and the merge of a newer base, which needs none.</summary>
internal static class PullRequestEndpoints
{
    private const string Tag = "Pull requests";
    private const int UsualRounds = 3;

    public static void Map(IEndpointRouteBuilder api)
    {
        const string pull = "/tasks/{id:guid}/pull-request";
        api.MapGet(pull, FindAsync)
            .WithName("GetPullRequest").WithTags(Tag).WithSummary("The task's pull request as last read from its host")
            .Produces<PullRequestAnswer>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost(pull, OpenAsync)
            .WithName("OpenPullRequest").WithTags(Tag).WithSummary("Push the work and open the pull request, or update the one there is")
            .WithDescription("Again is an update: new commits are pushed; title and body change only when they are given. A closed one is opened again, a merged one refused.")
            .Produces<PullRequestAnswer>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapGet(pull + "/proposal", ProposeAsync)
            .WithName("ProposePullRequest").WithTags(Tag).WithSummary("The text it would have, and its conflicts with the newest base")
            .Produces<PullRequestProposal>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapGet(pull + "/choices", ChooseAsync)
            .WithName("ListPullRequestChoices").WithTags(Tag).WithSummary("Labels and reviewers to choose from")
            .Produces<PullRequestChoices>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost(pull + "/refresh", RefreshAsync)
            .WithName("RefreshPullRequest").WithTags(Tag).WithSummary("Read it from its host now")
            .Produces<PullRequestAnswer>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPut(pull + "/keep-green", KeepGreenAsync)
            .WithName("KeepPullRequestGreen").WithTags(Tag).WithSummary("Let failing checks and review comments become turns, or end that")
            .Produces<PullRequestAnswer>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapPost("/tasks/{id:guid}/resolve-conflicts", ResolveAsync)
            .WithName("ResolveConflicts").WithTags(Tag).WithSummary("Start a turn that merges the newest base and resolves the conflicts")
            .Produces<TurnAnswer>(StatusCodes.Status201Created).ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> FindAsync(TaskId id, TaskQueries queries, CancellationToken cancellationToken) => await queries.DetailsAsync(id, cancellationToken) switch
    {
        null => Problems.NotFound("There is no such task."),
        { PullRequest: { } pull } => Results.Ok(PullRequestAnswer.Of(pull)),
        _ => Problems.NotFound("The task has no pull request yet."),
    };

    private static async Task<IResult> OpenAsync(TaskId id, PullRequestBody? body, PullRequests pulls, CancellationToken cancellationToken) =>
        (await pulls.OpenOrUpdateAsync(id, body?.ToRequest() ?? new PullRequestRequest(), cancellationToken)).Answer(static pull => Results.Ok(PullRequestAnswer.Of(pull)));

    private static async Task<IResult> ProposeAsync(TaskId id, AttemptId? attemptId, string? @base, PullRequests pulls, CancellationToken cancellationToken) =>
        (await pulls.ProposeAsync(id, attemptId, @base, cancellationToken)).Answer(static proposal => Results.Ok(proposal));

    private static async Task<IResult> ChooseAsync(TaskId id, PullRequests pulls, TaskQueries queries, CancellationToken cancellationToken) =>
        await queries.RowAsync(id, cancellationToken) is null ? Problems.NotFound("There is no such task.") : Results.Ok(await pulls.ChoicesAsync(id, cancellationToken));

    private static async Task<IResult> RefreshAsync(TaskId id, PullRequestSync sync, TaskQueries queries, CancellationToken cancellationToken)
    {
        await sync.RefreshQuietlyAsync(id, cancellationToken);
        return await FindAsync(id, queries, cancellationToken);
    }

    private static async Task<IResult> KeepGreenAsync(TaskId id, KeepGreenBody body, PullRequests pulls, TaskQueries queries, CancellationToken cancellationToken) => body.On is not { } on
        ? Problems.Invalid("on", "Say true or false.")
        : await (await pulls.SetKeepGreenAsync(id, on, body.Rounds ?? UsualRounds, body.Budget, cancellationToken)).AnswerAsync(_ => FindAsync(id, queries, cancellationToken));

    private static async Task<IResult> ResolveAsync(TaskId id, ResolveBody? body, BaseMerges merges, TaskQueries queries, CancellationToken cancellationToken) =>
        await (await merges.ResolveAsync(id, body?.AttemptId, body?.Base, cancellationToken)).AnswerAsync(async number =>
            (await queries.DetailsAsync(id, cancellationToken))?.Turns.FirstOrDefault(turn => turn.Number == number) is { } turn
                ? Results.Created($"/api/v1/tasks/{id}", TurnAnswer.Of(turn))
                : Problems.NotFound("There is no such task."));
}

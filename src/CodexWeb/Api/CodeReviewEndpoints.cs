using System.Text.Json.Serialization;
using CodexWeb.CodeReviews;
using CodexWeb.Data;
using CodexWeb.Tasks;

namespace CodexWeb.Api;

/// <summary>Reviews of pull requests: ask for one, list, look at, have a finding mended.</summary>
internal static class CodeReviewEndpoints
{
    private const string Tag = "Reviews";

    // Everybody is this one person as long as there is no sign-in.
    private const string Person = "Local user";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/reviews", RequestAsync)
            .WithName("RequestReview").WithTags(Tag).WithSummary("Review a pull request at its newest commit, or what an attempt changed")
            .WithDescription("By the repository's id and the pull request's number, or by the address of its page. A commit is reviewed once: asked again, the review there is comes with status 200.")
            .Produces<ReviewAnswer>(StatusCodes.Status201Created).Produces<ReviewAnswer>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status409Conflict);
        api.MapGet("/reviews", ListAsync)
            .WithName("ListReviews").WithTags(Tag).WithSummary("Reviews, newest first, without their findings")
            .WithDescription("repository: an id. state: running, posting, posted, failed, superseded.")
            .Produces<Page<ReviewAnswer>>().ProducesValidationProblem();
        api.MapGet("/reviews/{id:guid}", FindAsync)
            .WithName("GetReview").WithTags(Tag).WithSummary("One review with its findings")
            .Produces<ReviewAnswer>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost("/reviews/findings/{id:guid}/fix", FixAsync)
            .WithName("FixFinding").WithTags(Tag).WithSummary("Have a finding mended")
            .WithDescription("A follow-up of the task the pull request is of, else a new task on the pull request's branch.")
            .Produces<FixAnswer>(StatusCodes.Status202Accepted).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> RequestAsync(ReviewBody body, CodeReviewCommands commands, CodeReviewQueries queries, TimeProvider time, CancellationToken cancellationToken)
    {
        if (body.FindErrors() is { Count: > 0 } errors)
        {
            return Problems.Invalid(errors);
        }

        var asked = time.GetUtcNow();
        var requested = body.AttemptId is { } attempt
            ? await commands.RequestAsync(attempt, Person, cancellationToken)
            : body.Url is { } url
            ? await commands.RequestAsync(url, Person, cancellationToken)
            : await commands.RequestAsync(body.RepositoryId!.Value, body.Number!.Value, Person, ReviewTrigger.Requested, cancellationToken);
        return await requested.AnswerAsync(async id =>
        {
            var review = await queries.DetailsAsync(id, cancellationToken);
            return review is null ? Missing()
                : review.Row.CreatedAt < asked.AddMilliseconds(-1) ? Results.Ok(ReviewAnswer.Of(review))
                : Results.Created($"/api/v1/reviews/{id}", ReviewAnswer.Of(review));
        });
    }

    private static async Task<IResult> ListAsync(CodeReviewQueries queries, RepositoryId? repository, string? state, int? limit, string? cursor, CancellationToken cancellationToken)
    {
        if (Paging.Check(limit) is { } wrong)
        {
            return wrong;
        }

        CodeReviewStatus? status = null;
        if (state is { Length: > 0 })
        {
            if (!Enum.TryParse<CodeReviewStatus>(state, ignoreCase: true, out var named) || !Enum.IsDefined(named) || char.IsAsciiDigit(state[0]))
            {
                return Problems.Invalid("state", $"There is no state '{state}'. Choose one of: running, posting, posted, failed, superseded.");
            }

            status = named;
        }

        var page = await queries.ListAsync(repository, status, limit ?? Paging.Usual, CodeReviewId.TryParse(cursor, null, out var before) ? before : null, cancellationToken);
        return Results.Ok(new Page<ReviewAnswer>([.. page.Items.Select(static row => ReviewAnswer.Of(row))], page.NextCursor));
    }

    private static async Task<IResult> FindAsync(CodeReviewId id, CodeReviewQueries queries, CancellationToken cancellationToken) =>
        await queries.DetailsAsync(id, cancellationToken) is { } review ? Results.Ok(ReviewAnswer.Of(review)) : Missing();

    private static async Task<IResult> FixAsync(FindingId id, CodeReviewCommands commands, CancellationToken cancellationToken) =>
        (await commands.FixAsync(id, Person, cancellationToken)).Answer(static task => Results.Accepted($"/api/v1/tasks/{task}", new FixAnswer(task)));

    private static IResult Missing() => Problems.NotFound("There is no such review.");
}

/// <summary>Which pull request to review: by repository and number, or by its page.</summary>
/// <param name="Url">The address of the pull request's page; then the others are left out.</param>
/// <param name="AttemptId">An attempt, to review what it changed; then the others are left out. The findings are shown here; nothing is posted.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ReviewBody(RepositoryId? RepositoryId, int? Number, string? Url, AttemptId? AttemptId)
{
    public Dictionary<string, string> FindErrors()
    {
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Url is not null || AttemptId is not null)
        {
            if (RepositoryId is not null || Number is not null || (Url is not null && AttemptId is not null))
            {
                errors["url"] = "Give either the address, or the repository and the number, or an attempt.";
            }

            return errors;
        }

        if (RepositoryId is null)
        {
            errors["repositoryId"] = "Name the repository, or give the url of the pull request.";
        }

        if (Number is null)
        {
            errors["number"] = "Give the number of the pull request, or its url.";
        }

        return errors;
    }
}

/// <summary>A review.</summary>
/// <param name="PullRequest">The pull request's number; 0 for a task's own change.</param>
/// <param name="Problem">Why it failed or waits, with what to do; null when neither.</param>
/// <param name="Verdict"><c>patch is correct</c> or <c>patch is incorrect</c>; null before the agent's end.</param>
/// <param name="Confidence">0 to 1; null as the verdict, and in lists.</param>
/// <param name="Explanation">Null as the verdict, and in lists.</param>
/// <param name="Floor">Findings of this priority or a more urgent one are posted; null in lists.</param>
/// <param name="PostedUrl">The posted review's page; null before, and in lists.</param>
/// <param name="Counts">Findings by priority, 0 first: four numbers.</param>
/// <param name="TaskId">The agent's part.</param>
/// <param name="Findings">Null in lists.</param>
internal sealed record ReviewAnswer(
    CodeReviewId Id,
    RepositoryId RepositoryId,
    string Repository,
    int PullRequest,
    string Title,
    string Url,
    string? BaseCommit,
    string HeadCommit,
    CodeReviewStatus State,
    string? Problem,
    string? Verdict,
    double? Confidence,
    string? Explanation,
    int? Floor,
    string? PostedUrl,
    IReadOnlyList<int> Counts,
    ReviewTrigger Trigger,
    string Requester,
    TaskId TaskId,
    DateTime CreatedAt,
    IReadOnlyList<FindingAnswer>? Findings)
{
    public static ReviewAnswer Of(CodeReviewDetails review) => Of(review.Row) with
    {
        BaseCommit = review.BaseCommit,
        Confidence = review.Confidence,
        Explanation = review.Explanation,
        Floor = review.Floor,
        PostedUrl = review.PostedUrl,
        Findings = [.. review.Findings.Select(FindingAnswer.Of)],
    };

    public static ReviewAnswer Of(CodeReviewRow row) => new(
        row.Id,
        row.RepositoryId,
        row.RepositoryName,
        row.Number,
        row.Title,
        row.Url,
        BaseCommit: null,
        row.HeadCommit,
        row.Status,
        row.Problem,
        row.Correct switch { true => "patch is correct", false => "patch is incorrect", null => null },
        Confidence: null,
        Explanation: null,
        Floor: null,
        PostedUrl: null,
        row.Counts,
        row.Trigger,
        row.Requester,
        row.TaskId,
        row.CreatedAt.UtcDateTime,
        Findings: null);
}

/// <summary>A finding.</summary>
/// <param name="Priority">0 drop everything, 1 urgent, 2 normal, 3 nice to have.</param>
/// <param name="StartLine">First line in the file as it is at the reviewed commit.</param>
/// <param name="CommentUrl">Its comment; null when it was not posted.</param>
/// <param name="FixTaskId">The task that mends it; null when none was started.</param>
internal sealed record FindingAnswer(
    FindingId Id, string Title, string Body, int Priority, double Confidence, string Path, int StartLine, int EndLine, FindingState State, string? CommentUrl, TaskId? FixTaskId)
{
    public static FindingAnswer Of(FindingView finding) => new(
        finding.Id, finding.Title, finding.Body, finding.Priority, finding.Confidence, finding.Path, finding.StartLine, finding.EndLine, finding.State, finding.CommentUrl, finding.FixTaskId);
}

/// <summary>What mends a finding.</summary>
internal sealed record FixAnswer(TaskId TaskId);

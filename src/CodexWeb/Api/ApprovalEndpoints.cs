using System.Text.Json.Serialization;
using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Tasks;

namespace CodexWeb.Api;

/// <summary>What an attempt asks people, and their answers.</summary>
internal static class ApprovalEndpoints
{
    private const string Tag = "Approvals";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/attempts/{id:guid}/approvals", ListAsync)
            .WithName("ListApprovals").WithTags(Tag).WithSummary("What the attempt asked people, oldest first; decision is null while it waits")
            .Produces<Page<ApprovalView>>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost("/attempts/{id:guid}/approvals/{approvalId:guid}", DecideAsync)
            .WithName("DecideApproval").WithTags(Tag).WithSummary("Answer what an attempt asks")
            .WithDescription("decision: approve, approve-for-task (where rule is not null), reject, wrap-up (budget: sum up and end; loop: try another way). A reason is told to the model. "
                + "Questions of the model are answered by approve with answers, one each, in order.")
            .Produces<ApprovalView>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> ListAsync(AttemptId id, Approvals approvals, CancellationToken cancellationToken) =>
        await approvals.ListAsync(id, cancellationToken) is { } list ? Results.Ok(new Page<ApprovalView>(list, NextCursor: null)) : Problems.NotFound("There is no such attempt.");

    private static async Task<IResult> DecideAsync(AttemptId id, ApprovalId approvalId, DecisionBody body, Approvals approvals, ApprovalCommands commands, CancellationToken cancellationToken)
    {
        if (Decision(body.Decision) is not { } decision)
        {
            return Problems.Invalid("decision", "Choose a decision: approve, approve-for-task, reject or wrap-up.");
        }

        // A question of another attempt is not to be reached by this one's address.
        if (await FindAsync(id, approvalId, approvals, cancellationToken) is null)
        {
            return Problems.NotFound("The attempt asked no such question.");
        }

        var decided = await commands.DecideAsync(approvalId, decision, body.Reason, body.Answers ?? [], LocalPerson.Name, cancellationToken);
        return await decided.AnswerAsync(async _ => Results.Ok(await FindAsync(id, approvalId, approvals, cancellationToken)));
    }

    private static async Task<ApprovalView?> FindAsync(AttemptId attempt, ApprovalId id, Approvals approvals, CancellationToken cancellationToken) =>
        (await approvals.ListAsync(attempt, cancellationToken))?.FirstOrDefault(view => view.Id == id);

    private static ApprovalDecision? Decision(string? text) => text switch
    {
        "approve" => ApprovalDecision.Approve,
        "approve-for-task" => ApprovalDecision.ApproveForTask,
        "reject" => ApprovalDecision.Reject,
        "wrap-up" => ApprovalDecision.WrapUp,
        _ => null,
    };
}

/// <summary>An answer to what an attempt asks.</summary>
/// <param name="Decision"><c>approve</c>, <c>approve-for-task</c>, <c>reject</c> or <c>wrap-up</c>.</param>
/// <param name="Reason">Told to the model; null for none.</param>
/// <param name="Answers">To questions of the model, one each; null for all else.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record DecisionBody(string? Decision, string? Reason, List<string>? Answers);

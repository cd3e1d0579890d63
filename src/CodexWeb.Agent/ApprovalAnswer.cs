using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent;

/// <summary>
/// Asks a person and waits, for days if it must. Whoever implements it logs the item: started with the question, completed with the decision. A question of an item id that was asked
/// before a restart is the same question: an answer given meanwhile counts at once.
/// </summary>
/// <param name="question">What is asked; <see cref="Item.Approval.Decision"/> is null.</param>
/// <param name="ruleKey">What a decision "for this task" lets through: equal keys are equal requests, and one that was let through is answered without asking. Null when each has to be asked.</param>
/// <exception cref="OperationCanceledException">The turn was stopped; the question is taken back.</exception>
public delegate Task<ApprovalAnswer> AskPerson(Item.Approval question, string? ruleKey, CancellationToken cancellationToken);

/// <summary>What a person answered.</summary>
/// <param name="Reason">What they wrote with it; null for nothing.</param>
/// <param name="Answers">One for each question, in their order; empty for other kinds.</param>
/// <param name="By">The person; null when the server took the question back.</param>
public sealed record ApprovalAnswer(ApprovalDecision Decision, string? Reason, IReadOnlyList<string> Answers, string? By)
{
    /// <summary>True when it may be done.</summary>
    public bool Allows => Decision is ApprovalDecision.Approve or ApprovalDecision.ApproveForTask;

    /// <summary>The answer of a question that was decided; null while it waits.</summary>
    public static ApprovalAnswer? Of(Item.Approval item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return item.Decision is { } decision ? new ApprovalAnswer(decision, item.Reason, item.Answers ?? [], item.DecidedBy) : null;
    }
}

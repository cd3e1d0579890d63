using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Attempts;

/// <summary>Questions in words for people. What the model wrote is shown with its hidden characters written out: nobody allows what cannot be seen.</summary>
public static class ApprovalWords
{
    /// <summary>The next human action, one line: <c>Approve: npm install left-pad</c>.</summary>
    public static string NextStep(Item.Approval question)
    {
        ArgumentNullException.ThrowIfNull(question);
        return NextStep(question.Kind, question.Title);
    }

    /// <inheritdoc cref="NextStep(Item.Approval)"/>
    public static string NextStep(ApprovalKind kind, string title) => kind switch
    {
        ApprovalKind.Command or ApprovalKind.Tool => $"Approve: {HiddenCharacters.RevealLine(title)}",
        ApprovalKind.Edit => $"Approve the change: {HiddenCharacters.RevealLine(title)}",
        ApprovalKind.Question => $"Answer: {HiddenCharacters.RevealLine(title)}",
        ApprovalKind.Budget or ApprovalKind.Loop => HiddenCharacters.RevealLine(title),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such kind."),
    };

    /// <summary>A decision, past tense: <c>Approved</c>.</summary>
    public static string Of(ApprovalDecision decision, ApprovalKind kind) => (decision, kind) switch
    {
        (ApprovalDecision.Approve, ApprovalKind.Question) => "Answered",
        (ApprovalDecision.Approve, ApprovalKind.Budget) => "Budget raised",
        (ApprovalDecision.Approve, ApprovalKind.Loop) => "Told to go on",
        (ApprovalDecision.Approve, _) => "Approved",
        (ApprovalDecision.ApproveForTask, _) => "Approved for this task",
        (ApprovalDecision.Reject, ApprovalKind.Question) => "Not answered",
        (ApprovalDecision.Reject, ApprovalKind.Budget or ApprovalKind.Loop) => "Told to stop",
        (ApprovalDecision.Reject, _) => "Rejected",
        (ApprovalDecision.WrapUp, ApprovalKind.Budget) => "Told to wrap up",
        (ApprovalDecision.WrapUp, _) => "Told to try another way",
        (ApprovalDecision.Withdrawn, _) => "Taken back: the attempt ended first",
        _ => throw new ArgumentOutOfRangeException(nameof(decision), decision, "No such decision."),
    };
}

using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Tools;

/// <summary>
/// Stands before every call of a tool: what the mode wants asked is asked, and waits. Whether something is asked depends on which tool is called, never on what a command says:
/// no text the model writes makes a difference.
/// </summary>
internal sealed class ApprovalGate(AgentTurn turn, TurnLog log)
{
    /// <summary>True when there is somebody to ask.</summary>
    public bool CanAsk => turn.Ask is not null;

    /// <summary>True when calls may have to be asked for; they run one at a time then.</summary>
    public bool Asks => turn.Ask is not null && turn.Approval is not ApprovalMode.FullAuto;

    /// <summary>Waits until a call may run.</summary>
    /// <returns>Null when it may; else what the model is told.</returns>
    /// <exception cref="ToolRefusedException">The call cannot be done as it stands, so that nobody is asked.</exception>
    /// <exception cref="OperationCanceledException">The turn was stopped.</exception>
    public async Task<string?> RefusalAsync(Tool tool, ConversationEntry.ToolCall call, CancellationToken cancellationToken)
    {
        if (!Asks
            || await tool.PermissionAsync(call, cancellationToken) is not { } permission
            || (permission.Kind is ApprovalKind.Edit && turn.Approval is not ApprovalMode.Suggest))
        {
            return null;
        }

        var answer = await AskAsync(
            call, id => new Item.Approval(id, permission.Kind, permission.Title, permission.Detail, call.CallId, permission.Rule), permission.RuleKey, cancellationToken);
        return answer.Allows ? null : Refusal(answer);
    }

    /// <summary>Asks for a call, under the item it was asked under before a restart.</summary>
    /// <param name="question">Makes the item of the given id.</param>
    public async Task<ApprovalAnswer> AskAsync(
        ConversationEntry.ToolCall call, Func<string, Item.Approval> question, string? ruleKey, CancellationToken cancellationToken)
    {
        var ask = turn.Ask ?? throw new InvalidOperationException("There is nobody to ask.");
        var before = turn.Asked.FirstOrDefault(asked => string.Equals(asked.CallId, call.CallId, StringComparison.Ordinal));
        return before is not null && ApprovalAnswer.Of(before) is { } given ? given : await ask(question(before?.Id ?? log.Ids.Next()), ruleKey, cancellationToken);
    }

    private static string Refusal(ApprovalAnswer answer) => answer switch
    {
        { Decision: ApprovalDecision.Withdrawn } => "aborted: nobody answered whether this may be done, so it was not run.",
        { Reason: { Length: > 0 } reason } => $"The person refused this; it was not run. They say: {reason}\nDo as they say. Do not do the same in another form.",
        _ => "The person refused this without a reason; it was not run. Do not do the same in another form: take another way, or stop and ask in your final message how to go on.",
    };
}

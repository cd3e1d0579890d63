using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Tools;

/// <summary>
/// Runs the calls of one answer: neighbours that only read side by side, all others, and all that may have to be asked for, one at a time, and gives the results in the order of the calls.
/// </summary>
internal sealed class ToolCalls(ToolSet tools, ApprovalGate gate, TurnLog log)
{
    private const int SideBySide = 8;
    private const string StoppedBefore = "aborted: the person stopped the turn before this was run.";

    /// <summary>What the calls of an answer came to.</summary>
    /// <param name="Results">In the order of the calls, one each.</param>
    /// <param name="Folders">Workspace folders they worked in.</param>
    /// <param name="MayHaveChangedFiles">True when one of them can have.</param>
    public sealed record Outcome(IReadOnlyList<ConversationEntry.ToolResult> Results, IReadOnlyList<string> Folders, bool MayHaveChangedFiles);

    /// <summary>Runs them. Each result is logged in one batch with the end of its item, as soon as it is there. A stop ends the running ones and answers the others without running them.</summary>
    public async Task<Outcome> RunAsync(IReadOnlyList<ConversationEntry.ToolCall> calls, CancellationToken cancellationToken)
    {
        var results = new List<ConversationEntry.ToolResult>(calls.Count);
        var folders = new HashSet<string>(StringComparer.Ordinal);
        var changed = false;
        while (results.Count < calls.Count)
        {
            var group = Neighbours(calls.Skip(results.Count));
            foreach (var (result, answer, mayChange) in await Task.WhenAll(group.Select(call => RunAsync(call, cancellationToken))))
            {
                results.Add(result);
                folders.UnionWith(answer.Folders);
                changed |= mayChange;
            }
        }

        return new Outcome(results, [.. folders], changed);
    }

    private List<ConversationEntry.ToolCall> Neighbours(IEnumerable<ConversationEntry.ToolCall> calls)
    {
        var group = new List<ConversationEntry.ToolCall>();
        foreach (var call in calls)
        {
            if (group.Count > 0 && (group.Count == SideBySide || !Reads(call) || !Reads(group[0])))
            {
                break;
            }

            group.Add(call);
        }

        return group;
    }

    private bool Reads(ConversationEntry.ToolCall call) => !gate.Asks && tools.Offers(call.Name) && tools.Find(call.Name).OnlyReads(call);

    private async Task<(ConversationEntry.ToolResult Result, ToolAnswer Answer, bool MayChange)> RunAsync(ConversationEntry.ToolCall call, CancellationToken cancellationToken)
    {
        var (answer, mayChange) = await AnswerAsync(call, cancellationToken);
        var result = new ConversationEntry.ToolResult(call.CallId, answer.Text, call.Custom, answer.Images);
        await log.AppendAsync([.. answer.Events, new AgentEvent.HistoryAppended([result])]);
        return (result, answer, mayChange);
    }

    private async Task<(ToolAnswer Answer, bool MayChange)> AnswerAsync(ConversationEntry.ToolCall call, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return (new ToolAnswer(StoppedBefore), false);
        }

        try
        {
            var tool = tools.Find(call.Name);
            return await RefusalAsync(tool, call, cancellationToken) is { } refusal
                ? (new ToolAnswer(refusal), false)
                : (await tool.RunAsync(call, cancellationToken), tool.MayChangeFiles);
        }
        catch (ToolRefusedException exception)
        {
            return (new ToolAnswer(exception.Message, new AgentEvent.ItemCompleted(exception.Shown ?? new Item.Notice(log.Ids.Next(), "tool", exception.Message))), false);
        }
    }

    private async Task<string?> RefusalAsync(Tool tool, ConversationEntry.ToolCall call, CancellationToken cancellationToken)
    {
        try
        {
            return await gate.RefusalAsync(tool, call, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return StoppedBefore;
        }
    }
}

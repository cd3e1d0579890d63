using CodexWeb.Attempts;
using CodexWeb.Data;

namespace CodexWeb.Tasks;

/// <summary>What the merge of a newer base means for going back in an attempt: its change counts from that base only after the merge.</summary>
internal static class Merges
{
    /// <summary>The commit that the change of an attempt counted from at a step; null when that cannot be said: a merge was under way, or lies between two.</summary>
    public static string? BaseAt(CodexTask task, AttemptId attempt, StepBoundary boundary, IReadOnlyList<LoggedEvent> log)
    {
        var merges = task.Turns.Where(turn => turn.Source is TurnSources.Conflicts && turn.AttemptId == attempt).Select(turn => turn.Number).ToList();
        if (merges.Count == 0)
        {
            return task.BaseCommit;
        }

        var turn = boundary.TurnOf(log);
        var ended = log.Any(logged => logged.Seq <= boundary.Seq && logged.Event is CodexWeb.Agent.Protocol.AgentEvent.TurnCompleted completed && completed.Turn == merges.Max());
        return turn < merges.Min() ? task.BaseCommit
            : turn >= merges.Max() && ended ? task.MergedInto(attempt) ?? task.BaseCommit
            : null;
    }
}

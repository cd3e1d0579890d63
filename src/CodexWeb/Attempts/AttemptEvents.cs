using CodexWeb.Agent;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Tasks;

namespace CodexWeb.Attempts;

/// <summary>The way of a run's events to the log: what they prove is kept in mind, and the last message is made fit for people.</summary>
/// <param name="mode">What the turn may do.</param>
internal sealed class AttemptEvents(AttemptJob job, AgentMode mode, RunningAttempt running, AttemptFindings findings)
{
    /// <summary>What the log proves so far.</summary>
    public EvidenceSoFar Evidence { get; } = new(job.Events, job.Environment.Checks);

    /// <summary>The commit the workspace's files are at; empty before there is one.</summary>
    public Func<string> Commit { get; init; } = static () => "";

    /// <summary>Stores events as one batch.</summary>
    public async ValueTask AppendAsync(IReadOnlyList<AgentEvent> events, CancellationToken cancellationToken)
    {
        if (events.Any(e => e is AgentEvent.ItemCompleted { Item: Item.AgentMessage { Final: true } }))
        {
            events = await Task.WhenAll(events.Select(e => VerifiedAsync(e, cancellationToken)));
        }

        Evidence.Add(events);
        await running.AppendAsync(events, cancellationToken);
    }

    /// <summary>One line on the checks; null for a task that changes nothing.</summary>
    /// <param name="last">Events that are stored with the end.</param>
    public async Task<string?> EvidenceLineAsync(IReadOnlyList<AgentEvent> last, string baseCommit)
    {
        if (job.Task.Mode is TaskMode.Ask || baseCommit.Length == 0)
        {
            return null;
        }

        return (await EvidenceAsync(last, baseCommit, CancellationToken.None)).Line;
    }

    /// <summary>What the log proves about the change so far.</summary>
    /// <param name="more">Events that are about to be stored.</param>
    public async Task<Evidence> EvidenceAsync(IReadOnlyList<AgentEvent> more, string baseCommit, CancellationToken cancellationToken) => Attempts.Evidence.Of(
        Evidence.Events().Concat(more), job.Environment.Checks, await findings.InstructionsAsync(job.Task.Repository.Key, baseCommit, cancellationToken));

    // Citations that point at nothing are gone before anybody sees the message.
    private async Task<AgentEvent> VerifiedAsync(AgentEvent @event, CancellationToken cancellationToken) =>
        @event is AgentEvent.ItemCompleted { Item: Item.AgentMessage { Final: true } message }
            ? new AgentEvent.ItemCompleted(await findings.VerifyAsync(ForPeople(message), Evidence.Events(), job.Task.Repository.Key, Commit(), cancellationToken))
            : @event;

    // A review ends with JSON; the conversation keeps that, people read what it says.
    private Item.AgentMessage ForPeople(Item.AgentMessage message) =>
        mode is AgentMode.Review && ReviewReport.Parse(message.Text).Report is { } report ? message with { Text = report.ToMarkdown() } : message;
}

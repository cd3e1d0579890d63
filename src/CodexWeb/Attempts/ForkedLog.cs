using CodexWeb.Agent.Protocol;

namespace CodexWeb.Attempts;

/// <summary>What a fork's log begins with: the log it comes from up to a step, so that page, evidence and conversation begin as that attempt had them. A pure fold.</summary>
internal static class ForkedLog
{
    /// <summary>The events to begin with.</summary>
    /// <param name="log">The whole log of the attempt that is forked.</param>
    /// <param name="sameModel">False when another model goes on: what only the first one's provider can read is left out.</param>
    /// <param name="from">Where it comes from, a sentence for people.</param>
    /// <param name="attachments">Ids of attachments, and of the fork's copies of them; null for none.</param>
    public static IReadOnlyList<AgentEvent> Of(IReadOnlyList<LoggedEvent> log, StepBoundary boundary, bool sameModel, string from, IReadOnlyDictionary<string, string>? attachments = null)
    {
        var before = log.TakeWhile(logged => logged.Seq <= boundary.Seq).Select(logged => logged.Event).ToList();
        var ended = before.OfType<AgentEvent.ItemCompleted>()
            .SelectMany(completed => ((completed.Item as Item.Notice)?.Discards ?? []).Append(completed.Item.Id))
            .ToHashSet(StringComparer.Ordinal);
        var events = before.Select(@event => Copied(@event, ended, sameModel)).OfType<AgentEvent>().Select(@event => WithCopies(@event, attachments)).ToList();
        if (boundary.Files is { } files && !before.Contains(files))
        {
            events.Add(files);
        }

        events.Add(new AgentEvent.ItemCompleted(new Item.Notice(ItemIds.After(before).Next(), "fork", from)));
        events.Add(new AgentEvent.HistoryAppended([new ConversationEntry.User(Note, FromServer: true)]));
        if (before.FindLast(e => e is AgentEvent.TurnStarted or AgentEvent.TurnCompleted or AgentEvent.TurnFailed) is AgentEvent.TurnStarted open)
        {
            events.Add(new AgentEvent.TurnCompleted(open.Turn, default));
        }

        return events;
    }

    private const string Note =
        "This conversation was forked here: it goes on in a new workspace, on a branch of its own, with the files as they were after the last step above. "
        + "Programs that were running are gone, and so are files that Git ignores. What the person writes next is what counts now.";

    private static AgentEvent? Copied(AgentEvent @event, HashSet<string> ended, bool sameModel) => @event switch
    {
        // The fork has states of its own, and what was spent was spent there.
        AgentEvent.StatusChanged or AgentEvent.ItemUpdated => null,
        AgentEvent.UsageReported usage => usage with { Usage = default },
        AgentEvent.TurnCompleted completed => completed with { Usage = default },
        AgentEvent.ItemStarted started => ended.Contains(started.Item.Id) ? started : null,
        AgentEvent.HistoryAppended appended when !sameModel => new AgentEvent.HistoryAppended(ForAnyModel(appended.Entries)),
        AgentEvent.HistoryReplaced replaced when !sameModel => new AgentEvent.HistoryReplaced(ForAnyModel(replaced.Entries)),
        _ => @event,
    };

    private static AgentEvent WithCopies(AgentEvent @event, IReadOnlyDictionary<string, string>? attachments) =>
        attachments is not null && @event is AgentEvent.ItemCompleted { Item: Item.UserMessage { Attachments: { } sent } message }
            ? new AgentEvent.ItemCompleted(message with { Attachments = [.. sent.Select(file => attachments.TryGetValue(file.Id, out var copy) ? file with { Id = copy } : file)] })
            : @event;

    private static IReadOnlyList<ConversationEntry> ForAnyModel(IReadOnlyList<ConversationEntry> entries) =>
        [.. entries.Where(entry => entry is not ConversationEntry.Reasoning).Select(entry => entry switch
        {
            ConversationEntry.Assistant message => message with { ProviderItem = null },
            ConversationEntry.ToolCall call => call with { ProviderItem = null },
            _ => entry,
        })];
}

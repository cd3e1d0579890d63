using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Models;

/// <summary>
/// What the model is told: entries in order, only ever added to, so that each request repeats the one before as its prefix, until a compaction begins it anew.
/// Every call has exactly one result, and the results of an answer follow it in the order of its calls.
/// </summary>
public sealed class Conversation
{
    /// <summary>What the model reads in place of the result of a call that the server's end cut off.</summary>
    public const string AbortedByServerEnd = "aborted: the server ended while this ran; what it did is not known, look before repeating";

    private readonly List<ConversationEntry> _entries;

    // What the provider counted for the first entries, and how many these are; null when it has not counted yet.
    private (long Tokens, int Entries)? _measured;

    /// <summary>An empty conversation.</summary>
    public Conversation() => _entries = [];

    private Conversation(IEnumerable<ConversationEntry> entries) => _entries = [.. entries];

    /// <summary>The entries so far. Changes in place: take a copy to keep a moment of it.</summary>
    public IReadOnlyList<ConversationEntry> Entries => _entries;

    /// <summary>The model's last message when the conversation ends with it and it called no tool, so that nothing is left to do; else null.</summary>
    public string? Answer => _entries is [.., ConversationEntry.Assistant { Text: { Length: > 0 } text }] ? text : null;

    /// <summary>
    /// The conversation of a log that may end anywhere; what stood before its last compaction is no part of it. A call without a result is given
    /// <see cref="AbortedByServerEnd"/>, a result without a call is dropped, and results are put into the order of their calls (tools that ran side by side are logged as they end).
    /// </summary>
    /// <param name="unbegun">Ids of calls that are left without a result, for they are still to be run; null for none.</param>
    public static Conversation Rebuild(IEnumerable<AgentEvent> log, IReadOnlySet<string>? unbegun = null)
    {
        var events = log.ToList();
        var replaced = events.FindLastIndex(static @event => @event is AgentEvent.HistoryReplaced);
        var conversation = new Conversation(replaced < 0 ? [] : ((AgentEvent.HistoryReplaced)events[replaced]).Entries);
        // Ids of calls are unique within a conversation, not beyond its compaction.
        events.RemoveRange(0, replaced + 1);
        var results = events.OfType<AgentEvent.HistoryAppended>().SelectMany(static appended => appended.Entries).OfType<ConversationEntry.ToolResult>()
            .DistinctBy(static result => result.CallId, StringComparer.Ordinal).ToDictionary(static result => result.CallId, StringComparer.Ordinal);
        var open = new List<ConversationEntry.ToolCall>();
        TokenUsage? counted = null;
        foreach (var @event in events)
        {
            if (@event is AgentEvent.UsageReported answer)
            {
                counted = answer.Usage;
            }
            else if (@event is AgentEvent.HistoryAppended { Entries: var batch })
            {
                // An answer is one batch, so whatever comes next stands behind its results.
                Settle();
                conversation.Add(batch.Where(static entry => entry is not ConversationEntry.ToolResult));
                open.AddRange(batch.OfType<ConversationEntry.ToolCall>());
                conversation.Measure(counted ?? default);
                counted = null;
            }
        }

        Settle();
        return conversation;

        void Settle()
        {
            conversation.Add(open
                .Where(call => results.ContainsKey(call.CallId) || unbegun?.Contains(call.CallId) != true)
                .Select(call => results.GetValueOrDefault(call.CallId) ?? new ConversationEntry.ToolResult(call.CallId, AbortedByServerEnd, call.Custom)));
            open.Clear();
        }
    }

    /// <summary>Tokens it takes in a request: as the provider counted them, and an estimate of what was added since.</summary>
    /// <param name="around">Tokens of system prompt and tools, which the provider's count contains.</param>
    internal long Tokens(long around) => _measured is { } measured
        ? measured.Tokens + ContextMeter.TokensOf(_entries.Skip(measured.Entries))
        : around + ContextMeter.TokensOf(_entries);

    /// <summary>Notes what the provider counted for the request that was answered last, whose answer was added last.</summary>
    internal void Measure(TokenUsage usage)
    {
        // Some servers count nothing.
        if (usage.InputTokens > 0)
        {
            _measured = (usage.InputTokens + usage.OutputTokens, _entries.Count);
        }
    }

    /// <summary>Begins it anew.</summary>
    internal void Replace(IEnumerable<ConversationEntry> entries)
    {
        var anew = entries.ToList();
        _entries.Clear();
        _entries.AddRange(anew);
        _measured = null;
    }

    /// <summary>Adds entries at the end.</summary>
    internal void Add(IEnumerable<ConversationEntry> entries) => _entries.AddRange(entries);

    /// <summary>Adds results where they belong: behind the last answer and before what a person or the server said since.</summary>
    internal void AddResults(IEnumerable<ConversationEntry.ToolResult> results)
    {
        var said = _entries.FindIndex(_entries.FindLastIndex(static entry => entry is ConversationEntry.ToolCall) + 1, static entry => entry is ConversationEntry.User);
        _entries.InsertRange(said < 0 ? _entries.Count : said, results);
    }

    /// <summary>The calls that have no result yet, in order.</summary>
    internal IReadOnlyList<ConversationEntry.ToolCall> OpenCalls()
    {
        var answered = _entries.OfType<ConversationEntry.ToolResult>().Select(static result => result.CallId).ToHashSet(StringComparer.Ordinal);
        return [.. _entries.OfType<ConversationEntry.ToolCall>().Where(call => !answered.Contains(call.CallId))];
    }

    /// <summary>Results for the calls that were never begun.</summary>
    internal IEnumerable<ConversationEntry.ToolResult> AbortedResults() => OpenCalls()
        .Select(static call => new ConversationEntry.ToolResult(call.CallId, "aborted: the turn was stopped before this was run.", call.Custom));

    /// <summary>The entries of an answer, each call with an id that no call had before: a provider that repeats ids would make results ambiguous.</summary>
    internal IReadOnlyList<ConversationEntry> WithOwnCallIds(IReadOnlyList<ConversationEntry> answer)
    {
        var taken = _entries.OfType<ConversationEntry.ToolCall>().Select(static call => call.CallId).ToHashSet(StringComparer.Ordinal);
        return [.. answer.Select(entry => entry is ConversationEntry.ToolCall call && !taken.Add(call.CallId) ? call with { CallId = Fresh(call.CallId) } : entry)];

        string Fresh(string id)
        {
            var number = 2;
            while (!taken.Add($"{id}_{number}"))
            {
                number++;
            }

            return $"{id}_{number}";
        }
    }
}

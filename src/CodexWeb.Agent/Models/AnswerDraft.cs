using System.Text;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Models;

/// <summary>A complete answer of the model.</summary>
/// <param name="Entries">For the conversation, in order.</param>
/// <param name="Items">Its messages and reasonings as shown, in order; not logged as completed yet.</param>
/// <param name="OutputLimitReached">True when the provider cut it.</param>
/// <param name="UsageEstimated">True when the provider counted no tokens.</param>
internal sealed record ModelAnswer(IReadOnlyList<ConversationEntry> Entries, IReadOnlyList<Item> Items, TokenUsage Usage, bool OutputLimitReached, bool UsageEstimated = false)
{
    /// <summary>The tools it asks for.</summary>
    public IReadOnlyList<ConversationEntry.ToolCall> Calls => [.. Entries.OfType<ConversationEntry.ToolCall>()];

    /// <summary>Its last message; empty when there is none.</summary>
    public string Text => Entries.OfType<ConversationEntry.Assistant>().LastOrDefault()?.Text ?? "";
}

/// <summary>An answer while it streams: shows its text live, and turns into a <see cref="ModelAnswer"/> at its end, or breaks off.</summary>
internal sealed class AnswerDraft(TurnLog log, TimeProvider time)
{
    private const int LongestAnswer = 24 << 20;

    private readonly OrderedDictionary<(string Key, bool Reasoning), Part> _parts = [];
    private readonly List<ConversationEntry> _entries = [];
    private int _length;

    /// <summary>True when anything of the answer came.</summary>
    public bool Began { get; private set; }

    /// <summary>Ids of the items that were shown.</summary>
    public IReadOnlyList<string> Shown => [.. _parts.Values.Select(static part => part.Id)];

    /// <summary>Streams one answer.</summary>
    /// <exception cref="ModelException">It failed or broke off.</exception>
    public async Task<ModelAnswer> ReadAsync(IAsyncEnumerable<ModelUpdate> stream, CancellationToken cancellationToken)
    {
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var updates = stream.GetAsyncEnumerator(reading.Token);
        Part? last = null;
        while (await NextAsync(updates, last, reading))
        {
            if (updates.Current is ModelUpdate.Waiting waiting)
            {
                await log.AppendAsync(new AgentEvent.ItemCompleted(new Item.Notice(log.Ids.Next(), "queue", waiting.Reason)));
                continue;
            }

            Began = true;
            switch (updates.Current)
            {
                case ModelUpdate.TextDelta text:
                    last = await ShowAsync((text.ItemKey, false), text.Text, last);
                    break;
                case ModelUpdate.ReasoningDelta reasoning:
                    last = await ShowAsync((reasoning.ItemKey, true), reasoning.Text, last);
                    break;
                case ModelUpdate.EntryCompleted completed:
                    Keep(completed);
                    break;
                case ModelUpdate.Completed completed:
                    return Finish(completed);
                default:
                    break;
            }
        }

        throw new ModelException(ModelFailure.Unavailable, "The model's answer broke off before its end.");
    }

    /// <summary>What was shown, as it is left when the turn ends in the middle of the answer.</summary>
    public IReadOnlyList<Item> Items() => [.. _parts.Values.Select(static part => part.ToItem())];

    private static async Task<bool> NextAsync(IAsyncEnumerator<ModelUpdate> updates, Part? last, CancellationTokenSource reading)
    {
        var next = updates.MoveNextAsync().AsTask();
        try
        {
            return last is null ? await next : await last.Live.WaitForAsync(next);
        }
        catch when (!next.IsCompleted)
        {
            // The text could not be logged: the stream is let go of first, for it cannot be closed while it is read.
            await reading.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    private async Task<Part?> ShowAsync((string Key, bool Reasoning) key, string text, Part? last)
    {
        Count(text.Length);
        if (text.Length == 0)
        {
            return last;
        }

        var events = new List<AgentEvent>();
        if (!_parts.TryGetValue(key, out var part))
        {
            var id = log.Ids.Next();
            part = new Part(id, key.Reasoning, new DeltaStream(id, log, time, firstAtOnce: true));
            _parts.Add(key, part);
            events.Add(new AgentEvent.ItemStarted(part.ToItem()));
        }

        // A part that another one follows has its whole text shown before that one begins.
        if (last is not null && last != part && last.Live.Take() is { } rest)
        {
            events.Insert(0, rest);
        }

        part.Text.Append(text);
        part.Live.Add(text);
        if (part.Live.Wait == TimeSpan.Zero && part.Live.Take() is { } delta)
        {
            events.Add(delta);
        }

        await log.AppendAsync(events);
        return part;
    }

    private void Keep(ModelUpdate.EntryCompleted completed)
    {
        Count(completed.Entry switch
        {
            ConversationEntry.ToolCall call => call.Arguments.Length,
            ConversationEntry.Reasoning reasoning => reasoning.ProviderItem.Length,
            _ => 0,
        });
        _entries.Add(completed.Entry);
        if (completed.Entry is ConversationEntry.Assistant { Text.Length: > 0 } message)
        {
            // The whole text rules over its pieces, and there may have been none.
            if (!_parts.TryGetValue((completed.ItemKey, false), out var part))
            {
                var id = log.Ids.Next();
                _parts.Add((completed.ItemKey, false), part = new Part(id, Reasoning: false, new DeltaStream(id, log, time, firstAtOnce: true)));
            }

            part.Text.Clear().Append(message.Text);
            part.Complete = true;
        }
    }

    private ModelAnswer Finish(ModelUpdate.Completed completed)
    {
        // A message the provider cut off, or never closed, is known by its pieces alone.
        var loose = _parts.Values.Where(static part => part is { Reasoning: false, Complete: false });
        _entries.AddRange(loose.Select(static part => new ConversationEntry.Assistant(part.Text.ToString())));
        // Providers refuse reasoning that nothing follows.
        while (_entries is [.., ConversationEntry.Reasoning])
        {
            _entries.RemoveAt(_entries.Count - 1);
        }

        return new ModelAnswer(_entries, Items(), completed.Usage, completed.OutputLimitReached, completed.UsageEstimated);
    }

    private void Count(int length)
    {
        _length += length;
        if (_length > LongestAnswer)
        {
            throw new ModelException(ModelFailure.Refused, $"The model's answer is longer than {LongestAnswer >> 20} MiB, which no answer should be.");
        }
    }

    private sealed record Part(string Id, bool Reasoning, DeltaStream Live)
    {
        public StringBuilder Text { get; } = new();

        public bool Complete { get; set; }

        public Item ToItem() => Reasoning ? new Item.Reasoning(Id, Text.ToString()) : new Item.AgentMessage(Id, Text.ToString());
    }
}

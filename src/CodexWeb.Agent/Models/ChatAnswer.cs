using System.Text;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Models;

/// <summary>Puts one answer of Chat Completions together from its chunks.</summary>
internal sealed class ChatAnswer(ModelRequest request)
{
    // Thoughts and words are told apart by their kind: each is one item.
    private const string Key = "0";
    private const string StrayClose = "</think>";

    private readonly ThinkingSplitter _splitter = new();
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _reasoning = new();
    private readonly ChatCalls _calls = new(request.Tools);
    private string? _reasoningField;
    private string? _finish;
    private TokenUsage? _usage;

    /// <summary>True when the model's last word came; a count of tokens may follow.</summary>
    public bool Finished => _finish is not null;

    /// <summary>True when nothing more is waited for.</summary>
    public bool Counted => Finished && _usage is not null;

    /// <summary>Takes a chunk in.</summary>
    /// <returns>What it shows.</returns>
    public IReadOnlyList<ModelUpdate> Take(ChatChunk chunk)
    {
        var updates = new List<ModelUpdate>();
        if (chunk.Reasoning.Length > 0)
        {
            Think(chunk.ReasoningField!, chunk.Reasoning, updates);
        }

        foreach (var (thought, text) in chunk.Text.Length > 0 ? _splitter.Take(chunk.Text) : [])
        {
            Add(thought, text, updates);
        }

        foreach (var piece in chunk.Calls)
        {
            _calls.Take(piece);
        }

        _finish ??= chunk.FinishReason;
        _usage = chunk.Usage ?? _usage;
        return updates;
    }

    /// <summary>The end of the answer.</summary>
    /// <returns>What is left to show, the whole entries, and the last update.</returns>
    /// <exception cref="ModelException">The provider stopped it.</exception>
    public IReadOnlyList<ModelUpdate> Finish()
    {
        if (_finish is "content_filter")
        {
            throw new ModelException(ModelFailure.Refused, "The provider's content filter stopped the answer.");
        }

        if (_finish is "error")
        {
            throw new ModelException(ModelFailure.Unavailable, "The model service broke the answer off with an error it did not explain.");
        }

        var updates = new List<ModelUpdate>();
        var (thought, rest) = _splitter.Rest();
        Add(thought, rest, updates);
        var cut = _finish is "length" or "max_tokens";
        var calls = _calls.Finish(cut);
        updates.AddRange(Entries(calls).Select(static entry => new ModelUpdate.EntryCompleted(Key, entry)));
        updates.Add(new ModelUpdate.Completed(_usage ?? Estimate(), cut, _usage is null));
        return updates;
    }

    private void Add(bool thought, string text, List<ModelUpdate> updates)
    {
        if (thought && text.Length > 0)
        {
            Think(ChatReasoning.InText, text, updates);
        }
        else if (text.Length > 0)
        {
            _text.Append(text);
            updates.Add(new ModelUpdate.TextDelta(Key, text));
        }
    }

    private void Think(string field, string text, List<ModelUpdate> updates)
    {
        _reasoningField ??= field;
        _reasoning.Append(text);
        updates.Add(new ModelUpdate.ReasoningDelta(Key, text));
    }

    private IEnumerable<ConversationEntry> Entries(IReadOnlyList<ConversationEntry.ToolCall> calls)
    {
        // Thoughts are wanted back, if at all, with the calls they led to.
        if (_reasoningField is { } field && calls.Count > 0)
        {
            yield return new ChatReasoning(field, _reasoning.ToString()).ToEntry();
        }

        if (_text.Length > 0)
        {
            yield return new ConversationEntry.Assistant(Spoken(_text.ToString()));
        }

        foreach (var call in calls)
        {
            yield return call;
        }
    }

    /// <summary>The text behind the end of a thought whose beginning the model's template had put into the question. Nothing else ends so on a line of its own.</summary>
    private static string Spoken(string text)
    {
        var end = text.IndexOf(StrayClose, StringComparison.Ordinal);
        if (end <= 0 || text[end - 1] != '\n' || text.AsSpan(end + StrayClose.Length).TrimStart(' ') is not ['\n', ..])
        {
            return text;
        }

        return text[(end + StrayClose.Length)..].Trim() is { Length: > 0 } spoken ? spoken : text;
    }

    private TokenUsage Estimate()
    {
        var thoughts = TokenEstimate.Of(_reasoning.ToString());
        return new TokenUsage(TokenEstimate.Of(request), 0, thoughts + TokenEstimate.Of(_text.ToString()) + _calls.Tokens, thoughts);
    }
}

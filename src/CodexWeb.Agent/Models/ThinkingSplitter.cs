namespace CodexWeb.Agent.Models;

/// <summary>
/// Parts a streamed text into what the model thought, in a <c>&lt;think&gt;</c> block at its beginning, and what it says. Servers that do not know a model's template leave the block in.
/// White space around the block and before the first word is nobody's, and dropped.
/// </summary>
internal sealed class ThinkingSplitter
{
    private const string Open = "<think>";
    private const string Close = "</think>";

    private string _held = "";
    private State _state = State.Beginning;

    private enum State
    {
        Beginning,
        BeforeThought,
        Thinking,
        AfterThinking,
        Speaking,
    }

    /// <summary>Takes more text in and gives out what can be told by now.</summary>
    public IReadOnlyList<(bool Thought, string Text)> Take(string text)
    {
        _held += text;
        var parts = new List<(bool, string)>();
        while (Step() is { } part)
        {
            if (part.Text.Length > 0)
            {
                parts.Add(part);
            }
        }

        return parts;
    }

    /// <summary>Gives out what was held back, at the end of the text.</summary>
    public (bool Thought, string Text) Rest()
    {
        var rest = (_state is State.Thinking or State.BeforeThought, _held);
        _held = "";
        return rest;
    }

    private (bool Thought, string Text)? Step()
    {
        switch (_state)
        {
            case State.Beginning or State.AfterThinking:
                _held = _held.TrimStart();
                if (_held.Length == 0 || (_state is State.Beginning && _held.Length < Open.Length && Open.StartsWith(_held, StringComparison.Ordinal)))
                {
                    return null;
                }

                var thinks = _state is State.Beginning && _held.StartsWith(Open, StringComparison.Ordinal);
                _state = thinks ? State.BeforeThought : State.Speaking;
                _held = thinks ? _held[Open.Length..] : _held;
                return (thinks, "");
            case State.BeforeThought:
                _held = _held.TrimStart();
                _state = _held.Length > 0 ? State.Thinking : _state;
                return _held.Length > 0 ? (true, "") : null;
            case State.Thinking:
                var end = _held.IndexOf(Close, StringComparison.Ordinal);
                if (end >= 0)
                {
                    var last = _held[..end];
                    (_held, _state) = (_held[(end + Close.Length)..], State.AfterThinking);
                    return (true, last);
                }

                return Out(thought: true, _held.Length - Unsure());
            default:
                return Out(thought: false, _held.Length);
        }
    }

    private (bool Thought, string Text)? Out(bool thought, int length)
    {
        if (length == 0)
        {
            return null;
        }

        var text = _held[..length];
        _held = _held[length..];
        return (thought, text);
    }

    // How much of the end may be the beginning of the closing mark.
    private int Unsure()
    {
        var length = Math.Min(Close.Length - 1, _held.Length);
        while (length > 0 && !Close.StartsWith(_held[^length..], StringComparison.Ordinal))
        {
            length--;
        }

        return length;
    }
}

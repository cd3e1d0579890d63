using CodexWeb.Agent.Protocol;

namespace CodexWeb.Attempts;

/// <summary>How items stand together.</summary>
public enum BlockKind
{
    /// <summary>One item for itself: a message, a notice, an error.</summary>
    Alone,

    /// <summary>Commands and the reasoning between them.</summary>
    Work,

    /// <summary>Patches that follow each other.</summary>
    Changes,

    /// <summary>The plan, of which the last is shown.</summary>
    Plan,
}

/// <summary>An item as it now stands.</summary>
/// <param name="At">When it began.</param>
/// <param name="Live">True until it ended.</param>
public sealed record TranscriptItem(Item Item, DateTimeOffset At, bool Live);

/// <summary>Items that are shown together. Grows in place; <see cref="Version"/> says whether it has to be drawn again.</summary>
public sealed class TranscriptBlock
{
    /// <summary>Characters kept of a running command's output; its end has the head and tail anyway.</summary>
    public const int LiveOutputLength = 32 * 1024;

    private readonly List<TranscriptItem> _items = [];

    internal TranscriptBlock(TranscriptTurn turn, BlockKind kind, AttemptPhase phase, long key)
    {
        (Turn, Kind, Phase, Key, Version) = (turn, kind, phase, key, key);
    }

    /// <summary>The turn it stands in.</summary>
    public TranscriptTurn Turn { get; }

    /// <summary>How its items stand together.</summary>
    public BlockKind Kind { get; }

    /// <summary>The phase it was made in.</summary>
    public AttemptPhase Phase { get; }

    /// <summary>Its key in a list: number of the event that made it.</summary>
    public long Key { get; }

    /// <summary>Number of the event that last changed it.</summary>
    public long Version { get; private set; }

    /// <summary>The step it ended with; null when none did that changed files.</summary>
    public TranscriptStep? Step { get; private set; }

    /// <summary>Its items, at least one.</summary>
    public IReadOnlyList<TranscriptItem> Items => _items;

    internal static BlockKind KindOf(Item item) => item switch
    {
        Item.CommandExecution or Item.Reasoning => BlockKind.Work,
        Item.FileChange => BlockKind.Changes,
        Item.Plan => BlockKind.Plan,
        _ => BlockKind.Alone,
    };

    internal void Add(Item item, bool live, LoggedEvent logged)
    {
        Version = logged.Seq;
        if (Kind is BlockKind.Plan)
        {
            _items.Clear();
        }

        _items.Add(new TranscriptItem(item, logged.At, live));
    }

    internal void Replace(Item item, bool live, LoggedEvent logged)
    {
        var at = IndexOf(item.Id);
        if (at >= 0)
        {
            Set(at, _items[at] with { Item = item, Live = live }, logged);
        }
    }

    internal void Grow(string id, string delta, LoggedEvent logged)
    {
        var at = IndexOf(id);
        if (at >= 0 && _items[at].Live)
        {
            Set(at, _items[at] with { Item = Grown(_items[at].Item, delta) }, logged);
        }
    }

    internal bool ChangesFiles => Kind is BlockKind.Work or BlockKind.Changes || _items is [{ Item: Item.Notice { Kind: "rewind" } }];

    internal void End(TranscriptStep step, LoggedEvent logged)
    {
        Version = logged.Seq;
        Step = step;
    }

    internal void Remove(string id, LoggedEvent logged)
    {
        Version = logged.Seq;
        _items.RemoveAll(i => string.Equals(i.Item.Id, id, StringComparison.Ordinal));
    }

    // What nobody ended, ended with its turn.
    internal void Rest(LoggedEvent logged)
    {
        for (var i = 0; i < _items.Count; i++)
        {
            if (_items[i].Live)
            {
                Set(i, _items[i] with { Live = false }, logged);
            }
        }
    }

    private static Item Grown(Item item, string delta) => item switch
    {
        Item.AgentMessage message => message with { Text = message.Text + delta },
        Item.Reasoning reasoning => reasoning with { Text = reasoning.Text + delta },
        Item.CommandExecution command => command with { Output = Tail(command.Output + delta) },
        Item.McpToolCall call => call with { Output = Tail(call.Output + delta) },
        _ => item,
    };

    private static string Tail(string output) => output.Length <= LiveOutputLength ? output : output[^LiveOutputLength..];

    private void Set(int at, TranscriptItem item, LoggedEvent logged)
    {
        Version = logged.Seq;
        Turn.Version = logged.Seq;
        _items[at] = item;
    }

    // What changes is nearly always the last.
    private int IndexOf(string id) => _items.FindLastIndex(i => string.Equals(i.Item.Id, id, StringComparison.Ordinal));
}

using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace CodexWeb.Agent.Sandboxes;

/// <summary>A command's output, which tells the supervisor how much of it was taken, so that no more than a window of it is ever under way: a slow reader slows the command.</summary>
/// <param name="acknowledge">Told the number of bytes taken since it was last told.</param>
internal sealed class AcknowledgingReader(Action<int> acknowledge) : ChannelReader<ReadOnlyMemory<byte>>
{
    private const int AcknowledgeAfter = SupervisorProtocol.OutputWindow / 4;

    // Bounded by the window, which is checked below.
    private readonly Channel<ReadOnlyMemory<byte>> chunks = Channel.CreateUnbounded<ReadOnlyMemory<byte>>();
    private int underWay;
    private int taken;
    private volatile bool abandoned;

    public override Task Completion => chunks.Reader.Completion;

    public override bool CanCount => chunks.Reader.CanCount;

    public override int Count => chunks.Reader.Count;

    public override bool TryRead([MaybeNullWhen(false)] out ReadOnlyMemory<byte> item)
    {
        if (!chunks.Reader.TryRead(out item))
        {
            return false;
        }

        Take(item.Length);
        return true;
    }

    public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => chunks.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Adds a chunk.</summary>
    /// <exception cref="SupervisorProtocolException">The supervisor has sent more than the window allows.</exception>
    internal void Add(byte[] chunk)
    {
        if (Interlocked.Add(ref underWay, chunk.Length) > SupervisorProtocol.OutputWindow)
        {
            throw new SupervisorProtocolException("more output than it was allowed to");
        }

        if (abandoned)
        {
            Take(chunk.Length);
        }
        else
        {
            chunks.Writer.TryWrite(chunk);
        }
    }

    internal void Complete() => chunks.Writer.TryComplete();

    /// <summary>Drops what is there and what comes, for a command that has no reader.</summary>
    internal void Abandon()
    {
        abandoned = true;
        while (TryRead(out _))
        {
            // Dropped.
        }
    }

    private void Take(int bytes)
    {
        if (Interlocked.Add(ref taken, bytes) < AcknowledgeAfter)
        {
            return;
        }

        var all = Interlocked.Exchange(ref taken, 0);
        if (all > 0)
        {
            Interlocked.Add(ref underWay, -all);
            acknowledge(all);
        }
    }
}

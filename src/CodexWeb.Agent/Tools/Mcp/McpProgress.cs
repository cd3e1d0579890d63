using System.Threading.Channels;

namespace CodexWeb.Agent.Tools.Mcp;

/// <summary>Shows in the log what a tool says while it works, line by line, at a bounded pace and length.</summary>
internal sealed class McpProgress(string itemId, TurnLog log, TimeProvider time)
{
    private readonly DeltaStream _live = new(itemId, log, time, firstAtOnce: true, McpLimits.ProgressBytes);

    // A word of progress more or less does not matter; memory does.
    private readonly Channel<string> _lines = Channel.CreateBounded<string>(new BoundedChannelOptions(100) { FullMode = BoundedChannelFullMode.DropOldest });

    /// <summary>Takes a line, from any thread.</summary>
    public void Add(string line) => _lines.Writer.TryWrite(line + "\n");

    /// <summary>No more lines come.</summary>
    public void End() => _lines.Writer.TryComplete();

    /// <summary>Shows lines as they come, until <see cref="End"/>. What was not due by then is left to the completed item.</summary>
    public async Task ShowAsync()
    {
        while (await _live.WaitForAsync(_lines.Reader.WaitToReadAsync().AsTask()))
        {
            while (_lines.Reader.TryRead(out var line))
            {
                _live.Add(line);
            }

            await _live.FlushDueAsync();
        }
    }
}

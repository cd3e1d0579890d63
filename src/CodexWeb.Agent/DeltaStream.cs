using System.Text;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent;

/// <summary>Gathers an item's growing text and logs it in pieces, at most one each 100 ms. For one writer.</summary>
/// <param name="firstAtOnce">True when the first piece need not wait.</param>
/// <param name="maxBytes">UTF-8 bytes logged at most; what comes then is left to the completed item, and the last piece says so.</param>
internal sealed class DeltaStream(string itemId, TurnLog log, TimeProvider time, bool firstAtOnce, long maxBytes = long.MaxValue)
{
    private const string More = "\n… more output follows; it is kept, and shown when the command has ended …\n";
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    private readonly StringBuilder _pending = new();
    private long _left = maxBytes;
    private long? _last = firstAtOnce ? null : time.GetTimestamp();

    /// <summary>True when there is text that is not logged yet.</summary>
    public bool Pending => _pending.Length > 0;

    /// <summary>How long the pending text should still wait; zero when it is due.</summary>
    public TimeSpan Wait => _last is { } last && Pace - time.GetElapsedTime(last) is { Ticks: > 0 } rest ? rest : TimeSpan.Zero;

    /// <summary>Takes text in.</summary>
    public void Add(string text)
    {
        if (_left <= 0)
        {
            return;
        }

        _left -= Encoding.UTF8.GetByteCount(text);
        _pending.Append(_left > 0 ? text : More);
    }

    /// <summary>Takes out what is pending, as an event; null when nothing is.</summary>
    public AgentEvent? Take()
    {
        if (!Pending)
        {
            return null;
        }

        var delta = _pending.ToString();
        _pending.Clear();
        _last = time.GetTimestamp();
        return new AgentEvent.ItemUpdated(itemId, delta);
    }

    /// <summary>Logs what is pending if it is due.</summary>
    public async ValueTask FlushDueAsync()
    {
        if (Pending && Wait == TimeSpan.Zero)
        {
            await log.AppendAsync(Take()!);
        }
    }

    /// <summary>Waits for the next piece of a source, and logs what becomes due meanwhile.</summary>
    public async Task<T> WaitForAsync<T>(Task<T> next)
    {
        while (!next.IsCompleted && Pending)
        {
            await Task.WhenAny(next, Task.Delay(Wait, time));
            await FlushDueAsync();
        }

        return await next;
    }
}

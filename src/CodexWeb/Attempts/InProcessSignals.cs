using System.Collections.Concurrent;
using System.Threading.Channels;
using CodexWeb.Data;

namespace CodexWeb.Attempts;

/// <summary>Signals between the parts of one server process.</summary>
public sealed class InProcessSignals : IAttemptSignals
{
    private readonly ConcurrentDictionary<AttemptId, ConcurrentDictionary<Subscription, bool>> _logs = new();
    private readonly ConcurrentDictionary<TaskSubscription, bool> _tasks = new();
    private readonly ConcurrentDictionary<Subscription, bool> _work = new();

    /// <inheritdoc/>
    public void LogGrew(AttemptId attempt)
    {
        if (_logs.TryGetValue(attempt, out var subscriptions))
        {
            Wake(subscriptions);
        }
    }

    /// <inheritdoc/>
    public void TaskChanged(TaskId task)
    {
        foreach (var (subscription, _) in _tasks)
        {
            subscription.Note(task);
        }
    }

    /// <inheritdoc/>
    public void WorkChanged() => Wake(_work);

    /// <inheritdoc/>
    public Subscription FollowLog(AttemptId attempt)
    {
        var subscriptions = _logs.GetOrAdd(attempt, static _ => new());
        // An emptied set stays: there is at most one small set per attempt that was looked at since the start.
        return Add(subscriptions);
    }

    /// <inheritdoc/>
    public TaskSubscription FollowTasks()
    {
        var subscription = new TaskSubscription(ended => _tasks.TryRemove(ended, out _));
        _tasks[subscription] = true;
        return subscription;
    }

    /// <inheritdoc/>
    public Subscription FollowWork() => Add(_work);

    private static Subscription Add(ConcurrentDictionary<Subscription, bool> to)
    {
        var subscription = new Subscription(ended => to.TryRemove(ended, out _));
        to[subscription] = true;
        return subscription;
    }

    private static void Wake(ConcurrentDictionary<Subscription, bool> subscriptions)
    {
        foreach (var (subscription, _) in subscriptions)
        {
            subscription.Wake();
        }
    }
}

/// <summary>Waits for a signal; signals that come while nobody waits fall together into one.</summary>
public sealed class Subscription(Action<Subscription> end) : IDisposable
{
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Completes at the next signal, at once when one came since the last wait.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken) => await _signal.Reader.ReadAsync(cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => end(this);

    internal void Wake() => _signal.Writer.TryWrite(true);
}

/// <summary>Gathers the ids of changed tasks until they are asked for.</summary>
public sealed class TaskSubscription(Action<TaskSubscription> end) : IDisposable
{
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentDictionary<TaskId, bool> _changed = new();

    /// <summary>The tasks that changed since the last call; waits until there is one.</summary>
    public async Task<IReadOnlyList<TaskId>> WaitAsync(CancellationToken cancellationToken)
    {
        await _signal.Reader.ReadAsync(cancellationToken);
        var changed = _changed.Keys.ToList();
        foreach (var task in changed)
        {
            _changed.TryRemove(task, out _);
        }

        return changed;
    }

    /// <inheritdoc/>
    public void Dispose() => end(this);

    internal void Note(TaskId task)
    {
        _changed[task] = true;
        _signal.Writer.TryWrite(true);
    }
}

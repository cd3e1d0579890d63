namespace CodexWeb.Tests.GitHosts.GitHub;

/// <summary>A clock without waiting: timers of at most ten seconds go off at once and take the time with them; longer ones go off when the test says so.</summary>
internal sealed class HurriedClock : TimeProvider
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly List<Timer> _waiting = [];
    private DateTimeOffset _now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>The short waits so far.</summary>
    public List<TimeSpan> Waits { get; } = [];

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves on; what waited for it goes off.</summary>
    public void Advance(TimeSpan by)
    {
        List<Timer> due;
        lock (_lock)
        {
            _now += by;
            due = _waiting.FindAll(timer => timer.Due <= _now);
            _waiting.RemoveAll(due.Contains);
        }

        due.ForEach(timer => timer.Fire());
    }

    private void Set(Timer timer, TimeSpan due)
    {
        lock (_lock)
        {
            _waiting.Remove(timer);
            if (due == Timeout.InfiniteTimeSpan)
            {
                return;
            }

            if (due > Short)
            {
                timer.Due = _now + due;
                _waiting.Add(timer);
                return;
            }

            _now += due;
            Waits.Add(due);
        }

        ThreadPool.QueueUserWorkItem(static late => late.Fire(), timer, preferLocal: false);
    }

    private sealed class Timer(HurriedClock clock, TimerCallback callback, object? state) : ITimer
    {
        private bool _disposed;

        public DateTimeOffset Due { get; set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            clock.Set(this, dueTime);
            return true;
        }

        public void Fire()
        {
            if (!Volatile.Read(ref _disposed))
            {
                callback(state);
            }
        }

        public void Dispose()
        {
            Volatile.Write(ref _disposed, true);
            clock.Set(this, Timeout.InfiniteTimeSpan);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

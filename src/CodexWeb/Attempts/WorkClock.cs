namespace CodexWeb.Attempts;

/// <summary>Counts the time a run is at work. While a person is asked it stands: an answer that comes next morning costs nothing of the turn's time.</summary>
internal sealed class WorkClock : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _reached;
    private readonly Lock _gate = new();
    private TimeSpan _worked;
    private TimeSpan _taken;
    private DateTimeOffset _since;
    private int _paused;

    /// <summary>Begins to count.</summary>
    /// <param name="limit">The longest it may work.</param>
    public WorkClock(TimeSpan limit, TimeProvider time)
    {
        (_limit, _time, _since) = (limit, time, time.GetUtcNow());
        _reached = new CancellationTokenSource(limit, time);
    }

    /// <summary>Cancelled when the limit is reached.</summary>
    public CancellationToken Reached => _reached.Token;

    /// <summary>Stands still until what it gives is disposed; several pauses may overlap.</summary>
    public IDisposable Pause()
    {
        lock (_gate)
        {
            if (_paused++ == 0)
            {
                _worked += _time.GetUtcNow() - _since;
                _reached.CancelAfter(Timeout.InfiniteTimeSpan);
            }
        }

        return new Standing(this);
    }

    /// <summary>Time worked since it was last taken, which stays there to take.</summary>
    public TimeSpan Untaken
    {
        get
        {
            lock (_gate)
            {
                return Worked() - _taken;
            }
        }
    }

    /// <summary>Time worked since it was last taken.</summary>
    public TimeSpan Take()
    {
        lock (_gate)
        {
            var worked = Worked();
            var untaken = worked - _taken;
            _taken = worked;
            return untaken;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _reached.Dispose();

    private TimeSpan Worked() => _paused > 0 ? _worked : _worked + (_time.GetUtcNow() - _since);

    private void Continue()
    {
        lock (_gate)
        {
            if (--_paused == 0)
            {
                _since = _time.GetUtcNow();
                var left = _limit - _worked;
                _reached.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            }
        }
    }

    private sealed class Standing(WorkClock clock) : IDisposable
    {
        private WorkClock? _clock = clock;

        public void Dispose() => Interlocked.Exchange(ref _clock, null)?.Continue();
    }
}

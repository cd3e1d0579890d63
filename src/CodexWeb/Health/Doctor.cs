using System.Globalization;

namespace CodexWeb.Health;

/// <summary>
/// Looks whether this installation can do its work: at the start, again every minute while no task can run, and when asked. What it last found is kept,
/// so that pages can show it without waiting.
/// </summary>
public sealed partial class Doctor(IEnumerable<IHealthProbe> probes, TimeProvider time, ILogger<Doctor> logger) : BackgroundService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly TaskCompletionSource _looked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile HealthReport _last = HealthReport.NotYet;

    /// <summary>What was found last; <see cref="HealthReport.NotYet"/> in the first moments of the server.</summary>
    public HealthReport Last => _last;

    /// <summary>What was found last, waiting for the first look to end.</summary>
    public async Task<HealthReport> FirstOrLastAsync(CancellationToken cancellationToken)
    {
        await _looked.Task.WaitAsync(cancellationToken);
        return _last;
    }

    /// <summary>Looks now, at everything at once; takes as long as the slowest check, at most 30 s.</summary>
    public async Task<HealthReport> CheckAsync(CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var before = _last.CanRunTasks;
            var checks = await Task.WhenAll(probes.Select(probe => LookAsync(probe, cancellationToken)));
            _last = HealthReport.Of([.. checks.SelectMany(found => found)], time.GetUtcNow());
            _looked.TrySetResult();
            Note(_last, before);
            return _last;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _oneAtATime.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            if (!_last.CanRunTasks)
            {
                await CheckAsync(stoppingToken);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private static async Task<IReadOnlyList<HealthCheck>> LookAsync(IHealthProbe probe, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            return await probe.LookAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [HealthCheck.Fail(probe.Name, string.Create(CultureInfo.InvariantCulture, $"The check did not end within {Patience.TotalSeconds} seconds."), "The machine may be overloaded. Check again.")];
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The outermost owner: a probe that breaks is a finding, and the other probes' findings count all the same.
            return [HealthCheck.Fail(probe.Name, $"The check itself failed: {exception.Message}", "Look at the server's log.")];
        }
    }

    private void Note(HealthReport report, bool before)
    {
        if (report.Problem is { } problem)
        {
            LogProblem(logger, problem);
        }
        else if (!before)
        {
            LogReady(logger, report.Checks.Count);
        }

        foreach (var warning in report.Checks.Where(check => check is { Passed: false, Required: false }))
        {
            LogWarning(logger, warning.Name, warning.Detail);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Problem}")]
    private static partial void LogProblem(ILogger logger, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "Ready to run tasks: {Checks} checks made")]
    private static partial void LogReady(ILogger logger, int checks);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Name}: {Detail}")]
    private static partial void LogWarning(ILogger logger, string name, string detail);
}

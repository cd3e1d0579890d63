using CodexWeb.Health;
using CodexWeb.Ui;
using Microsoft.JSInterop;

namespace CodexWeb.Pages;

/// <summary>The frame of every page: the rail with the tasks, what is wrong with the server, and the page itself.</summary>
public sealed partial class MainLayout(Doctor doctor, IJSRuntime scripts, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private readonly Departure _gone = new();
    private readonly ScriptModule _shell = new(scripts, "./js/shell.js");
    private HealthReport _health = HealthReport.NotYet;
    private Task _watching = Task.CompletedTask;
    private int _wanted = -1;

    private string HealthWords => _health switch
    {
        { Problem: not null } => "Tasks cannot run: see the checks",
        { CheckedAt: null } => "The server is still looking whether tasks can run",
        var report when report.Checks.Any(c => !c.Passed) => "Tasks can run; a check has a remark",
        _ => "All checks hold",
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        await _watching;
        await _shell.DisposeAsync();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        _health = doctor.Last;
        if (RendererInfo.IsInteractive)
        {
            _watching = WatchAsync();
        }
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_gone.Token))
            {
                if (!ReferenceEquals(doctor.Last, _health))
                {
                    await InvokeAsync(() =>
                    {
                        _health = doctor.Last;
                        StateHasChanged();
                    });
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
    }

    private async Task ShowWantedAsync(int wanted)
    {
        if (wanted != _wanted)
        {
            _wanted = wanted;
            await _shell.CallAsync("setCount", wanted);
        }
    }
}

using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.GitHosts;
using CodexWeb.Tasks;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Review;

/// <summary>The one button by which an attempt's work leaves the server: a pull request where the host has them, else a branch.</summary>
public sealed partial class WayOut(RepositoryHosts hosts, AttemptChanges changes) : IDisposable
{
    private readonly Departure _gone = new();
    private PullRequestSheet? _pull;
    private PushSheet? _push;
    private (AttemptId Attempt, string? Checkpoint, string? Pushed)? _counted;
    private bool _forPulls;
    private int _commits;

    /// <summary>The task.</summary>
    [Parameter, EditorRequired]
    public TaskDetails Task { get; set; } = null!;

    /// <summary>The attempt whose work it is.</summary>
    [Parameter, EditorRequired]
    public AttemptDetails Attempt { get; set; } = null!;

    /// <summary>True when there is something to send out. A sheet that is open stays open when it went.</summary>
    [Parameter]
    public bool Offered { get; set; }

    /// <summary>True when this is what comes next.</summary>
    [Parameter]
    public bool Primary { get; set; }

    private string Verb => (_forPulls, Task.PullRequest) switch
    {
        (true, { } pull) => $"Update PR #{pull.Number} ({Words.Count(_commits, "commit")})",
        (true, null) => "Create PR",
        _ when Task.PushedBranch is null => "Push branch",
        _ => "Update branch",
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        _forPulls = hosts.For(Task.RepositoryUrl).CanOpenPullRequests;
        var now = (Attempt.Id, Attempt.Checkpoint, Task.PushedCheckpoint);
        if (_counted != now)
        {
            _counted = now;
            // Each turn that changed something becomes a commit; what the log does not tell apart becomes one.
            _commits = Task.PushedCheckpoint is { } pushed ? Math.Max(1, (await changes.TurnsSinceAsync(Attempt.Id, pushed, _gone.Token)).Count) : 1;
        }
    }

    private Task OpenAsync() => _forPulls ? _pull!.OpenAsync() : _push!.OpenAsync();
}

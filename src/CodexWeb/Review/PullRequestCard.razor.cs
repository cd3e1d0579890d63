using CodexWeb.Data;
using CodexWeb.Tasks;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Review;

/// <summary>Where the task's pull request stands: checks, reviews, conflicts, keep green, and when it was last read. Opening it reads it when that is a while ago.</summary>
public sealed partial class PullRequestCard(PullRequests pulls, PullRequestSync sync, BaseMerges merges) : IDisposable
{
    private readonly Departure _gone = new();
    private TaskId? _opened;
    private int _rounds = 3;
    private decimal? _budget;
    private string? _problem;
    private bool _busy;

    /// <summary>The task.</summary>
    [Parameter, EditorRequired]
    public TaskDetails Task { get; set; } = null!;

    /// <summary>The attempt that is looked at.</summary>
    [Parameter, EditorRequired]
    public AttemptDetails Attempt { get; set; } = null!;

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // What it finds comes by the task's own signal.
        if (Task.PullRequest is not null && _opened != Task.Id)
        {
            _opened = Task.Id;
            await AskAsync(async () =>
            {
                await sync.RefreshIfOldAsync(Task.Id, _gone.Token);
                return null;
            });
        }
    }

    private Task RefreshAsync() => AskAsync(async () =>
    {
        await sync.RefreshQuietlyAsync(Task.Id, _gone.Token);
        return null;
    });

    private Task KeepGreenAsync() => AskAsync(async () => (await pulls.SetKeepGreenAsync(Task.Id, !Task.PullRequest!.KeepGreen, _rounds, _budget is > 0 ? _budget : null, _gone.Token)).Problem());

    private Task ResolveAsync() => AskAsync(async () => (await merges.ResolveAsync(Task.Id, Attempt.Id, baseBranch: null, _gone.Token)).Problem());

    private async Task AskAsync(Func<Task<string?>> ask)
    {
        (_busy, _problem) = (true, null);
        try
        {
            _problem = await ask();
        }
        catch (OperationCanceledException) when (_gone.Token.IsCancellationRequested)
        {
            // The page was left.
        }
        finally
        {
            _busy = false;
            StateHasChanged();
        }
    }

    private static string Standing(PullRequestView pull) => pull switch
    {
        { State: PullRequestState.Merged, Reverted: true } => $"merged and reverted by {pull.RevertedBy}",
        { State: PullRequestState.Merged, MergedAt: { } at } => $"merged {Words.Exact(at)}",
        { State: PullRequestState.Closed } => "closed without a merge",
        { Review: ReviewDecision.Approved } => $"approved{Merging(pull)}",
        { Review: ReviewDecision.ChangesRequested } => $"changes requested{Merging(pull)}",
        _ => $"no review yet{Merging(pull)}",
    };

    private static string Merging(PullRequestView pull) => pull.Mergeable switch
    {
        MergeState.Clean => ", can be merged",
        MergeState.Conflicting => ", has conflicts",
        _ => "",
    };

    private static string Sum(IReadOnlyList<PullRequestCheck> checks) => string.Join(", ", checks.GroupBy(check => check.State, StringComparer.Ordinal).Select(group => $"{Words.Count(group.Count())} {group.Key.Replace('_', ' ')}"));

    private static string Sign(PullRequestCheck check) => check.State switch
    {
        "passed" => "✓",
        "failed" => "✗",
        "pending" => "●",
        _ => "–",
    };

    private static string Tone(PullRequestCheck check) => check.State switch
    {
        "passed" => "ok",
        "failed" => "bad",
        "pending" => "warn",
        _ => "muted",
    };
}

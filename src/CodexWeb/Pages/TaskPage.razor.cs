using System.Collections.Immutable;
using System.Globalization;
using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Tasks;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Pages;

/// <summary>One task: its conversation, what came of it, and what comes next.</summary>
public sealed partial class TaskPage(TaskQueries queries, TaskFeed feed, TaskCommands commands)
{
    private readonly Departure _gone = new();
    private CancellationTokenSource? _watch;
    private Task _watching = Task.CompletedTask;
    private string? _id;
    private TaskDetails? _task;
    private AttemptDetails? _attempt;
    private ImmutableList<QueuedMessageView> _queue = [];
    private IReadOnlyList<string> _prompts = [];
    private TranscriptLinks _links = null!;
    private (AttemptId Attempt, string? Commit)? _linked;
    private string? _shownTab;
    private string _waiting = "";
    private string? _problem;
    private bool _busy;
    private bool _loaded;

    /// <summary>The task's id; what is none is a task that does not exist.</summary>
    [Parameter]
    public string Id { get; set; } = "";

    /// <summary>Number of the attempt to look at; null for the one that matters most.</summary>
    [SupplyParameterFromQuery(Name = "attempt")]
    public int? Number { get; set; }

    /// <summary>The panel's tab; null for the one that fits, <c>none</c> for a closed panel.</summary>
    [SupplyParameterFromQuery]
    public string? Tab { get; set; }

    /// <summary>The item to open in the log.</summary>
    [SupplyParameterFromQuery]
    public string? Item { get; set; }

    /// <summary>The file to open in the changes.</summary>
    [SupplyParameterFromQuery]
    public string? File { get; set; }

    private (string Key, string Title)[] Tabs => _task?.Mode is TaskMode.Code
        ? [("changes", "Changes"), ("log", "Log"), ("evidence", "Evidence"), ("info", "Info")]
        : [("log", "Log"), ("info", "Info")];

    private bool NeedsRetry => _attempt!.Status is AttemptStatus.Interrupted or AttemptStatus.Failed or AttemptStatus.Cancelled;

    // What was pushed last and not changed since need not be pushed again.
    private bool CanPush => _attempt is { IsActive: false, Checkpoint: { } checkpoint, Files: > 0 }
        && _task!.Mode is TaskMode.Code
        && !(_task.PushedAttemptId == _attempt.Id && string.Equals(_task.PushedCheckpoint, checkpoint, StringComparison.Ordinal));

    private string EvidenceState => $"{_attempt!.Status} {_attempt.TurnNumber} {_attempt.Checkpoint} {_attempt.Activity}";

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        await _watching;
        _watch?.Dispose();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (!string.Equals(_id, Id, StringComparison.Ordinal))
        {
            _id = Id;
            await LoadAsync();
        }
        else if (_task is not null)
        {
            await ShowAsync(_task);
        }
    }

    private async Task LoadAsync()
    {
        if (_watch is not null)
        {
            await _watch.CancelAsync();
            await _watching;
            _watch.Dispose();
            _watch = null;
        }

        (_task, _attempt, _problem, _linked) = (null, null, null, null);
        _loaded = false;
        var task = TaskId.TryParse(Id, CultureInfo.InvariantCulture, out var id) ? await queries.DetailsAsync(id, _gone.Token) : null;
        _loaded = true;
        if (task is null)
        {
            return;
        }

        await ShowAsync(task);
        if (RendererInfo.IsInteractive)
        {
            _watch = CancellationTokenSource.CreateLinkedTokenSource(_gone.Token);
            _watching = WatchAsync(id, _watch.Token);
        }
    }

    private async Task WatchAsync(TaskId id, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var task in feed.WatchAsync(id, cancellationToken))
            {
                await InvokeAsync(async () =>
                {
                    if (task is null)
                    {
                        (_task, _attempt) = (null, null);
                    }
                    else
                    {
                        await ShowAsync(task);
                    }

                    StateHasChanged();
                });
            }
        }
        catch (OperationCanceledException)
        {
            // Another task, or the page was left.
        }
        catch (Exception exception)
        {
            // The outermost owner of the loop: the page must not stand still without a word.
            await DispatchExceptionAsync(exception);
        }
    }

    private async Task ShowAsync(TaskDetails task)
    {
        // Who reads one attempt is not taken to another when the states change.
        var attempt = task.Attempts.FirstOrDefault(a => a.Number == Number)
            ?? task.Attempts.FirstOrDefault(a => a.Id == _attempt?.Id)
            ?? task.Attempts.FirstOrDefault(a => a.Id == task.LeadingAttemptId)
            ?? task.Attempts.FirstOrDefault(a => a.IsActive)
            ?? task.Attempts[0];
        var queue = attempt.IsActive ? await queries.QueuedMessagesAsync(attempt.Id, _gone.Token) : [];
        // All at once: a drawing in between sees the old page or the new one.
        (_task, _attempt, _queue) = (task, attempt, [.. queue]);
        if (_linked != (attempt.Id, task.BaseCommit))
        {
            _linked = (attempt.Id, task.BaseCommit);
            _links = new TranscriptLinks($"/tasks/{task.Id}", task.Attempts.Count > 1 ? attempt.Number : null, task.RepositoryId, task.BaseCommit) { Attempt = attempt.Id };
        }

        _prompts = [.. task.Turns.Where(t => t.AttemptId is null || t.AttemptId == attempt.Id).Select(t => t.Prompt)];
        _shownTab = Tab is null ? (task.Mode is TaskMode.Code ? Tabs[0].Key : null) : Array.Exists(Tabs, t => t.Key == Tab) ? Tab : null;
        _waiting = attempt.QueuePlace is { } place ? $"Queued, {Words.Ordinal(place)} in line. {attempt.Reason}" : attempt.Reason;
    }

    private string Address(string? tab) => tab is null ? _links.Conversation : _links.Tab(tab);

    private async Task RetryAsync()
    {
        _busy = true;
        try
        {
            _problem = (await commands.RetryAsync(_attempt!.Id, _gone.Token)).Problem();
        }
        finally
        {
            _busy = false;
        }
    }
}

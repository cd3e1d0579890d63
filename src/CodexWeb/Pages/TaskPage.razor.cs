using System.Collections.Immutable;
using System.Globalization;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Repositories;
using CodexWeb.Tasks;
using CodexWeb.Ui;
using CodexWeb.Ui.Markup;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Pages;

/// <summary>One task: its conversation, what came of it, and what comes next.</summary>
public sealed partial class TaskPage(TaskQueries queries, TaskFeed feed, TaskCommands commands, RepositoryCatalog catalog)
{
    private readonly CancellationTokenSource _gone = new();
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

    private (string Key, string Title)[] Tabs => [("info", "Info")];

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
        if (!TaskId.TryParse(Id, CultureInfo.InvariantCulture, out var id) || await queries.DetailsAsync(id, _gone.Token) is not { } task)
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
    }

    private async Task ShowAsync(TaskDetails task)
    {
        _task = task;
        _attempt = task.Attempts.FirstOrDefault(a => a.Number == Number)
            ?? task.Attempts.FirstOrDefault(a => a.Id == task.PushedAttemptId)
            ?? task.Attempts.FirstOrDefault(a => a.IsActive)
            ?? task.Attempts[0];
        _queue = _attempt.IsActive ? [.. await queries.QueuedMessagesAsync(_attempt.Id, _gone.Token)] : [];
        _prompts = [.. task.Turns.Where(t => t.AttemptId is null || t.AttemptId == _attempt.Id).Select(t => t.Prompt)];
        await LinkAsync(task, _attempt);
        _shownTab = Tab is null ? (task.Mode is TaskMode.Code ? Tabs[0].Key : null) : Array.Exists(Tabs, t => t.Key == Tab) ? Tab : null;
        _waiting = _attempt.QueuePlace is { } place ? $"Queued, {Words.Ordinal(place)} in line. {_attempt.Reason}" : _attempt.Reason;
    }

    private async Task LinkAsync(TaskDetails task, AttemptDetails attempt)
    {
        var commit = attempt.IsActive ? task.BaseCommit : attempt.Checkpoint ?? task.BaseCommit;
        if (_linked == (attempt.Id, commit))
        {
            return;
        }

        _linked = (attempt.Id, commit);
        // A file that is not there is not cited: the model may have made it up.
        var files = commit is not null && await catalog.FilesAsync(task.RepositoryId, commit, _gone.Token) is CommandResult<IReadOnlyList<string>>.Done done
            ? done.Value.ToHashSet(StringComparer.Ordinal)
            : [];
        var links = new TranscriptLinks($"/tasks/{task.Id}", task.Attempts.Count > 1 ? attempt.Number : null);
        _links = links with
        {
            Citations = new CitationLinks(citation => citation switch
            {
                Citation.Command command => links.Log(command.ItemId),
                Citation.File file when files.Contains(file.Path) => string.Create(CultureInfo.InvariantCulture, $"/repositories/{task.RepositoryId}/files/{commit}/{string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString))}#L{file.First}-L{file.Last}"),
                _ => null,
            }),
        };
    }

    private string Address(string? tab) => tab is null
        ? _links.Task + (_links.Attempt is { } attempt ? string.Create(CultureInfo.InvariantCulture, $"?attempt={attempt}") : "")
        : _links.Tab(tab);

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

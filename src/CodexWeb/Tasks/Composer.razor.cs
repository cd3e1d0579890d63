using CodexWeb.Agent;
using CodexWeb.Data;
using CodexWeb.Health;
using CodexWeb.Repositories;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Tasks;

/// <summary>Where a task is written and started: the prompt, what it works on, and the two verbs with what they do.</summary>
public sealed partial class Composer(TaskCommands commands, TaskQueries queries, RepositoryCatalog catalog, NavigationManager navigation) : IDisposable
{
    private readonly Departure _gone = new();
    private PromptBox? _box;
    private IReadOnlyList<RepositoryRow> _repositories = [];
    private RepositoryRow? _repository;
    private string? _branch;
    private string? _model;
    private string? _effort;
    private IReadOnlyList<string>? _models;
    private int _attempts = 1;
    private ApprovalMode _approval;
    private int? _budgetMinutes;
    private decimal? _budgetCost;
    private int _queued;
    private bool _starting;
    private CommandResult<TaskId>? _result;

    /// <summary>What the doctor found last; null before.</summary>
    [CascadingParameter]
    public HealthReport? Health { get; set; }

    /// <summary>The repository to begin with; null for that of the last task.</summary>
    [Parameter]
    public string? Repository { get; set; }

    private bool IsBlocked => _starting || !RendererInfo.IsInteractive || Health is { CanRunTasks: false, Problem: not null };

    private IEnumerable<string> OtherProblems => _result switch
    {
        CommandResult<TaskId>.Invalid invalid => invalid.Errors.Where(e => e.Key is not "prompt").Select(e => e.Value),
        CommandResult<TaskId>.NotFound missing => [missing.What],
        CommandResult<TaskId>.Refused refused => [refused.Reason],
        _ => [],
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        _repositories = await catalog.ListAsync(_gone.Token);
        var last = await queries.ListAsync(new TaskFilter(), 1, null, _gone.Token);
        _queued = (await queries.ListAsync(new TaskFilter(State: TaskState.Queued), TaskQueries.LargestPage, null, _gone.Token)).Items.Count;
        _repository = _repositories.FirstOrDefault(r => string.Equals(r.Id.ToString(), Repository, StringComparison.OrdinalIgnoreCase))
            ?? (last.Items is [var task, ..] ? _repositories.FirstOrDefault(r => r.Id == task.RepositoryId) : null)
            ?? (_repositories.Count > 0 ? _repositories[0] : null);
    }

    private static string FirstParagraph(string prompt) => prompt.Split("\n\n", 2, StringSplitOptions.TrimEntries)[0].Replace("`", "", StringComparison.Ordinal);

    private void ChooseAsync(RepositoryRow repository)
    {
        (_repository, _branch, _result) = (repository, null, null);
    }

    private async Task ConnectedAsync(RepositoryRow repository)
    {
        _repositories = await catalog.ListAsync(_gone.Token);
        ChooseAsync(repository);
    }

    private async Task StartAsync(TaskMode mode)
    {
        if (_starting || _box is null)
        {
            return;
        }

        _starting = true;
        StateHasChanged();
        try
        {
            await CreateAsync(mode, await _box.ReadAsync(_gone.Token), await _box.FilesAsync(_gone.Token));
        }
        finally
        {
            _starting = false;
        }

        if (_result is CommandResult<TaskId>.Done)
        {
            await _box.SentAsync();
        }
        else if (_result?.ProblemOf("prompt") is not null)
        {
            await _box.FocusAsync();
        }
    }

    private async Task CreateAsync(TaskMode mode, string prompt, SentFiles files)
    {
        if (files.Problem is { } problem)
        {
            _result = new CommandResult<TaskId>.Invalid("attachments", problem);
            return;
        }

        _starting = true;
        try
        {
            _result = await commands.CreateAsync(
                new NewTask { RepositoryId = _repository?.Id, Mode = mode, Prompt = prompt, Branch = _branch, Model = _model, ReasoningEffort = _effort, Attempts = _attempts, Models = _models, Approval = _approval, BudgetMinutes = _budgetMinutes, BudgetCost = _budgetCost, Attachments = files.Ids },
                LocalPerson.Name,
                _gone.Token);
        }
        finally
        {
            _starting = false;
        }

        if (_result is CommandResult<TaskId>.Done done)
        {
            navigation.NavigateTo($"/tasks/{done.Value}");
        }
    }
}

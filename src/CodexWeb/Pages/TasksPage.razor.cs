using CodexWeb.Data;
using CodexWeb.Repositories;
using CodexWeb.Tasks;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Pages;

/// <summary>All tasks, narrowed by what the address says.</summary>
public sealed partial class TasksPage(TaskQueries queries, TaskFeed feed, TaskCommands commands, NavigationManager navigation)
{
    private const int PageSize = TaskQueries.LargestPage;

    private readonly Departure _gone = new();
    private Task _following = Task.CompletedTask;
    private IReadOnlyList<RepositoryRow> _repositories = [];
    private List<TaskRow> _rows = [];
    private TaskFilter _filter = new();
    private string? _next;
    private string? _text;
    private int _held;

    /// <summary>Words of title or prompt.</summary>
    [SupplyParameterFromQuery]
    public string? Query { get; set; }

    /// <summary>A <see cref="TaskState"/>; what is none narrows nothing.</summary>
    [SupplyParameterFromQuery]
    public string? State { get; set; }

    /// <summary>A <see cref="TaskMode"/>; what is none narrows nothing.</summary>
    [SupplyParameterFromQuery]
    public string? Mode { get; set; }

    /// <summary>Part of a repository's name, or its id.</summary>
    [SupplyParameterFromQuery]
    public string? Repository { get; set; }

    /// <summary>An author, exactly.</summary>
    [SupplyParameterFromQuery]
    public string? Author { get; set; }

    /// <summary>True for the archive.</summary>
    [SupplyParameterFromQuery]
    public bool Archived { get; set; }

    /// <summary>Names for the filter by repository.</summary>
    [Inject]
    public RepositoryCatalog Catalog { get; set; } = null!;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        await _following;
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        _repositories = await Catalog.ListAsync(_gone.Token);
        if (RendererInfo.IsInteractive)
        {
            _following = FollowAsync();
        }
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        _text = Query;
        _filter = new TaskFilter(
            string.IsNullOrWhiteSpace(Query) ? null : Query,
            Enum.TryParse<TaskState>(State, ignoreCase: true, out var state) && Enum.IsDefined(state) ? state : null,
            string.IsNullOrWhiteSpace(Author) ? null : Author,
            string.IsNullOrWhiteSpace(Repository) ? null : Repository,
            Enum.TryParse<TaskMode>(Mode, ignoreCase: true, out var mode) && Enum.IsDefined(mode) ? mode : null,
            Archived);
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var page = await queries.ListAsync(_filter, PageSize, null, _gone.Token);
        (_rows, _next, _held) = ([.. page.Items], page.NextCursor, 0);
    }

    private async Task MoreAsync()
    {
        var page = await queries.ListAsync(_filter, PageSize, _next, _gone.Token);
        (_rows, _next) = ([.. _rows, .. page.Items], page.NextCursor);
    }

    // Rows keep their places while one reads: their words change, new ones wait for a click.
    private async Task FollowAsync()
    {
        try
        {
            await foreach (var changed in feed.FollowAsync(_gone.Token))
            {
                await InvokeAsync(() => Take(changed));
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
        catch (Exception exception)
        {
            // The outermost owner of the loop: the page must not stand still without a word.
            await DispatchExceptionAsync(exception);
        }
    }

    private void Take(IReadOnlyList<(TaskId Id, TaskRow? Row)> changed)
    {
        var places = _rows.Select((row, at) => (row.Id, at)).ToDictionary(r => r.Id, r => r.at);
        foreach (var (id, row) in changed)
        {
            if (places.TryGetValue(id, out var at) && row is not null)
            {
                _rows[at] = row;
            }
            else if (places.ContainsKey(id) || (row is not null && row.Archived == _filter.Archived && _rows.Count < PageSize))
            {
                _held++;
            }
        }

        StateHasChanged();
    }

    private void Search() => Narrow(_filter with { Text = string.IsNullOrWhiteSpace(_text) ? null : _text.Trim() });

    private void Narrow(TaskFilter filter) => navigation.NavigateTo(navigation.GetUriWithQueryParameters("/tasks", new Dictionary<string, object?>(StringComparer.Ordinal)
    {
        ["query"] = filter.Text,
        ["state"] = filter.State?.ToString(),
        ["mode"] = filter.Mode?.ToString(),
        ["repository"] = filter.Repository,
        ["author"] = filter.Author,
        ["archived"] = filter.Archived ? true : null,
    }));

    private async Task ArchiveAsync(TaskRow row)
    {
        await commands.SetArchivedAsync(row.Id, !row.Archived, _gone.Token);
        await LoadAsync();
    }
}

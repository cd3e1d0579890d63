using CodexWeb.Data;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Tasks;

/// <summary>The tasks of the rail, live. While the pointer is over it no row moves: what would move them is counted and waits.</summary>
public sealed partial class TaskList(TaskFeed feed, TaskCommands commands, Toaster toaster)
{
    private readonly Departure _gone = new();
    private readonly Dictionary<TaskId, TaskRow> _rows = [];
    private IReadOnlyList<TaskGroup> _groups = [];
    private Task _following = Task.CompletedTask;
    private bool _under;
    private bool _unfolded;
    private bool _more;
    private int _held;

    /// <summary>The number of tasks that want the person changed.</summary>
    [Parameter]
    public EventCallback<int> WantedChanged { get; set; }

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
        (var rows, _more) = await feed.LoadAsync(_gone.Token);
        foreach (var row in rows)
        {
            _rows[row.Id] = row;
        }

        _groups = TaskGroups.Of(_rows.Values);
        if (RendererInfo.IsInteractive)
        {
            _following = FollowAsync();
        }
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await TellAsync();
        }
    }

    private async Task FollowAsync()
    {
        try
        {
            await foreach (var changed in feed.FollowAsync(_gone.Token))
            {
                await InvokeAsync(() => TakeAsync(changed));
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
        catch (Exception exception)
        {
            // The outermost owner of the loop: the list must not stand still without a word.
            await DispatchExceptionAsync(exception);
        }
    }

    private async Task TakeAsync(IReadOnlyList<(TaskId Id, TaskRow? Row)> changed)
    {
        foreach (var (id, row) in changed)
        {
            if (row is null)
            {
                _rows.Remove(id);
            }
            else
            {
                _rows[id] = row;
            }
        }

        var wanted = TaskGroups.Of(_rows.Values);
        if (_under && !SameOrder(wanted, _groups))
        {
            _held += changed.Count;
            // Their words may change where they stand; they themselves may not.
            _groups = [.. _groups.Select(g => g with { Rows = [.. g.Rows.Select(r => _rows.GetValueOrDefault(r.Id, r))] })];
        }
        else
        {
            (_groups, _held) = (wanted, 0);
        }

        StateHasChanged();
        await TellAsync();
    }

    private void Release()
    {
        _under = false;
        if (_held > 0)
        {
            (_groups, _held) = (TaskGroups.Of(_rows.Values), 0);
        }
    }

    private Task TellAsync() => WantedChanged.InvokeAsync(TaskGroups.Of(_rows.Values).Where(g => g.WantsPerson).Sum(g => g.Rows.Count));

    private async Task ArchiveAsync(TaskRow row)
    {
        var result = await commands.SetArchivedAsync(row.Id, !row.Archived, _gone.Token);
        if (result.Problem() is { } problem)
        {
            toaster.Show(new Toast(problem, Failed: true));
            return;
        }

        // The person's own hand moves rows at once.
        _under = false;
        toaster.Show(new Toast(row.Archived ? "Taken out of the archive." : "Archived.", Undo: async () => await commands.SetArchivedAsync(row.Id, row.Archived, CancellationToken.None)));
    }

    private static bool SameOrder(IReadOnlyList<TaskGroup> a, IReadOnlyList<TaskGroup> b) =>
        a.SelectMany(g => g.Rows.Select(r => (g.Title, r.Id))).SequenceEqual(b.SelectMany(g => g.Rows.Select(r => (g.Title, r.Id))));
}

using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Tasks;

/// <summary>Search from anywhere: the tasks that say what is typed, and the pages.</summary>
public sealed partial class TaskPalette(TaskQueries queries, TimeProvider time)
{
    private const int Shown = 8;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(120);

    private readonly Departure _gone = new();
    private IReadOnlyList<TaskRow> _rows = [];
    private string _query = "";
    private int _search;

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    private Task SearchAsync(ChangeEventArgs change) => FindAsync((change.Value as string ?? "").Trim());

    private async Task FindAsync(string query)
    {
        var search = ++_search;
        try
        {
            await Task.Delay(Pause, time, _gone.Token);
            if (search == _search)
            {
                _query = query;
                _rows = (await queries.ListAsync(new TaskFilter(Text: query), Shown, null, _gone.Token)).Items;
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
    }
}

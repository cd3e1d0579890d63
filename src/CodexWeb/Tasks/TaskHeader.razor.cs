using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Tasks;

/// <summary>What a task is and where it stands, and what can be done with all of it.</summary>
public sealed partial class TaskHeader(TaskCommands commands, NavigationManager navigation, Toaster toaster) : IDisposable
{
    private readonly Departure _gone = new();
    private Dialog? _confirm;
    private ElementReference _input;
    private bool _editing;
    private bool _focus;
    private string _title = "";
    private string? _problem;

    /// <summary>The task.</summary>
    [Parameter, EditorRequired]
    public TaskDetails Task { get; set; } = null!;

    /// <summary>The attempt that is looked at.</summary>
    [Parameter, EditorRequired]
    public AttemptDetails Attempt { get; set; } = null!;

    /// <summary>The buttons for what comes next.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_focus)
        {
            _focus = false;
            await _input.FocusAsync();
        }
    }

    private void Edit() => (_editing, _focus, _title, _problem) = (true, true, Task.Title, null);

    private async Task RenameAsync()
    {
        _problem = (await commands.RenameAsync(Task.Id, _title, _gone.Token)).Problem();
        _editing = _problem is not null;
    }

    private async Task ArchiveAsync()
    {
        var archived = !Task.Archived;
        var id = Task.Id;
        _problem = (await commands.SetArchivedAsync(id, archived, _gone.Token)).Problem();
        if (_problem is null)
        {
            toaster.Show(new Toast(archived ? "Archived." : "Taken out of the archive.", Undo: async () => await commands.SetArchivedAsync(id, !archived, CancellationToken.None)));
        }
    }

    private async Task DeleteAsync()
    {
        await _confirm!.CloseAsync();
        var result = await commands.DeleteAsync(Task.Id, _gone.Token);
        _problem = result.Problem();
        if (result is CommandResult<DeletedTask>.Done done)
        {
            toaster.Show($"Deleted: {Words.Count(done.Value.Attempts, "attempt")}, {Words.Count(done.Value.Events, "log entry", "log entries")}, {Words.Bytes(done.Value.OutputBytes)} of output.");
            navigation.NavigateTo("/");
        }
    }
}

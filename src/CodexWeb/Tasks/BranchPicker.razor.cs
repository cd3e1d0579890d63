using CodexWeb.Agent.Workspaces;
using CodexWeb.Repositories;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Tasks;

/// <summary>The branch a task starts from, searched as one types.</summary>
public sealed partial class BranchPicker(RepositoryCatalog catalog, TimeProvider time)
{
    private const int Shown = 30;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);

    private readonly Departure _gone = new();
    private IReadOnlyList<BranchDescription>? _branches;
    private string? _problem;
    private int _search;

    /// <summary>The repository. For another one the component is made anew: give it as its key too.</summary>
    [Parameter, EditorRequired]
    public RepositoryRow Repository { get; set; } = null!;

    /// <summary>The branch in force; null for the default branch.</summary>
    [Parameter]
    public string? Chosen { get; set; }

    /// <summary>Another one was taken.</summary>
    [Parameter]
    public EventCallback<string?> ChosenChanged { get; set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await SearchAsync("");
        }
    }

    private async Task SearchAsync(string query)
    {
        var search = ++_search;
        try
        {
            await Task.Delay(Pause, time, _gone.Token);
            if (search != _search)
            {
                return;
            }

            var result = await catalog.BranchesAsync(Repository.Id, query.Trim(), Shown, _gone.Token);
            if (search == _search)
            {
                (_branches, _problem) = (result is CommandResult<IReadOnlyList<BranchDescription>>.Done done ? done.Value : null, result.Problem());
                StateHasChanged();
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left, or another repository was chosen.
        }
    }
}

using CodexWeb.GitHosts.GitHub;
using CodexWeb.Repositories;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Tasks;

/// <summary>Connects a repository: one of GitHub's that the connections reach, or any by its address.</summary>
public sealed partial class ConnectDialog(RepositoryCatalog catalog, GitHubOverviews overviews) : IDisposable
{
    private readonly Departure _gone = new();
    private Dialog? _dialog;
    private string _url = "";
    private string? _name;
    private string? _problem;
    private string? _nameProblem;
    private bool _hasGitHub;
    private bool _fromGitHub;
    private bool _busy;

    /// <summary>It was connected, or had been before.</summary>
    [Parameter]
    public EventCallback<RepositoryRow> Connected { get; set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <summary>Looks again whether GitHub is connected.</summary>
    public async Task RefreshAsync()
    {
        var has = (await overviews.ForAsync(LocalPerson.Name, _gone.Token)).IsConnected;
        if (has != _hasGitHub)
        {
            _hasGitHub = _fromGitHub = has;
            StateHasChanged();
        }
    }

    /// <inheritdoc/>
    protected override Task OnInitializedAsync() => RefreshAsync();

    private void Show(bool fromGitHub) => (_fromGitHub, _problem, _nameProblem, _name) = (fromGitHub, null, null, null);

    private async Task ConnectAsync(string url, string? name)
    {
        (_busy, _problem, _nameProblem, _name) = (true, null, null, name);
        try
        {
            var result = await catalog.ConnectAsync(url, name, _gone.Token);
            if (result is CommandResult<RepositoryRow>.Done done)
            {
                (_url, _name) = ("", null);
                await Connected.InvokeAsync(done.Value);
                await _dialog!.CloseAsync();
                return;
            }

            _nameProblem = result.ProblemOf("name");
            _problem = result.ProblemOf("url") ?? (_nameProblem is null ? result.Problem() : null);
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
        finally
        {
            _busy = false;
        }
    }
}

using CodexWeb.Data;
using CodexWeb.Environments;
using CodexWeb.Repositories;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Pages;

/// <summary>All environments, by repository.</summary>
public sealed partial class EnvironmentsPage(EnvironmentCatalog environments, RepositoryCatalog catalog, NavigationManager navigation)
{
    private readonly Departure _gone = new();
    private IReadOnlyList<RepositoryRow> _repositories = [];
    private IReadOnlyList<(EnvironmentRow Row, string Repository, bool IsDefault)>? _rows;
    private string _repository = "";
    private string _name = "";
    private string? _problem;
    private bool _busy;

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
        _repository = _repositories.Count > 0 ? _repositories[0].Id.ToString() : "";
        var all = await environments.ListAsync(null, _gone.Token);
        _rows =
        [
            .. _repositories.SelectMany(repository => all.Where(row => row.RepositoryId == repository.Id).Select((row, place) => (row, repository.Name, IsDefault: place == 0))),
        ];
    }

    private static string Facts(EnvironmentRow row) => string.Join(" · ", ((string?[])
    [
        row.SetupScript.Length > 0 ? "set-up" : null,
        row.Checks.Count > 0 ? Words.Count(row.Checks.Count, "check") : "no checks",
        row.Variables.Count > 0 ? Words.Count(row.Variables.Count, "variable") : null,
        row.McpServers.Count > 0 ? Words.Count(row.McpServers.Count, "MCP server") : null,
    ]).OfType<string>());

    private async Task CreateAsync()
    {
        if (!RepositoryId.TryParse(_repository, null, out var repository))
        {
            return;
        }

        (_busy, _problem) = (true, null);
        try
        {
            var result = await environments.CreateAsync(repository, new EnvironmentChange(_name, "", new Dictionary<string, string>(StringComparer.Ordinal), [], ReviewSettings.Usual), _gone.Token);
            _problem = result.Problem();
            if (result is CommandResult<EnvironmentRow>.Done { Value: var row })
            {
                navigation.NavigateTo($"/environments/{row.Id}");
            }
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

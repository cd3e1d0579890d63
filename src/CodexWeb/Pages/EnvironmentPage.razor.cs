using System.Globalization;
using CodexWeb.Data;
using CodexWeb.Environments;
using CodexWeb.Repositories;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Pages;

/// <summary>One environment: set-up, checks, variables, MCP servers, reviews.</summary>
public sealed partial class EnvironmentPage(EnvironmentCatalog environments, RepositoryCatalog catalog)
{
    private readonly Departure _gone = new();
    private EnvironmentRow? _environment;
    private RepositoryRow? _repository;
    private bool _isDefault;
    private bool _missing;

    /// <summary>The environment's id.</summary>
    [Parameter]
    public string Id { get; set; } = "";

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (!EnvironmentId.TryParse(Id, CultureInfo.InvariantCulture, out var id))
        {
            (_environment, _missing) = (null, true);
            return;
        }

        if (_environment?.Id == id)
        {
            return;
        }

        var found = await environments.FindAsync(id, _gone.Token);
        if (found is not null)
        {
            _repository = await catalog.FindAsync(found.RepositoryId, _gone.Token);
            _isDefault = (await environments.ListAsync(found.RepositoryId, _gone.Token)) is [var first, ..] && first.Id == id;
        }

        (_environment, _missing) = (found, found is null);
    }
}

using System.Globalization;
using CodexWeb.Repositories;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace CodexWeb.Pages;

/// <summary>A file as it was at a commit: what a citation opens. Lines are named by <c>#L12-L18</c> or <c>?lines=12-18</c>.</summary>
public sealed partial class FilePage(IJSRuntime scripts, RepositoryCatalog repositories) : IAsyncDisposable
{
    private readonly ScriptModule _script = new(scripts, "./js/diff-file.js");
    private readonly Departure _gone = new();
    private ElementReference _root;
    private RepositoryRow? _repository;
    private string? _problem;
    private string? _shown;

    /// <summary>The repository's id.</summary>
    [Parameter]
    public string RepositoryId { get; set; } = "";

    /// <summary>The full name of a commit of the repository or of an attempt.</summary>
    [Parameter]
    public string Commit { get; set; } = "";

    /// <summary>The path from the repository's root.</summary>
    [Parameter]
    public string? Path { get; set; }

    /// <summary>The lines to show, <c>12-18</c> or <c>12</c>; null for the beginning.</summary>
    [SupplyParameterFromQuery(Name = "lines")]
    public string? Lines { get; set; }

    private string Name => (Path ?? "").Split('/')[^1];

    private string Folder => (Path ?? "")[..^Name.Length];

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        _repository = Data.RepositoryId.TryParse(RepositoryId, CultureInfo.InvariantCulture, out var id) ? await repositories.FindAsync(id, _gone.Token) : null;
        _problem = _repository is null ? "There is no such repository on this server." : string.IsNullOrEmpty(Path) ? "The address names no file." : null;
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        var wanted = _problem is null && _repository is not null ? $"{RepositoryId}/{Commit}/{Path}" : null;
        if (wanted is not null && !string.Equals(_shown, wanted, StringComparison.Ordinal))
        {
            _shown = wanted;
            await _script.CallAsync("mount", _root, new { repository = RepositoryId, commit = Commit, path = Path, lines = Lines });
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        if (_shown is not null)
        {
            await _script.CallAsync("unmount", _root);
        }

        await _script.DisposeAsync();
        _gone.Dispose();
    }
}

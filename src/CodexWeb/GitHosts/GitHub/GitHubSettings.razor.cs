using System.Data.Common;
using CodexWeb.Data;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>The settings' section on GitHub: who is connected and how, the ways to connect, and the server's App.</summary>
public sealed partial class GitHubSettings(GitHubOverviews overviews, GitHubNotices notices) : IDisposable
{
    private readonly Departure _gone = new();
    private GitHubOverview? _overview;
    private GitHubNotice? _notice;
    private string? _failed;

    /// <summary>By what the page finds what came of a way through GitHub's pages; null for none.</summary>
    [SupplyParameterFromQuery(Name = "github")]
    public string? NoticeKey { get; set; }

    /// <summary>Something was connected or removed.</summary>
    [Parameter]
    public EventCallback Changed { get; set; }

    /// <summary>Reads the connections anew.</summary>
    public async Task RefreshAsync()
    {
        await LoadAsync();
        StateHasChanged();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        _notice = notices.Find(NoticeKey);
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        try
        {
            _failed = null;
            _overview = await overviews.ForAsync(LocalPerson.Name, _gone.Token);
        }
        catch (DbException exception)
        {
            _failed = $"The connections could not be read: {exception.Message}";
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
    }

    private async Task ConnectedAsync(GitHubAccountId id)
    {
        await LoadAsync();
        _notice = new GitHubNotice($"GitHub is connected as {_overview?.Connections.FirstOrDefault(connection => connection.Id == id)?.Login}.", IsProblem: false);
        await Changed.InvokeAsync();
    }

    private async Task EndedAsync(RemovedConnection removed)
    {
        var rest = removed.RevokeProblem is null ? "" : $" At GitHub the token could not be ended: {removed.RevokeProblem} End it there, under Applications.";
        _notice = new GitHubNotice($"{removed.Login} is disconnected, and the token is deleted here.{rest}", IsProblem: removed.RevokeProblem is not null);
        await LoadAsync();
        await Changed.InvokeAsync();
    }

    private async Task AppChangedAsync()
    {
        _notice = new GitHubNotice("The App's keys are deleted here. At GitHub the App stays until you delete it there.", IsProblem: false);
        await LoadAsync();
        await Changed.InvokeAsync();
    }
}

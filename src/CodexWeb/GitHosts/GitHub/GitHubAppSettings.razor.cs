using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>The server's App: set up, where it is installed, and its end.</summary>
public sealed partial class GitHubAppSettings(GitHubOverviews overviews, GitHubAppSetup setup) : IDisposable
{
    private readonly Departure _gone = new();
    private GitHubInstallations? _installations;
    private long? _asked;
    private string _organisation = "";
    private bool _asking;
    private bool _busy;

    /// <summary>The App; null when there is none.</summary>
    [Parameter]
    public GitHubAppOverview? App { get; set; }

    /// <summary>Why it cannot be used, with what to do; null when it can.</summary>
    [Parameter]
    public string? Problem { get; set; }

    /// <summary>It was removed.</summary>
    [Parameter]
    public EventCallback Changed { get; set; }

    private string NewApp => string.IsNullOrWhiteSpace(_organisation) ? "/github/app/new" : $"/github/app/new?organization={Uri.EscapeDataString(_organisation.Trim())}";

    // GitHub has to be asked for the page of an App of the settings.
    private Uri? InstallPage => App?.InstallPage ?? overviews.InstallPage(_installations?.App?.HtmlUrl);

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (App is null || _asked == App.Id || !RendererInfo.IsInteractive)
        {
            return;
        }

        _asked = App.Id;
        try
        {
            _installations = await overviews.InstallationsAsync(_gone.Token);
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
    }

    private static string Reach(GitHubInstallation installation) => installation switch
    {
        { SuspendedAt: not null } => "suspended: unsuspend it on GitHub",
        { SelectedOnly: true } => "chosen repositories",
        _ => "all repositories",
    };

    private async Task RemoveAsync()
    {
        _busy = true;
        try
        {
            await setup.RemoveAsync(_gone.Token);
            (_asking, _installations, _asked) = (false, null, null);
            await Changed.InvokeAsync();
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

using CodexWeb.Data;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>Takes a token, has it tried, and forgets it.</summary>
public sealed partial class GitHubTokenForm(GitHubConnections connections) : IDisposable
{
    private readonly Departure _gone = new();
    private string _token = "";
    private string? _problem;
    private bool _busy;

    /// <summary>Where a person makes one.</summary>
    [Parameter, EditorRequired]
    public Uri TokenPage { get; set; } = null!;

    /// <summary>It was taken.</summary>
    [Parameter]
    public EventCallback<GitHubAccountId> Connected { get; set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    private async Task ConnectAsync()
    {
        (_busy, _problem) = (true, null);
        try
        {
            var result = await connections.ConnectByTokenAsync(LocalPerson.Name, _token, _gone.Token);
            _problem = result.Problem();
            if (result is CommandResult<GitHubAccountId>.Done(var id))
            {
                _token = "";
                await Connected.InvokeAsync(id);
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

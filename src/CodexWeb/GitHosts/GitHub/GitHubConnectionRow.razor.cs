using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>One connection: whose, how and since when, what is wrong with it, and its end.</summary>
public sealed partial class GitHubConnectionRow(GitHubConnections connections) : IDisposable
{
    private readonly Departure _gone = new();
    private bool _asking;
    private bool _busy;
    private string? _problem;

    /// <summary>The connection.</summary>
    [Parameter, EditorRequired]
    public GitHubConnection Connection { get; set; } = null!;

    /// <summary>It was removed.</summary>
    [Parameter]
    public EventCallback<RemovedConnection> Ended { get; set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    private async Task DisconnectAsync()
    {
        _busy = true;
        try
        {
            var result = await connections.DisconnectAsync(LocalPerson.Name, Connection.Id, _gone.Token);
            if (result is CommandResult<RemovedConnection>.Done(var removed))
            {
                await Ended.InvokeAsync(removed);
            }
            else
            {
                _problem = result.Problem();
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

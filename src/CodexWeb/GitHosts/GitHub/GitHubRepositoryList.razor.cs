using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web.Virtualization;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>The repositories of GitHub that can be connected, by owner. GitHub is asked when the list is first seen; typing searches here.</summary>
public sealed partial class GitHubRepositoryList(GitHubReachable reachable, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    private readonly Departure _gone = new();
    private Virtualize<Row>? _rows;
    private IReadOnlyList<string> _problems = [];
    private string _query = "";
    private int _typed;
    private int _total;
    private bool _asked;
    private bool _loading;

    /// <summary>One was taken.</summary>
    [Parameter]
    public EventCallback<ReachableRepository> Chosen { get; set; }

    /// <summary>True while none can be taken.</summary>
    [Parameter]
    public bool Disabled { get; set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    private async Task SearchAsync(ChangeEventArgs change)
    {
        _query = (change.Value as string ?? "").Trim();
        var typed = ++_typed;
        try
        {
            await Task.Delay(Pause, time, _gone.Token);
            if (typed == _typed && _rows is not null)
            {
                await _rows.RefreshDataAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
    }

    private async ValueTask<ItemsProviderResult<Row>> ProvideAsync(ItemsProviderRequest request)
    {
        _loading = true;
        StateHasChanged();
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(request.CancellationToken, _gone.Token);
            var found = await reachable.ListAsync(LocalPerson.Name, _query, organisation: null, either.Token);
            var rows = found.Items
                .GroupBy(static repository => repository.Owner, StringComparer.OrdinalIgnoreCase)
                .SelectMany(static owner => owner.Select(static repository => new Row(repository.Owner, repository)).Prepend(new Row(owner.Key, Repository: null)))
                .ToList();
            (_problems, _total, _asked) = (found.Problems, found.Items.Count, true);
            return new ItemsProviderResult<Row>(rows.Skip(request.StartIndex).Take(request.Count), rows.Count);
        }
        finally
        {
            _loading = false;
            StateHasChanged();
        }
    }

    /// <summary>A line: an owner, or one of the owner's repositories.</summary>
    private sealed record Row(string Owner, ReachableRepository? Repository);
}

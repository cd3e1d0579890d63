using CodexWeb.Tasks;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Review;

/// <summary>What can be done with the hunks that are selected in a change: take them over into an attempt, or drop them.</summary>
public sealed partial class HunkBar(HunkCommands commands, Toaster toaster) : IDisposable
{
    private readonly Departure _gone = new();
    private int _target;
    private bool _busy;
    private string? _problem;
    private IReadOnlyList<string> _for = [];

    /// <summary>The task.</summary>
    [Parameter, EditorRequired]
    public TaskDetails Task { get; set; } = null!;

    /// <summary>The attempt whose page this is.</summary>
    [Parameter, EditorRequired]
    public AttemptDetails Attempt { get; set; } = null!;

    /// <summary>The part of its work that is shown.</summary>
    [Parameter, EditorRequired]
    public DiffScope Scope { get; set; }

    /// <summary>The names of the selected hunks, at least one.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyList<string> Names { get; set; } = [];

    /// <summary>Nothing is to be selected any more.</summary>
    [Parameter]
    public EventCallback Cleared { get; set; }

    private string TargetId => $"take-into-{Attempt.Id}";

    private List<AttemptDetails> Others => [.. Task.Attempts.Where(a => a.Id != Attempt.Id)];

    private AttemptDetails? Source => Scope.Against is { } id ? Task.Attempts.FirstOrDefault(a => a.Id == id) : null;

    private AttemptDetails? Target => Source is not null ? Attempt : Task.Attempts.FirstOrDefault(a => a.Number == _target);

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (Others.TrueForAll(a => a.Number != _target))
        {
            _target = Others.FirstOrDefault(a => a.Id == Task.LeadingAttemptId)?.Number ?? Others.FirstOrDefault()?.Number ?? 0;
        }

        // What was wrong was wrong with another choice.
        if (!_for.SequenceEqual(Names, StringComparer.Ordinal))
        {
            (_for, _problem) = (Names, null);
        }
    }

    private async Task TakeAsync()
    {
        if (Target is { } target)
        {
            var result = Source is { } source
                ? commands.TakeAsync(target.Id, source.Id, HunkSource.Difference, Names, _gone.Token)
                : commands.TakeAsync(target.Id, Attempt.Id, HunkSource.Change, Names, _gone.Token);
            await DoAsync(result, $"Attempt {target.Number} takes {Words.Count(Names.Count, "hunk")}; then its checks run.");
        }
    }

    private Task DropAsync() => DoAsync(commands.DropAsync(Attempt.Id, Scope.Turn, Names, _gone.Token), $"{Words.Count(Names.Count, "hunk")} dropped; now the checks run.");

    private async Task DoAsync(Task<CommandResult<int>> command, string done)
    {
        _busy = true;
        try
        {
            _problem = (await command).Problem();
        }
        finally
        {
            _busy = false;
        }

        if (_problem is null)
        {
            toaster.Show(done);
            await Cleared.InvokeAsync();
        }
    }
}

using System.Collections.Immutable;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Tasks;

/// <summary>The box below the conversation: while the attempt works it queues messages and stops, afterwards it sends the follow-up.</summary>
public sealed partial class TaskDock(TaskCommands commands, Steering steering) : IDisposable
{
    private readonly Departure _gone = new();
    private PromptBox? _box;
    private string? _problem;
    private bool _sending;
    private bool _stopping;

    /// <summary>The task.</summary>
    [Parameter, EditorRequired]
    public TaskDetails Task { get; set; } = null!;

    /// <summary>The attempt that is looked at.</summary>
    [Parameter, EditorRequired]
    public AttemptDetails Attempt { get; set; } = null!;

    /// <summary>The messages that wait for its next step.</summary>
    [Parameter, EditorRequired]
    public ImmutableList<QueuedMessageView> Queue { get; set; } = [];

    private string Does => (Attempt, Task) switch
    {
        ({ StopRequested: true }, _) => "Stopping. What was changed so far is kept.",
        ({ IsActive: true }, _) => "Enter queues, Shift+Enter makes a line",
        (_, { Mode: TaskMode.Ask }) => "Reads only, makes no branch",
        (_, { Attempts.Count: > 1 }) => $"Goes on with attempt {Attempt.Number} on {Task.WorkBranch}",
        _ => $"Goes on, on {Task.WorkBranch}",
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override void OnParametersSet() => _stopping &= Attempt.IsActive;

    private async Task SendAsync()
    {
        if (_box is null || _sending)
        {
            return;
        }

        _sending = true;
        try
        {
            var text = await _box.ReadAsync(_gone.Token);
            var files = await _box.FilesAsync(_gone.Token);
            _problem = files.Problem ?? (Attempt.IsActive
                ? (await steering.AddAsync(Attempt.Id, text, files.Ids, _gone.Token)).Problem()
                : (await commands.FollowUpAsync(Task.Id, Attempt.Id, text, [], files.Ids, _gone.Token)).Problem());
            if (_problem is null)
            {
                await _box.SentAsync();
            }
        }
        finally
        {
            _sending = false;
        }
    }

    private async Task StopAsync()
    {
        _stopping = true;
        _problem = (await commands.StopAsync(Attempt.Id, _gone.Token)).Problem();
        _stopping = _problem is null;
    }
}

using System.Collections.Immutable;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Tasks;

/// <summary>The messages that wait for an attempt's next step: each can be edited, moved and taken back until it is sent.</summary>
public sealed partial class WaitingMessages : IDisposable
{
    private readonly Departure _gone = new();
    private Guid? _edited;
    private string _text = "";
    private string? _problem;

    /// <summary>The messages in the order they will be sent.</summary>
    [Parameter, EditorRequired]
    public ImmutableList<QueuedMessageView> Messages { get; set; } = [];

    /// <summary>What changes the queue.</summary>
    [Inject]
    public Steering Steering { get; set; } = null!;

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    private async Task SaveAsync(QueuedMessageView message)
    {
        await DoAsync(Steering.EditAsync(message.Id, _text, _gone.Token));
        if (_problem is null)
        {
            _edited = null;
        }
    }

    // The task's signal brings the queue as it then is.
    private async Task DoAsync(Task<CommandResult<Nothing>> change) => _problem = (await change).Problem();
}

using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Tasks;

/// <summary>How full the model's window is, and the button that makes room.</summary>
public sealed partial class ContextMeter(TaskCommands commands) : IDisposable
{
    private readonly Departure _gone = new();
    private string? _problem;

    /// <summary>The attempt; nothing is shown while its context is not known.</summary>
    [Parameter, EditorRequired]
    public AttemptDetails Attempt { get; set; } = null!;

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    // What came of it shows when the task is read again.
    private async Task CompactAsync() => _problem = (await commands.CompactAsync(Attempt.Id, _gone.Token)).Problem();
}

using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Tasks;

/// <summary>The attempts of a task side by side: what each changed, proved, took and cost, and which one was chosen. Folded it is a strip to go from one to the other.</summary>
public sealed partial class Scoreboard(TaskCommands commands, Toaster toaster) : IDisposable
{
    private readonly Departure _gone = new();
    private bool? _open;
    private bool _busy;
    private string? _problem;

    /// <summary>The task; it has several attempts.</summary>
    [Parameter, EditorRequired]
    public TaskDetails Task { get; set; } = null!;

    /// <summary>The attempt that is looked at.</summary>
    [Parameter, EditorRequired]
    public AttemptDetails Shown { get; set; } = null!;

    // Open by itself when there is a choice to make: all came to rest and none was taken.
    private bool IsOpen => _open ?? (Task.LeadingAttemptId is null && Task.Attempts.All(a => !a.IsActive));

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    private string Address(AttemptDetails attempt) => $"/tasks/{Task.Id}?attempt={attempt.Number}";

    private static string Tokens(AttemptDetails attempt) =>
        $"{Words.Count(attempt.Usage.InputTokens)} in, of which {Words.Count(attempt.Usage.CachedInputTokens)} cached; {Words.Count(attempt.Usage.OutputTokens)} out";

    private async Task ChooseAsync(AttemptDetails attempt)
    {
        var takesBack = attempt.Id == Task.ChosenAttemptId;
        (_busy, _open) = (true, IsOpen);
        try
        {
            _problem = (await commands.ChooseAsync(Task.Id, takesBack ? null : attempt.Id, _gone.Token)).Problem();
        }
        finally
        {
            _busy = false;
        }

        if (_problem is null)
        {
            toaster.Show(takesBack ? "No attempt is chosen any more." : $"Attempt {attempt.Number} is chosen: follow-ups and pushes go by it.");
        }
    }
}

using System.Globalization;
using CodexWeb.Agent.Protocol;
using CodexWeb.Data;
using CodexWeb.Tasks;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace CodexWeb.Review;

/// <summary>The changes of an attempt: files, hunks, comments. The list of rows is a script's, fed over HTTP; this is the frame around it.</summary>
public sealed partial class ChangesPanel(IJSRuntime scripts, TaskCommands commands, Toaster toaster) : IAsyncDisposable
{
    private static readonly string[] Modules = ["diff", "diff-picks", "diff-list", "diff-layout", "diff-rows", "diff-fetch", "diff-tree", "diff-keys", "diff-text"];

    private readonly ScriptModule _script = new(scripts, "./js/diff.js");
    private readonly Departure _gone = new();
    private DotNetObjectReference<ChangesPanel>? _self;
    private ElementReference _root;
    private AttemptId? _mounted;
    private string? _shown;
    private string? _opened;
    private int _drafts;
    private DiffScope _scope;
    private IReadOnlyList<string> _picks = [];
    private string _message = "";
    private string? _problem;
    private bool _sending;

    /// <summary>The task.</summary>
    [Parameter, EditorRequired]
    public TaskDetails Task { get; set; } = null!;

    /// <summary>The attempt whose changes are shown. A later checkpoint of it is taken in where the person reads on undisturbed.</summary>
    [Parameter, EditorRequired]
    public AttemptDetails Attempt { get; set; } = null!;

    /// <summary>Path of a file to go to; null for none.</summary>
    [Parameter]
    public string? OpenFile { get; set; }

    private string ScopeId => $"scope-{Attempt.Id}";

    private string MenuId => $"lines-{Attempt.Id}";

    private string MessageId => $"message-{Attempt.Id}";

    // With one turn, all changes are this turn's.
    private IEnumerable<TurnDetails> Turns =>
        Attempt.TurnNumber < 2 ? [] : Task.Turns.Where(t => (t.AttemptId is null || t.AttemptId == Attempt.Id) && t.Number <= Attempt.TurnNumber).OrderByDescending(t => t.Number);

    private IEnumerable<AttemptDetails> Others => Task.Mode is TaskMode.Code ? Task.Attempts.Where(a => a.Id != Attempt.Id) : [];

    // As the script knows the state it shows; null while the task has no base.
    private string? At => _scope.Against is not { } other ? Attempt.Checkpoint
        : (Task.Attempts.FirstOrDefault(a => a.Id == other)?.Checkpoint ?? Task.BaseCommit) is { } theirs ? $"{Attempt.Checkpoint}-{theirs}"
        : null;

    private string Nothing => (Task.Mode, Attempt.IsActive, Attempt.Status) switch
    {
        (TaskMode.Ask, _, _) => "This task only asks: it changes nothing.",
        (_, true, _) => "No file has been changed yet. Changes appear here while the agent works.",
        (_, _, AttemptStatus.Completed) => "The attempt ended without changing a file.",
        _ => "The attempt ended before it changed a file.",
    };

    /// <summary>Called by the script: how many comments wait to be sent.</summary>
    [JSInvokable]
    public void DraftsChanged(int count)
    {
        _drafts = count;
        StateHasChanged();
    }

    /// <summary>Called by the script: which hunks are selected now.</summary>
    [JSInvokable]
    public void PicksChanged(string[] names)
    {
        _picks = names;
        StateHasChanged();
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (Attempt.Checkpoint is not { } checkpoint)
        {
            await UnmountAsync();
        }
        else if (_mounted != Attempt.Id)
        {
            await UnmountAsync();
            (_mounted, _shown, _scope) = (Attempt.Id, checkpoint, default);
            _self ??= DotNetObjectReference.Create(this);
            _opened = OpenFile;
            await _script.CallAsync("mount", _root, _self, new { attempt = Attempt.Id.ToString(), repository = Task.RepositoryId.ToString(), file = OpenFile });
        }
        else if (At is { } at && !string.Equals(_shown, at, StringComparison.Ordinal))
        {
            _shown = at;
            await _script.CallAsync("refresh", _root, at);
        }
        else if (!string.Equals(_opened, OpenFile, StringComparison.Ordinal))
        {
            _opened = OpenFile;
            await _script.CallAsync("goToFile", _root, OpenFile);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        await UnmountAsync();
        await _script.DisposeAsync();
        _self?.Dispose();
        _gone.Dispose();
    }

    private async Task UnmountAsync()
    {
        if (_mounted is not null)
        {
            _mounted = null;
            (_drafts, _picks) = (0, []);
            await _script.CallAsync("unmount", _root);
        }
    }

    private async Task ChangeScopeAsync(ChangeEventArgs change)
    {
        var scope = change.Value as string ?? "all";
        _scope = DiffScope.TryParse(scope, CultureInfo.InvariantCulture, out var parsed) ? parsed : default;
        _shown = At;
        await _script.CallAsync("setScope", _root, scope);
    }

    private Task ClearPicksAsync() => _script.CallAsync("clearPicks", _root);

    private async Task RequestChangesAsync()
    {
        (_sending, _problem) = (true, null);
        try
        {
            var comments = await _script.AskAsync<ReviewComment[]>("draftsOf", _gone.Token, _root);
            var prompt = string.IsNullOrWhiteSpace(_message) ? "Please make the changes asked for in these review comments." : _message.Trim();
            switch (await commands.FollowUpAsync(Task.Id, Attempt.Id, prompt, comments, _gone.Token))
            {
                case CommandResult<int>.Done:
                    _message = "";
                    await _script.CallAsync("sent", _root);
                    toaster.Show($"{Words.Count(comments.Length, "comment")} sent as a follow-up.");
                    break;
                case CommandResult<int>.Invalid invalid:
                    _problem = string.Join(' ', invalid.Errors.Values);
                    break;
                case CommandResult<int>.Refused refused:
                    _problem = refused.Reason;
                    break;
                case CommandResult<int>.NotFound missing:
                    _problem = missing.What;
                    break;
            }
        }
        catch (Exception exception) when (exception is JSDisconnectedException or OperationCanceledException)
        {
            // The browser is gone; the drafts are kept in it.
        }
        finally
        {
            _sending = false;
        }
    }
}

using CodexWeb.Tasks;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Review;

/// <summary>The sheet a branch is pushed from: what goes where, with which text; and the other ways out when it cannot be.</summary>
public sealed partial class PushSheet(BranchPush push, BaseMerges merges) : IDisposable
{
    private readonly Departure _gone = new();
    private Dialog? _dialog;
    private CommitText? _text;
    private BaseState? _base;
    private string _title = "";
    private string _body = "";
    private string _branch = "";
    private string? _problem;
    private IReadOnlyDictionary<string, string> _errors = new Dictionary<string, string>(StringComparer.Ordinal);
    private PushedBranch? _pushed;
    private bool _pushing;

    /// <summary>The task.</summary>
    [Parameter, EditorRequired]
    public TaskDetails Task { get; set; } = null!;

    /// <summary>The attempt to push.</summary>
    [Parameter, EditorRequired]
    public AttemptDetails Attempt { get; set; } = null!;

    /// <summary>Raised when the branch is at the origin.</summary>
    [Parameter]
    public EventCallback<PushedBranch> OnPushed { get; set; }

    private string Id => $"push-{Attempt.Id}";

    private string Parent => Task.PushedCommit is { } pushed && string.Equals(_branch, Task.PushedBranch, StringComparison.Ordinal) ? $"what was pushed before ({Words.Commit(pushed)})" : Task.Branch;

    private string FetchCommand => $"git fetch origin {ShellWord.Of(_pushed!.Branch)} && git checkout {ShellWord.Of(_pushed.Branch)}";

    /// <summary>Opens the sheet and writes its text.</summary>
    public async Task OpenAsync()
    {
        (_text, _base, _problem, _pushed) = (null, null, null, null);
        _errors = new Dictionary<string, string>(StringComparer.Ordinal);
        _branch = Task.PushedBranch ?? Task.WorkBranch;
        StateHasChanged();
        await _dialog!.OpenAsync();
        _text = await push.ProposeAsync(Task.Id, Attempt.Id, _gone.Token);
        (_title, _body) = (_text.Title, _text.Body);
        StateHasChanged();
        // Asks the origin, which may take a while; the form need not wait for it.
        _base = await merges.PreviewAsync(Task.Id, Attempt.Id, baseBranch: null, _gone.Token) is CommandResult<BaseState>.Done(var state) ? state : null;
        StateHasChanged();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    private async Task PushAsync()
    {
        (_pushing, _problem) = (true, null);
        _errors = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            switch (await push.PushAsync(Task.Id, Attempt.Id, _branch, new CommitText(_title, _body), _gone.Token))
            {
                case CommandResult<PushedBranch>.Done done:
                    _pushed = done.Value;
                    await OnPushed.InvokeAsync(done.Value);
                    break;
                case CommandResult<PushedBranch>.Invalid invalid:
                    _errors = invalid.Errors;
                    break;
                case CommandResult<PushedBranch>.Refused refused:
                    _problem = refused.Reason;
                    break;
                case CommandResult<PushedBranch>.NotFound missing:
                    _problem = missing.What;
                    break;
            }
        }
        catch (OperationCanceledException) when (_gone.Token.IsCancellationRequested)
        {
            // The page was left.
        }
        finally
        {
            _pushing = false;
        }
    }

    private string Invalid(string field) => _errors.ContainsKey(field) ? "true" : "false";

    private RenderFragment Error(string field) => builder =>
    {
        if (_errors.TryGetValue(field, out var error))
        {
            builder.OpenElement(0, "p");
            builder.AddAttribute(1, "class", "field-error");
            builder.AddContent(2, error);
            builder.CloseElement();
        }
    };
}

using System.Globalization;
using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts.Items;
using CodexWeb.Data;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace CodexWeb.Attempts;

/// <summary>
/// An attempt's conversation: what the log holds, then what it gains, drawn once per batch and at most ten times a second.
/// What is there already is read before the first drawing, so that a reload shows the page as it was.
/// </summary>
public sealed partial class TranscriptView(AttemptLog log, IJSRuntime scripts, TimeProvider time)
{
    private const int Step = 200;
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BetweenSummaries = TimeSpan.FromSeconds(10);

    private readonly Departure _gone = new();
    private Transcript _transcript = new();
    private AttemptId? _followed;
    private Task _following = Task.CompletedTask;
    private ElementReference _scroller;
    private ScriptModule? _module;
    private IJSObjectReference? _scrolling;
    private int _shown = Step;
    private string _said = "";
    private DateTimeOffset _saidAt;

    /// <summary>The attempt. For another one the component is made anew: give it as its key too.</summary>
    [Parameter, EditorRequired]
    public AttemptId Attempt { get; set; }

    /// <summary>All messages from the person that began a turn; those the log does not have yet are shown as waiting.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyList<string> Prompts { get; set; } = [];

    /// <summary>Where the parts link to.</summary>
    [Parameter, EditorRequired]
    public TranscriptLinks Links { get; set; } = null!;

    /// <summary>Runs the turn again; offered beside a failed phase.</summary>
    [Parameter]
    public EventCallback Retried { get; set; }

    /// <summary>What it does now when the log says nothing yet, such as its place in the queue.</summary>
    [Parameter]
    public string Waiting { get; set; } = "";

    /// <summary>What stands below the end of the work; null for nothing.</summary>
    [Parameter]
    public RenderFragment? End { get; set; }

    private string Now => _transcript switch
    {
        { Status: AttemptStatus.WaitingForApproval } => "Waiting for you",
        { Status: AttemptStatus.Queued } => Waiting.Length > 0 ? Waiting : "Queued",
        { Turns: [.., { Blocks: [.., { Kind: BlockKind.Work } block] }] } when WorkSummary.Of(block).Running is { Item: Item.CommandExecution command } => $"Running {CommandText.FirstLine(command.Command)}",
        { Turns: [.., { Phase: { IsLive: true, Phase: var phase } }] } => phase switch
        {
            AttemptPhase.Workspace => "Making the workspace",
            AttemptPhase.SetUp => "Setting up",
            AttemptPhase.Checks => "Running the checks",
            AttemptPhase.Push => "Pushing the branch",
            AttemptPhase.Queue => "Starting",
            _ => "Waiting for the model",
        },
        _ => "Working",
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        await _following;
        try
        {
            if (_scrolling is not null)
            {
                await _scrolling.InvokeVoidAsync("dispose");
                await _scrolling.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The browser has gone, and its listeners with it.
        }

        if (_module is not null)
        {
            await _module.DisposeAsync();
        }

        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (_followed == Attempt)
        {
            return;
        }

        _followed = Attempt;
        await foreach (var logged in log.ReadAllAsync(Attempt, _gone.Token))
        {
            _transcript.Apply(logged);
        }

        if (RendererInfo.IsInteractive)
        {
            _following = FollowAsync(Attempt);
        }
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        _module = new ScriptModule(scripts, "./js/conversation.js");
        try
        {
            _scrolling = await _module.AskAsync<IJSObjectReference>("attach", _gone.Token, _scroller);
        }
        catch (Exception exception) when (exception is JSDisconnectedException or OperationCanceledException)
        {
            // Left before it was there.
        }
    }

    private async Task FollowAsync(AttemptId attempt)
    {
        try
        {
            await foreach (var batch in log.FollowAsync(attempt, _transcript.LastSeq, _gone.Token))
            {
                await InvokeAsync(() => Take(batch));
                await Task.Delay(Between, time, _gone.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
        catch (Exception exception)
        {
            // The outermost owner of the loop: the page must not stand still without a word.
            await DispatchExceptionAsync(exception);
        }
    }

    private void Take(IReadOnlyList<LoggedEvent> batch)
    {
        foreach (var logged in batch)
        {
            _transcript.Apply(logged);
        }

        Say();
        StateHasChanged();
    }

    // For those who listen: what has come about, now and then, instead of every word.
    private void Say()
    {
        var now = time.GetUtcNow();
        if (_transcript.IsActive && now - _saidAt < BetweenSummaries)
        {
            return;
        }

        var turn = _transcript.Turns.Count > 0 ? _transcript.Turns[^1] : null;
        var work = turn?.Blocks.Where(b => b.Kind is BlockKind.Work).Select(WorkSummary.Of).ToList() ?? [];
        var text = !_transcript.IsActive ? $"{_transcript.Status}. {_transcript.Reason}" : string.Create(
            CultureInfo.InvariantCulture,
            $"{Words.Count(work.Sum(w => w.Commands), "command")} run, {work.Sum(w => w.Failed)} failed. {Now}.");
        (_said, _saidAt) = (text, now);
    }

    private void ShowEarlier() => _shown += Step;

    // The turns that are not hidden whole, each with the blocks to leave out at its begin.
    private IEnumerable<(TranscriptTurn Turn, int Skipped)> Windows(int hidden)
    {
        foreach (var turn in _transcript.Turns)
        {
            var skipped = Math.Min(hidden, turn.Blocks.Count);
            hidden -= skipped;
            if (skipped < turn.Blocks.Count || turn.Blocks.Count == 0)
            {
                yield return (turn, skipped);
            }
        }
    }
}

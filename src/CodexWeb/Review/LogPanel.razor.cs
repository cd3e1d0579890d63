using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Tasks;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace CodexWeb.Review;

/// <summary>All steps of an attempt, one line each, with what they said folded away; live while the attempt works.</summary>
public sealed partial class LogPanel(AttemptLog log, IJSRuntime scripts, TimeProvider time) : IAsyncDisposable
{
    private const int Page = 400;
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(150);

    private readonly ScriptModule _script = new(scripts, "./js/log.js");
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private readonly Departure _gone = new();
    private ElementReference _root;
    private AttemptId? _followed;
    private Task _following = Task.CompletedTask;
    private List<Step> _steps = [];
    private string _filter = "";
    private bool _failures;
    private bool _loaded;
    private int _most = Page;
    private string? _asked;
    private string? _wanted;
    private int? _line;
    private bool _reveal;

    /// <summary>The attempt. For another one the component is made anew: give its id as the key too.</summary>
    [Parameter, EditorRequired]
    public AttemptDetails Attempt { get; set; } = null!;

    /// <summary>A step to open and mark, for example the command a citation names; null for none.</summary>
    [Parameter]
    public string? OpenItem { get; set; }

    private (IReadOnlyList<Step> Steps, int Earlier) Shown
    {
        get
        {
            var matching = _steps.Where(Matches).ToList();
            var wanted = matching.FindIndex(s => string.Equals(s.Entry.Item.Id, _wanted, StringComparison.Ordinal));
            var from = Math.Max(0, matching.Count - _most);
            from = wanted >= 0 ? Math.Min(from, wanted) : from;
            return (matching.Skip(from).ToList(), from);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        await _following;
        await _script.DisposeAsync();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (!string.Equals(_asked, OpenItem, StringComparison.Ordinal))
        {
            _asked = OpenItem;
            Want(OpenItem, line: null);
        }

        if (_followed == Attempt.Id)
        {
            return;
        }

        _followed = Attempt.Id;
        var transcript = new Transcript();
        try
        {
            await foreach (var logged in log.ReadAllAsync(Attempt.Id, _gone.Token))
            {
                transcript.Apply(logged);
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }

        _steps = Step.Of(transcript);
        _loaded = true;
        if (RendererInfo.IsInteractive)
        {
            _following = FollowAsync(transcript, Attempt.Id);
        }
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && OpenItem is null && await AddressedAsync() is { } addressed)
        {
            Want(addressed.Item, addressed.Line);
            StateHasChanged();
        }

        if (_reveal && _loaded && _wanted is not null)
        {
            _reveal = false;
            await _script.CallAsync("reveal", LogStep.ElementId(_wanted));
        }
    }

    private async Task<Addressed?> AddressedAsync()
    {
        try
        {
            return await _script.AskAsync<Addressed?>("addressed", _gone.Token);
        }
        catch (Exception exception) when (exception is JSDisconnectedException or OperationCanceledException)
        {
            return null;
        }
    }

    private async Task FollowAsync(Transcript transcript, AttemptId attempt)
    {
        try
        {
            await foreach (var batch in log.FollowAsync(attempt, transcript.LastSeq, _gone.Token))
            {
                foreach (var logged in batch)
                {
                    transcript.Apply(logged);
                }

                await InvokeAsync(() =>
                {
                    _steps = Step.Of(transcript);
                    StateHasChanged();
                });
                await Task.Delay(Between, time, _gone.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The panel was closed.
        }
    }

    private void Want(string? item, int? line)
    {
        (_wanted, _line, _reveal) = (item, line, item is not null);
        if (item is not null)
        {
            _open.Add(item);
        }
    }

    private void Toggle(string item)
    {
        if (!_open.Remove(item))
        {
            _open.Add(item);
        }
    }

    private bool Matches(Step step) =>
        (!_failures || LogStep.HasFailed(step.Entry)) && (_filter.Length == 0 || LogStep.Headline(step.Entry.Item).Contains(_filter, StringComparison.OrdinalIgnoreCase));

    private sealed record Addressed(string Item, int? Line);

    /// <summary>One line of the list.</summary>
    /// <param name="Opens">The number of the turn that begins with this step; null within a turn.</param>
    private sealed record Step(TranscriptItem Entry, int? Opens)
    {
        public static List<Step> Of(Transcript transcript)
        {
            var steps = new List<Step>();
            foreach (var turn in transcript.Turns)
            {
                var opens = transcript.Turns.Count > 1 && turn.Number > 0 ? turn.Number : (int?)null;
                foreach (var entry in turn.Blocks.SelectMany(b => b.Items).Where(e => e.Item is not Item.Unrecognised))
                {
                    steps.Add(new Step(entry, opens));
                    opens = null;
                }
            }

            return steps;
        }
    }
}

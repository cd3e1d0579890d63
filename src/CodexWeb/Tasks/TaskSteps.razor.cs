using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Tasks;

/// <summary>Lets the steps of the transcript in it be forked from and rewound to.</summary>
public sealed partial class TaskSteps(Forks forks, Rewinds rewinds, Toaster toaster, NavigationManager navigation) : IDisposable
{
    private readonly Departure _gone = new();
    private StepActions _actions = null!;
    private Dialog? _dialog;
    private long _seq;
    private string _prompt = "";
    private string _model = "";
    private string? _problem;
    private bool _busy;

    /// <summary>The attempt the transcript is of. For another one the component is made anew: give it as its key too.</summary>
    [Parameter, EditorRequired]
    public AttemptDetails Attempt { get; set; } = null!;

    /// <summary>The transcript.</summary>
    [Parameter, EditorRequired]
    public RenderFragment ChildContent { get; set; } = null!;

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override void OnInitialized() => _actions = new StepActions(AskAsync, RewindAsync);

    private async Task AskAsync(long seq)
    {
        (_seq, _model, _problem) = (seq, Attempt.Model, null);
        await InvokeAsync(StateHasChanged);
        await (_dialog?.OpenAsync() ?? Task.CompletedTask);
    }

    private async Task StartAsync()
    {
        _busy = true;
        try
        {
            var result = await forks.ForkAsync(Attempt.Id, _seq, _prompt, _model, LocalPerson.Name, _gone.Token);
            _problem = result.Problem();
            if (result is CommandResult<TaskId>.Done(var fork))
            {
                navigation.NavigateTo($"/tasks/{fork}");
            }
        }
        finally
        {
            _busy = false;
        }
    }

    private async Task RewindAsync(long seq)
    {
        switch (await rewinds.RewindAsync(Attempt.Id, seq, _gone.Token))
        {
            case CommandResult<long>.Done(var before):
                toaster.Show(new Toast("The files are as they were after that step.", Undo: () => RewindAsync(before)));
                break;
            case var refused:
                toaster.Show(new Toast(refused.Problem() ?? "", Failed: true));
                break;
        }
    }
}

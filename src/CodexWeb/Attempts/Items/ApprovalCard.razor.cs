using CodexWeb.Agent.Protocol;
using CodexWeb.Ui;
using CodexWeb.Ui.Markup;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Attempts.Items;

/// <summary>A question an attempt puts to people: what would be done, whole, and the ways to answer; afterwards what was decided.</summary>
public sealed partial class ApprovalCard(ApprovalCommands commands) : IDisposable
{
    private const int LongestShown = 100_000;

    private readonly Departure _gone = new();
    private string _reason = "";
    private string? _problem;
    private bool _busy;

    /// <summary>What is asked.</summary>
    [Parameter, EditorRequired]
    public Item.Approval Approval { get; set; } = null!;

    /// <summary>True until it ended.</summary>
    [Parameter]
    public bool Live { get; set; }

    /// <summary>Says which attempt asks.</summary>
    [CascadingParameter]
    public TranscriptLinks Links { get; set; } = null!;

    private bool IsWaiting => Live && Approval.Decision is null && Links.Attempt is not null;

    private bool IsBlocked => _busy || !RendererInfo.IsInteractive;

    private string Heading => Approval.Kind switch
    {
        ApprovalKind.Command => "May this command run?",
        ApprovalKind.Edit => "May these files be changed?",
        ApprovalKind.Tool => "May this tool be called?",
        ApprovalKind.Question => "It asks",
        ApprovalKind.Budget => "The budget is used up",
        _ => "It goes in circles",
    };

    private string ReasonLabel => Approval.Kind is ApprovalKind.Question ? "Add something (optional)" : "Say why, or what to do instead (optional)";

    private (ApprovalDecision Decision, string Words, string Tone)[] Choices => Approval.Kind switch
    {
        ApprovalKind.Question => [(ApprovalDecision.Reject, "Leave it to the agent", "")],
        ApprovalKind.Budget => [(ApprovalDecision.Approve, "Give as much again", "accent"), (ApprovalDecision.WrapUp, "Wrap up", ""), (ApprovalDecision.Reject, "Stop", "danger")],
        ApprovalKind.Loop => [(ApprovalDecision.Approve, "Go on", "accent"), (ApprovalDecision.WrapUp, "Try another way", ""), (ApprovalDecision.Reject, "Stop", "danger")],
        _ when Approval.Rule is null => [(ApprovalDecision.Approve, "Approve", "accent"), (ApprovalDecision.Reject, "Reject", "danger")],
        _ => [(ApprovalDecision.Approve, "Approve", "accent"), (ApprovalDecision.ApproveForTask, "Approve for this task", ""), (ApprovalDecision.Reject, "Reject", "danger")],
    };

    // Nobody allows what cannot be seen: hidden characters are written out.
    private string Shown
    {
        get
        {
            var text = Approval.Detail ?? Approval.Title;
            return PlainText.Reveal(text.Length <= LongestShown ? text : text[..LongestShown]) + (text.Length <= LongestShown ? "" : $"\n… {Words.Count(text.Length - LongestShown)} characters more; the whole is in the downloaded log.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    private async Task DecideAsync(ApprovalDecision decision, IReadOnlyList<string> answers)
    {
        if (_busy || Links.Attempt is not { } attempt)
        {
            return;
        }

        _busy = true;
        try
        {
            _problem = (await commands.DecideAsync(attempt, Approval.Id, decision, _reason, answers, LocalPerson.Name, _gone.Token)).Problem();
        }
        finally
        {
            _busy = false;
        }
    }
}

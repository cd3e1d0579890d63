using System.Globalization;
using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Attempts.Items;
using CodexWeb.Data;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Review;

/// <summary>One step of the log: a line, and what is behind it when it is open. Drawn again only when it changed.</summary>
public sealed partial class LogStep
{
    private const int LongestHeadline = 300;

    private (TranscriptItem? Entry, bool Open, bool Wanted) _drawn;
    private bool _asked;

    /// <summary>The attempt.</summary>
    [Parameter, EditorRequired]
    public AttemptId Attempt { get; set; }

    /// <summary>The step as it now stands.</summary>
    [Parameter, EditorRequired]
    public TranscriptItem Entry { get; set; } = null!;

    /// <summary>The turn that begins here; null within a turn.</summary>
    [Parameter]
    public int? Turn { get; set; }

    /// <summary>True to show what is behind the line.</summary>
    [Parameter]
    public bool Open { get; set; }

    /// <summary>True when a link points here.</summary>
    [Parameter]
    public bool Wanted { get; set; }

    /// <summary>The line of the output a link points at, 1 for the first; null for none.</summary>
    [Parameter]
    public int? Line { get; set; }

    /// <summary>Raised with the item's id when the line is pressed.</summary>
    [Parameter]
    public EventCallback<string> OnToggle { get; set; }

    /// <summary>The id of a step's element.</summary>
    public static string ElementId(string item) => $"log-{item}";

    /// <summary>True when the step came to no good end.</summary>
    public static bool HasFailed(TranscriptItem entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return entry.Item switch
        {
            Item.CommandExecution command => WorkSummary.HasFailed(command, entry.Live),
            Item.FileChange change => change.Status is ItemStatus.Failed,
            Item.McpToolCall call => !entry.Live && call.Status is not ItemStatus.Completed,
            Item.Error => true,
            _ => false,
        };
    }

    /// <summary>What the step did, in one line.</summary>
    public static string Headline(Item item)
    {
        var text = item switch
        {
            Item.CommandExecution command => command.Command,
            Item.FileChange change => string.Join(", ", change.Changes.Take(4).Select(c => c.Path)) + (change.Changes.Count > 4 ? $" and {change.Changes.Count - 4} more" : ""),
            Item.Plan plan => $"{plan.Steps.Count(s => s.Status is PlanStepStatus.Completed)} of {Words.Count(plan.Steps.Count, "step")} done",
            _ => Text(item),
        };
        var line = text.AsSpan().Trim();
        var end = line.IndexOf('\n');
        line = end < 0 ? line : line[..end].TrimEnd();
        return line.Length > LongestHeadline ? $"{line[..LongestHeadline]}…" : end < 0 ? line.ToString() : $"{line} …";
    }

    /// <inheritdoc/>
    public override Task SetParametersAsync(ParameterView parameters)
    {
        _asked = true;
        return base.SetParametersAsync(parameters);
    }

    /// <inheritdoc/>
    protected override bool ShouldRender()
    {
        var now = (Entry, Open, Wanted);
        var needed = !_asked || _drawn != now;
        (_asked, _drawn) = (false, now);
        return needed;
    }

    private static string Kind(Item item) => item switch
    {
        Item.UserMessage => "You",
        Item.AgentMessage { Final: true } => "Report",
        Item.AgentMessage => "Said",
        Item.Reasoning => "Thought",
        Item.CommandExecution => "Ran",
        Item.FileChange { Status: ItemStatus.Failed } => "Refused",
        Item.FileChange => "Changed",
        Item.McpToolCall => "Called",
        Item.Plan => "Plan",
        Item.Notice => "Note",
        Item.Error => "Error",
        _ => "Other",
    };

    private static string Text(Item item) => item switch
    {
        Item.UserMessage message => message.Text,
        Item.AgentMessage message => message.Text,
        Item.Reasoning reasoning => reasoning.Text,
        Item.Notice notice => notice.Text,
        Item.McpToolCall call => $"{call.Server} · {call.Tool}",
        Item.Error error => error.Message,
        _ => "",
    };

    private static string Badge(Item.CommandExecution command) => command switch
    {
        { ExitCode: { } code } => code.ToString(CultureInfo.InvariantCulture),
        { Status: ItemStatus.Unknown } => "?",
        { Status: ItemStatus.Cancelled } => "stopped",
        { SessionId: not null, Status: ItemStatus.Completed or ItemStatus.InProgress } => "in the background",
        { Status: ItemStatus.InProgress } => "cut off",
        _ => "failed",
    };

    private static string PlanWord(PlanStepStatus status) => status switch
    {
        PlanStepStatus.Completed => "done",
        PlanStepStatus.InProgress => "under way",
        _ => "to do",
    };

    private Task ToggleAsync() => OnToggle.InvokeAsync(Entry.Item.Id);
}

using System.Globalization;
using CodexWeb.Agent.Protocol;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Attempts.Items;

/// <summary>A command: its text, how it ended, how long it took, the end of what it said.</summary>
public sealed partial class CommandRow
{
    private TranscriptItem? _drawn;
    private bool _asked;
    private bool? _open;

    /// <summary>The command as it now stands.</summary>
    [Parameter, EditorRequired]
    public TranscriptItem Entry { get; set; } = null!;

    /// <summary>Where its parts link to.</summary>
    [CascadingParameter]
    public TranscriptLinks Links { get; set; } = null!;

    private Item.CommandExecution Command => (Item.CommandExecution)Entry.Item;

    private string Badge => Command switch
    {
        { ExitCode: { } code } => code.ToString(CultureInfo.InvariantCulture),
        { Status: ItemStatus.Unknown } => "?",
        { Status: ItemStatus.Cancelled } => "stopped",
        { SessionId: not null, Status: ItemStatus.Completed or ItemStatus.InProgress } => "in the background",
        { Status: ItemStatus.InProgress } => "cut off",
        _ => "failed",
    };

    private string BadgeTitle => Command switch
    {
        { ExitCode: { } code } => string.Create(CultureInfo.InvariantCulture, $"Exit code {code}"),
        { Status: ItemStatus.Unknown } => "The server ended while it ran: what it did is not known.",
        { Status: ItemStatus.Cancelled } => "Stopped",
        { SessionId: { } session, Status: ItemStatus.Completed or ItemStatus.InProgress } => string.Create(CultureInfo.InvariantCulture, $"Still runs, as session {session}"),
        _ => Command.Reason ?? "Did not end by itself",
    };

    /// <inheritdoc/>
    public override Task SetParametersAsync(ParameterView parameters)
    {
        _asked = true;
        return base.SetParametersAsync(parameters);
    }

    /// <inheritdoc/>
    protected override void OnInitialized() => (_asked, _drawn) = (false, Entry);

    /// <inheritdoc/>
    protected override bool ShouldRender()
    {
        var needed = !_asked || !ReferenceEquals(_drawn, Entry);
        (_asked, _drawn) = (false, Entry);
        return needed;
    }
}

using CodexWeb.Agent.Protocol;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Attempts;

/// <summary>The phases of the turn at hand with their seconds; a click shows what one did, a failed one says why and what to do.</summary>
public sealed partial class PhaseBar
{
    // More than this is read in the log.
    private const int ShownCommands = 5;
    private static readonly AttemptPhase[] Always = [AttemptPhase.Queue, AttemptPhase.Workspace, AttemptPhase.SetUp, AttemptPhase.Agent, AttemptPhase.Checks];
    private AttemptPhase? _open;

    /// <summary>The turn at hand; null before the first event.</summary>
    [Parameter]
    public TranscriptTurn? Turn { get; set; }

    /// <summary>Runs the turn again; offered beside a failed phase.</summary>
    [Parameter]
    public EventCallback Retried { get; set; }

    /// <summary>Where its parts link to.</summary>
    [CascadingParameter]
    public TranscriptLinks Links { get; set; } = null!;

    private IReadOnlyList<TranscriptPhase> Phases => Turn?.Phases ?? [];

    // Pushing is shown once it happened: a turn need not come to it.
    private IEnumerable<AttemptPhase> Shown => Phases.Any(p => p.Phase is AttemptPhase.Push) ? [.. Always, AttemptPhase.Push] : Always;

    private TranscriptPhase? Failed => Phases.FirstOrDefault(p => p.State is PhaseState.Failed);

    private static string Name(AttemptPhase phase) => phase switch
    {
        AttemptPhase.SetUp => "Set-up",
        _ => phase.ToString(),
    };

    private static string Sentence(TranscriptPhase phase) => phase.State switch
    {
        PhaseState.Started => $"is under way since {Words.Exact(phase.StartedAt)}.",
        PhaseState.Completed => $"took {Words.Duration(phase.Duration)}.",
        PhaseState.Skipped => "had nothing to do.",
        PhaseState.Failed => $"failed after {Words.Duration(phase.Duration)}.",
        _ => $"was stopped after {Words.Duration(phase.Duration)}.",
    };

    private List<TranscriptItem> Commands(AttemptPhase phase) =>
        Turn?.Blocks.Where(b => b.Phase == phase && b.Kind is BlockKind.Work).SelectMany(b => b.Items).Where(i => i.Item is Item.CommandExecution).TakeLast(ShownCommands).ToList() ?? [];
}

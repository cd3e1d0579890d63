using System.Globalization;
using CodexWeb.Data;
using CodexWeb.Ui.Markup;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Attempts;

/// <summary>What the log proves about an attempt's change.</summary>
public sealed partial class EvidencePanel : ComponentBase
{
    private const int LongestCommand = 160;

    /// <summary>The attempt.</summary>
    [Parameter, EditorRequired]
    public AttemptId AttemptId { get; set; }

    /// <summary>What is shown.</summary>
    [Parameter, EditorRequired]
    public Evidence Evidence { get; set; } = null!;

    /// <summary>Called with the id of a command that is to be opened in the log.</summary>
    [Parameter]
    public EventCallback<string> OnOpenItem { get; set; }

    private static string Class(CheckRun run) => run.Stale ? "stale" : run.Outcome.ToString().ToLowerInvariant();

    private static string Word(CheckRun run) => run.Outcome switch
    {
        CheckOutcome.Passed => "passed",
        CheckOutcome.Failed => "failed",
        _ => "result unknown",
    };

    private static string Sign(CheckRun run) => run.Outcome switch
    {
        CheckOutcome.Passed => "✓",
        CheckOutcome.Failed => "✗",
        _ => "?",
    };

    private static string FirstLine(string command)
    {
        var line = command.Trim().Split('\n')[0];
        return PlainText.RevealLine(line.Length > LongestCommand ? line[..LongestCommand] + "…" : line) + (command.Trim().Contains('\n', StringComparison.Ordinal) ? " …" : "");
    }

    private static string Count(int count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {noun}{(count == 1 ? "" : "s")}");

    private string Facts(CheckRun run)
    {
        var earlier = Evidence.Checks.Count(other => !other.Latest && string.Equals(other.Command, run.Command, StringComparison.Ordinal));
        string?[] facts =
        [
            run.Summary is { } summary ? PlainText.RevealLine(summary) : run.ExitCode is { } code ? string.Create(CultureInfo.InvariantCulture, $"exit code {code}") : null,
            run.Stale ? "stale: files changed since" : Evidence.FilesChanged > 0 || Evidence.Files.Count > 0 ? "after the last edit" : null,
            run.DurationMs is { } ms ? string.Create(CultureInfo.InvariantCulture, $"{ms / 1000.0:0.0} s") : null,
            earlier > 0 ? Count(earlier, "earlier run") : null,
        ];
        return string.Join(" · ", facts.OfType<string>());
    }

    private string Network() => Evidence.Network switch
    {
        { Mode: "off" } => "No network: no host could be contacted.",
        var network => $"Contacted: {Hosts(network.Contacted)}. Blocked: {Hosts(network.Blocked)}.",
    };

    private static string Hosts(IReadOnlyList<string> hosts) => hosts.Count == 0 ? "none" : string.Join(", ", hosts.Select(PlainText.RevealLine));
}

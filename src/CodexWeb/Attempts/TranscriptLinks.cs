using CodexWeb.Ui.Markup;

namespace CodexWeb.Attempts;

/// <summary>Where the parts of a transcript link to: the panel beside it, kept in the address.</summary>
/// <param name="Task">Path of the task's page.</param>
/// <param name="Attempt">Number of the attempt; null when the task has but one.</param>
/// <param name="Citations">Where citations lead; null to show them as labels.</param>
public sealed record TranscriptLinks(string Task, int? Attempt, CitationLinks? Citations = null)
{
    /// <summary>A tab of the panel.</summary>
    public string Tab(string tab) => $"{Task}?{(Attempt is { } number ? FormattableString.Invariant($"attempt={number}&") : "")}tab={tab}";

    /// <summary>An item's whole output in the log.</summary>
    public string Log(string item) => $"{Tab("log")}&item={Uri.EscapeDataString(item)}";

    /// <summary>A file in the changes.</summary>
    public string Changes(string path) => $"{Tab("changes")}&file={Uri.EscapeDataString(path)}";
}

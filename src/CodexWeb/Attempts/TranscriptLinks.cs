using System.Globalization;
using CodexWeb.Data;
using CodexWeb.Ui.Markup;

namespace CodexWeb.Attempts;

/// <summary>Where the parts of a transcript link to: the panel beside it, kept in the address, and the files it cites.</summary>
/// <param name="task">Path of the task's page.</param>
/// <param name="attempt">Number of the attempt; null when the task has but one.</param>
/// <param name="repository">The repository whose files are cited.</param>
/// <param name="baseCommit">The commit the work began at; null before it did.</param>
public sealed class TranscriptLinks(string task, int? attempt, RepositoryId repository, string? baseCommit)
{
    private readonly Dictionary<string, CitationLinks> _citations = new(StringComparer.Ordinal);

    /// <summary>For messages whose citations nobody has held against log and files: they are left out.</summary>
    public static CitationLinks Unverified { get; } = new(static _ => null);

    /// <summary>The attempt, for the images of its conversation; null where none can be shown.</summary>
    public AttemptId? Attempt { get; init; }

    /// <summary>The conversation alone.</summary>
    public string Conversation => attempt is { } number ? string.Create(CultureInfo.InvariantCulture, $"{task}?attempt={number}") : task;

    /// <summary>A tab of the panel.</summary>
    public string Tab(string tab) => $"{Conversation}{(attempt is null ? '?' : '&')}tab={tab}";

    /// <summary>An item's whole output in the log.</summary>
    public string Log(string item) => $"{Tab("log")}&item={Uri.EscapeDataString(item)}";

    /// <summary>An image that the model was shown; null where none can be shown.</summary>
    public string? Image(string id) => Attempt is { } images ? $"/uploads/images/{images}/{id}" : null;

    /// <summary>A file in the changes.</summary>
    public string Changes(string path) => $"{Tab("changes")}&file={Uri.EscapeDataString(path)}";

    /// <summary>Where verified citations lead: commands into the log, files to how they were at a commit. The same object for the same commit.</summary>
    /// <param name="commit">Null for the commit the work began at.</param>
    public CitationLinks Citations(string? commit)
    {
        var at = commit ?? baseCommit ?? "";
        if (!_citations.TryGetValue(at, out var links))
        {
            _citations[at] = links = new CitationLinks(citation => Address(citation, at));
        }

        return links;
    }

    private string? Address(Citation citation, string commit) => citation switch
    {
        Citation.Command command => Log(command.ItemId),
        Citation.File file when commit.Length > 0 => string.Create(CultureInfo.InvariantCulture, $"/repositories/{repository}/files/{commit}/{string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString))}#L{file.First}-L{file.Last}"),
        _ => null,
    };
}

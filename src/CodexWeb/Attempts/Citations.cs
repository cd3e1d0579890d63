using System.Text;
using CodexWeb.Agent.Protocol;
using CodexWeb.Ui.Markup;

namespace CodexWeb.Attempts;

/// <summary>An answer whose citations all point at something.</summary>
/// <param name="Markdown">The answer; citations that pointed at nothing are gone from it.</param>
/// <param name="Citations">Those that are left, in order, each once.</param>
public sealed record ResolvedAnswer(string Markdown, IReadOnlyList<Citation> Citations);

/// <summary>Holds the citations of a final message against the log and the attempt's commit.</summary>
public static class Citations
{
    /// <summary>Files that are looked up for one answer, at most; citations of further ones are dropped.</summary>
    public const int MostFiles = 200;

    // Models name files by where they saw them.
    private static readonly string[] Prefixes = ["/workspace/", "./"];

    /// <summary>Drops what points at nothing: commands the log does not have, files that are not at the commit, lines beyond a file's end. The text around stays.</summary>
    /// <param name="log">The attempt's events.</param>
    /// <param name="readFile">Gives a file's text at the attempt's commit; null when it is missing, too large or no text.</param>
    public static async Task<ResolvedAnswer> ResolveAsync(
        string markdown, IEnumerable<AgentEvent> log, Func<string, CancellationToken, Task<string?>> readFile, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(markdown);
        ArgumentNullException.ThrowIfNull(readFile);
        var commands = CommandsOf(log);
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        var resolved = new Dictionary<int, Citation>();
        var places = Markdown.CitationsIn(markdown);
        foreach (var place in places)
        {
            var citation = place.Citation switch
            {
                Citation.Command command => commands.Contains(command.ItemId) ? command : null,
                Citation.File file => await ResolveAsync(file, lines, readFile, cancellationToken),
                _ => (Citation?)null,
            };
            if (citation is not null)
            {
                resolved[place.Start] = citation;
            }
        }

        return new ResolvedAnswer(Replace(markdown, places, place => resolved.GetValueOrDefault(place.Start)?.ToString()), [.. resolved.Values.Distinct()]);
    }

    /// <summary>The answer with its citations as ordinary Markdown links, for readers outside this site. Citations without an address are dropped.</summary>
    /// <param name="address">Where a citation leads; null for nowhere.</param>
    public static string ToLinks(string markdown, Func<Citation, string?> address)
    {
        ArgumentNullException.ThrowIfNull(markdown);
        ArgumentNullException.ThrowIfNull(address);
        return Replace(markdown, Markdown.CitationsIn(markdown), place => address(place.Citation) is { } target ? $"[{Escape(place.Citation.Label)}](<{target}>)" : null);
    }

    /// <summary>Ids of the commands of a log.</summary>
    private static HashSet<string> CommandsOf(IEnumerable<AgentEvent> log) =>
        log.Select(@event => (@event as AgentEvent.ItemStarted)?.Item ?? (@event as AgentEvent.ItemCompleted)?.Item)
            .OfType<Item.CommandExecution>()
            .Select(command => command.Id)
            .ToHashSet(StringComparer.Ordinal);

    private static async Task<Citation?> ResolveAsync(
        Citation.File file, Dictionary<string, int> lines, Func<string, CancellationToken, Task<string?>> readFile, CancellationToken cancellationToken)
    {
        if (Normalise(file.Path) is not { } path)
        {
            return null;
        }

        if (!lines.TryGetValue(path, out var count))
        {
            count = lines.Count < MostFiles && await readFile(path, cancellationToken) is { } text ? CountLines(text) : 0;
            lines[path] = count;
        }

        return file.First <= count ? new Citation.File(path, file.First, Math.Min(file.Last, count)) : null;
    }

    private static string? Normalise(string path)
    {
        var prefix = Prefixes.FirstOrDefault(known => path.StartsWith(known, StringComparison.Ordinal));
        var relative = prefix is null ? path : path[prefix.Length..];
        return relative.Split('/').Any(part => part is "" or "." or "..") || relative[0] == '-' || relative.Any(char.IsControl) ? null : relative;
    }

    private static int CountLines(string text) => text.AsSpan().Count('\n') + (text.Length > 0 && text[^1] != '\n' ? 1 : 0);

    private static string Replace(string markdown, IReadOnlyList<CitationPlace> places, Func<CitationPlace, string?> replacement)
    {
        var text = new StringBuilder(markdown.Length);
        var end = 0;
        foreach (var place in places)
        {
            text.Append(markdown, end, place.Start - end);
            end = place.Start + place.Length;
            if (replacement(place) is { } instead)
            {
                text.Append(instead);
            }
            else if (text is { Length: > 0 } && text[^1] == ' ' && (end == markdown.Length || !char.IsLetterOrDigit(markdown[end])))
            {
                // The blank that led to it.
                text.Length--;
            }
        }

        return text.Append(markdown, end, markdown.Length - end).ToString();
    }

    private static string Escape(string label) => label.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("[", "\\[", StringComparison.Ordinal).Replace("]", "\\]", StringComparison.Ordinal);
}

using System.Globalization;
using System.Text;

namespace CodexWeb.Agent.Workspaces;

/// <summary>What changed between two commits, in numbers.</summary>
/// <param name="Added">Lines added in text files.</param>
/// <param name="Removed">Lines removed in text files.</param>
/// <param name="Files">In the order of Git's own diff.</param>
public sealed record DiffSummary(int Added, int Removed, IReadOnlyList<FileDiff> Files);

/// <summary>How a file changed.</summary>
public enum FileDiffStatus
{
    /// <summary>New.</summary>
    Added,

    /// <summary>Gone.</summary>
    Deleted,

    /// <summary>Other content or other permission bits.</summary>
    Modified,

    /// <summary>Elsewhere now, perhaps changed too.</summary>
    Renamed,

    /// <summary>Became something else: a file a link, for example.</summary>
    TypeChanged,
}

/// <summary>One file of a <see cref="DiffSummary"/>.</summary>
/// <param name="Path">Relative to the repository's root, with <c>/</c>; the new path of a renamed file.</param>
/// <param name="OldPath">The old path of a renamed file, else null.</param>
/// <param name="Added">Lines added; 0 in a binary file.</param>
/// <param name="Removed">Lines removed; 0 in a binary file.</param>
/// <param name="IsBinary">True when Git counts no lines in it.</param>
public sealed record FileDiff(string Path, FileDiffStatus Status, int Added, int Removed, string? OldPath, bool IsBinary)
{
    /// <summary>Reads the output of <c>git diff-tree -z --raw --numstat -M</c>: all raw records, then all counts, in the same order. https://git-scm.com/docs/git-diff-tree</summary>
    internal static IReadOnlyList<FileDiff> Parse(ReadOnlySpan<byte> output)
    {
        var fields = new Queue<string>(Encoding.UTF8.GetString(output).Split('\0', StringSplitOptions.None));
        var statuses = new Queue<FileDiffStatus>();
        while (fields.TryPeek(out var raw) && raw.StartsWith(':'))
        {
            // :mode mode hash hash status NUL path NUL, with a second path for a rename.
            var letter = fields.Dequeue().Split(' ')[^1][0];
            fields.Dequeue();
            if (letter == 'R')
            {
                fields.Dequeue();
            }

            statuses.Enqueue(StatusOf(letter));
        }

        var files = new List<FileDiff>(statuses.Count);
        while (statuses.TryDequeue(out var status) && fields.TryDequeue(out var counts))
        {
            // added TAB removed TAB path NUL; for a rename the path is empty and the old and new one follow.
            var parts = counts.Split('\t', 3);
            var oldPath = parts[2].Length == 0 ? fields.Dequeue() : null;
            var path = oldPath is null ? parts[2] : fields.Dequeue();
            files.Add(new FileDiff(path, status, Number(parts[0]), Number(parts[1]), oldPath, parts[0] is ['-']));
        }

        return files;
    }

    private static FileDiffStatus StatusOf(char letter) => letter switch
    {
        'A' => FileDiffStatus.Added,
        'D' => FileDiffStatus.Deleted,
        'R' => FileDiffStatus.Renamed,
        'T' => FileDiffStatus.TypeChanged,
        _ => FileDiffStatus.Modified,
    };

    private static int Number(string text) => int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0;
}

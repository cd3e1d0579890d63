using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CodexWeb.EmulatedGitHub;

/// <summary>A line that a comment can stand on.</summary>
/// <param name="Position">Counted in lines from the first hunk's head, which is 0.</param>
/// <param name="Hunk">The hunk from its head to this line.</param>
internal sealed record DiffLine(int? Left, int? Right, int Position, string Hunk);

/// <summary>A file of a diff.</summary>
internal sealed partial record DiffFile(string Name, string? PreviousName, string Status, string Blob, string Patch)
{
    private IReadOnlyList<DiffLine>? _lines;

    /// <summary>The lines on view, in order.</summary>
    public IReadOnlyList<DiffLine> Lines => _lines ??= [.. Parse()];

    public int Additions => Lines.Count(static line => line.Left is null);

    public int Deletions => Lines.Count(static line => line.Right is null);

    /// <summary>The line of a number on a side; null when the diff does not show it.</summary>
    /// <param name="side"><c>LEFT</c>: before; else after.</param>
    public DiffLine? At(int number, string side) =>
        side == "LEFT" ? Lines.FirstOrDefault(line => line.Left == number) : Lines.FirstOrDefault(line => line.Right == number);

    public JsonObject ToJson(HostedRepository repository, string commit)
    {
        var json = new JsonObject
        {
            ["sha"] = Blob,
            ["filename"] = Name,
            ["status"] = Status,
            ["additions"] = Additions,
            ["deletions"] = Deletions,
            ["changes"] = Additions + Deletions,
            ["blob_url"] = $"{repository.Page}/blob/{commit}/{Name}",
            ["raw_url"] = $"{repository.Page}/raw/{commit}/{Name}",
            ["contents_url"] = $"{repository.ApiUrl}/contents/{Name}?ref={commit}",
        };
        if (Patch.Length > 0)
        {
            json["patch"] = Patch;
        }

        if (PreviousName is not null)
        {
            json["previous_filename"] = PreviousName;
        }

        return json;
    }

    private IEnumerable<DiffLine> Parse()
    {
        var (left, right, position, start) = (0, 0, -1, 0);
        var lines = Patch.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            position++;
            var line = lines[i];
            if (HunkHead().Match(line) is { Success: true } head)
            {
                left = int.Parse(head.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
                right = int.Parse(head.Groups[2].ValueSpan, CultureInfo.InvariantCulture);
                start = i;
                continue;
            }

            if (line is "" or ['\\', ..])
            {
                continue;
            }

            var hunk = string.Join('\n', lines[start..(i + 1)]);
            yield return line[0] switch
            {
                '-' => new DiffLine(left++, Right: null, position, hunk),
                '+' => new DiffLine(Left: null, right++, position, hunk),
                _ => new DiffLine(left++, right++, position, hunk),
            };
        }
    }

    [GeneratedRegex(@"^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@", RegexOptions.CultureInvariant)]
    private static partial Regex HunkHead();
}

/// <summary>What changed between two commits.</summary>
internal sealed record PullDiff(IReadOnlyList<DiffFile> Files)
{
    public DiffFile? File(string path) => Files.FirstOrDefault(file => file.Name == path);

    public static async Task<PullDiff> ReadAsync(BareRepository git, string from, string to, int context = 3)
    {
        string[] options = ["diff", "--no-color", "--no-ext-diff", "--full-index", "-M"];
        var names = (await git.RunAsync([.. options, "--raw", "--no-abbrev", "-z", from, to, "--"])).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        var patches = ("\n" + await git.RunAsync([.. options, $"-U{context.ToString(CultureInfo.InvariantCulture)}", from, to, "--"])).Split("\ndiff --git ").Skip(1).ToList();
        var files = new List<DiffFile>();
        for (var i = 0; i < names.Length;)
        {
            // :mode mode blob blob status, then one path or, renamed, two.
            var fields = names[i++].Split(' ');
            var previous = fields[4][0] is 'R' or 'C' ? names[i++] : null;
            var status = fields[4][0] switch { 'A' => "added", 'D' => "removed", 'R' => "renamed", 'C' => "copied", _ => "modified" };
            var patch = patches[files.Count] is var text && text.IndexOf("\n@@ ", StringComparison.Ordinal) is > 0 and var start ? text[(start + 1)..] : "";
            files.Add(new DiffFile(names[i++], previous, status, fields[3].Trim('0').Length == 0 ? fields[2] : fields[3], patch));
        }

        return new PullDiff(files);
    }
}

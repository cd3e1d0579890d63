using System.Globalization;
using System.Text.RegularExpressions;

namespace CodexWeb.Models.Demo.Scripts;

/// <summary>A file as <c>nl -ba</c> printed it.</summary>
internal sealed partial class NumberedFile
{
    private readonly SortedDictionary<int, string> _lines = [];

    private NumberedFile(string path) => Path = path;

    /// <summary>Its path in the repository.</summary>
    public string Path { get; }

    /// <summary>The command that prints a file so.</summary>
    /// <param name="path">Must be <see cref="IsPlain"/>.</param>
    public static Command Print(string path) =>
        IsPlain(path) ? new Command($"nl -ba {path}") : throw new ArgumentException("The path has characters a shell may understand.", nameof(path));

    /// <summary>Reads what the command printed.</summary>
    public static NumberedFile Of(string path, Command printed)
    {
        var file = new NumberedFile(path);
        foreach (var match in printed.Lines.Select(line => NumberedLine().Match(line)).Where(match => match.Success))
        {
            if (int.TryParse(match.Groups["number"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                file._lines[number] = match.Groups["text"].Value;
            }
        }

        return file;
    }

    /// <summary>True for a path that is safe to write into a command: letters, digits, and <c>_ . / -</c> within.</summary>
    public static bool IsPlain(string path) => PlainPath().IsMatch(path);

    /// <summary>A line's text; null when it was not printed.</summary>
    public string? Line(int number) => _lines.GetValueOrDefault(number);

    /// <summary>Numbers of the lines that match.</summary>
    public IEnumerable<int> Find(Regex pattern) => _lines.Where(line => pattern.IsMatch(line.Value)).Select(line => line.Key);

    /// <summary>First and last line of a Perl function; null when there is none.</summary>
    public (int First, int Last)? Function(string name)
    {
        var first = _lines.FirstOrDefault(line => line.Value.StartsWith($"sub {name} ", StringComparison.Ordinal)).Key;
        var last = _lines.FirstOrDefault(line => line.Key > first && line.Value is "}").Key;
        return first > 0 && last > 0 ? (first, last) : null;
    }

    [GeneratedRegex(@"^ *(?<number>\d{1,9})\t(?<text>.*)$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex NumberedLine();

    [GeneratedRegex(@"\A\w[\w./-]{0,200}\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex PlainPath();
}

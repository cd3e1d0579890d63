using System.Globalization;
using System.Text.RegularExpressions;

namespace CodexWeb.Models.Demo.Scripts;

/// <summary>A line a diff adds.</summary>
internal sealed partial record AddedLine(string Path, int Number, string Text)
{
    /// <summary>Reads the lines that <c>git diff</c> printed; what it does not understand it passes over.</summary>
    public static List<AddedLine> In(IEnumerable<string> diff)
    {
        var added = new List<AddedLine>();
        string? path = null;
        var (next, left) = (0, 0);
        foreach (var line in diff)
        {
            if (left > 0 && line.StartsWith('+'))
            {
                added.Add(new AddedLine(path!, next, line[1..]));
                (next, left) = (next + 1, left - 1);
            }
            else if (line.StartsWith("+++ ", StringComparison.Ordinal))
            {
                path = line.StartsWith("+++ b/", StringComparison.Ordinal) ? line[6..].TrimEnd('\t') : null;
            }
            else if (path is not null && Hunk().Match(line) is { Success: true } hunk)
            {
                next = int.Parse(hunk.Groups["start"].Value, CultureInfo.InvariantCulture);
                left = hunk.Groups["count"].Success ? int.Parse(hunk.Groups["count"].Value, CultureInfo.InvariantCulture) : 1;
            }
        }

        return added;
    }

    [GeneratedRegex(@"^@@ -\d+(,\d+)? \+(?<start>\d{1,8})(,(?<count>\d{1,8}))? @@", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Hunk();
}

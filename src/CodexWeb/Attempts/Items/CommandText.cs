namespace CodexWeb.Attempts.Items;

/// <summary>Parts of commands and their output.</summary>
public static class CommandText
{
    /// <summary>Lines of output shown under a command.</summary>
    public const int TailLines = 12;

    // A line longer than this says nothing more to a person, and would be laid out for nothing.
    private const int LongestLine = 2_000;

    /// <summary>The first line, with a mark when there are more.</summary>
    public static string FirstLine(string command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var text = command.AsSpan().Trim();
        var end = text.IndexOf('\n');
        return end < 0 ? text.ToString() : $"{text[..end].TrimEnd()} …";
    }

    /// <summary>The last lines of an output.</summary>
    /// <param name="hidden">Lines before them.</param>
    public static string Tail(string output, out int hidden)
    {
        ArgumentNullException.ThrowIfNull(output);
        var text = output.AsSpan().TrimEnd("\r\n");
        var start = text.Length;
        for (var lines = 0; lines < TailLines && start > 0; lines++)
        {
            start = text[..start].LastIndexOf('\n');
            if (start < 0)
            {
                start = 0;
                break;
            }
        }

        hidden = text[..start].Count('\n') + (start > 0 ? 1 : 0);
        var tail = start > 0 ? text[(start + 1)..] : text;
        return string.Join('\n', tail.ToString().Split('\n').Select(Cut));
    }

    private static string Cut(string line) => line.Length <= LongestLine ? line : line[..LongestLine] + " …";
}

namespace CodexWeb.Agent.Models;

/// <summary>Comments on lines of the diff, as they stand in a message of the person: one list at its end. Written by who sends them, read for the fact sheet.</summary>
public static class ReviewComments
{
    /// <summary>The line above the list.</summary>
    public const string Heading = "Review comments on the diff:";

    /// <summary>The comments of a message, with their place, each of one or more lines; empty when it has none.</summary>
    public static IReadOnlyList<string> In(string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var lines = message.Split('\n');
        var from = Array.FindLastIndex(lines, static line => line is Heading);
        var comments = new List<string>();
        foreach (var line in from < 0 ? [] : lines[(from + 1)..])
        {
            if (line.StartsWith("- ", StringComparison.Ordinal))
            {
                comments.Add(line[2..]);
            }
            else if (comments.Count > 0 && line.StartsWith("  ", StringComparison.Ordinal))
            {
                comments[^1] += "\n" + line[2..];
            }
        }

        return comments;
    }
}

using System.Globalization;
using System.Text;

namespace CodexWeb.Agent.Workspaces;

/// <summary>Names the branches that tasks work on: <c>codexweb/</c> and a few words of the title.</summary>
public static class BranchSlug
{
    /// <summary>Every branch the server pushes begins with this.</summary>
    public const string Prefix = "codexweb/";

    private const int MaxLength = 48;

    /// <summary>The branch for a title: <c>Fix the failing test!</c> becomes <c>codexweb/fix-the-failing-test</c>.</summary>
    /// <param name="title">Any text. What is not an ASCII letter or digit becomes a hyphen, an apostrophe nothing.</param>
    /// <returns>At most 48 characters after the prefix, cut between words where it can be; <c>codexweb/task</c> when nothing is left.</returns>
    public static string From(string title)
    {
        var slug = new StringBuilder();
        foreach (var character in title.Take(4 * MaxLength))
        {
            if (char.IsAsciiLetterOrDigit(character))
            {
                slug.Append(char.ToLowerInvariant(character));
            }
            else if (character is not ('\'' or '’') && slug.Length > 0 && slug[^1] != '-')
            {
                slug.Append('-');
            }
        }

        var text = Cut(slug.ToString().Trim('-'));
        return Prefix + (text.Length == 0 ? "task" : text);
    }

    /// <summary>The first of <paramref name="branch"/>, <c>branch-2</c>, <c>branch-3</c>, … that is free.</summary>
    /// <param name="isTaken">Whether a branch of that name is in use.</param>
    public static string FirstFree(string branch, Func<string, bool> isTaken)
    {
        var candidate = branch;
        for (var number = 2; isTaken(candidate); number++)
        {
            candidate = string.Create(CultureInfo.InvariantCulture, $"{branch}-{number}");
        }

        return candidate;
    }

    private static string Cut(string slug)
    {
        if (slug.Length <= MaxLength)
        {
            return slug;
        }

        var end = slug.LastIndexOf('-', MaxLength);
        return slug[..(end > MaxLength / 2 ? end : MaxLength)];
    }
}

using System.Buffers;

namespace CodexWeb.Agent.Workspaces;

/// <summary>Says which names may be branches.</summary>
public static class BranchName
{
    private const int MaxLength = 200;
    private static readonly SearchValues<char> Forbidden = SearchValues.Create(" ~^:?*[\\\u007f");

    /// <summary>
    /// Whether a name can be a branch, by the rules of <c>git check-ref-format --branch</c> (https://git-scm.com/docs/git-check-ref-format), and is at most 200 characters long.
    /// What passes cannot be taken for an option, a range or another way to name a commit.
    /// </summary>
    public static bool IsValid(string name)
        => name.Length is > 0 and <= MaxLength
            && name[0] != '-'
            && name is not ("@" or "HEAD")
            && !name.AsSpan().ContainsAny(Forbidden)
            && !name.Any(char.IsControl)
            && !name.Contains("..", StringComparison.Ordinal)
            && !name.Contains("@{", StringComparison.Ordinal)
            && !name.EndsWith('.')
            && name.Split('/').All(IsValidPart);

    /// <summary>Lets a valid name through.</summary>
    /// <exception cref="RepositoryException">It is not valid.</exception>
    internal static string Require(string name)
        => IsValid(name) ? name : throw new RepositoryException($"'{Printable(name)}' cannot be the name of a branch. Use letters, digits, '-', '_', '.' and '/'.");

    private static bool IsValidPart(string part) => part.Length > 0 && part[0] != '.' && !part.EndsWith(".lock", StringComparison.Ordinal);

    private static string Printable(string name)
    {
        var text = string.Concat(name.Take(80).Select(character => char.IsControl(character) ? '?' : character));
        return name.Length > 80 ? text + "…" : text;
    }
}

namespace CodexWeb.Agent.Workspaces;

/// <summary>Full commit hashes, the only way commits are named between parts of the server.</summary>
internal static class Commits
{
    /// <summary>Lets a full hash through.</summary>
    /// <exception cref="RepositoryException">It is not 40 (SHA-1) or 64 (SHA-256) hexadecimal digits.</exception>
    internal static string Require(string commit)
        => IsHash(commit) ? commit : throw new RepositoryException("A commit is named by its full hash of 40 hexadecimal digits.");

    internal static bool IsHash(string text) => text.Length is 40 or 64 && text.All(char.IsAsciiHexDigitLower);
}

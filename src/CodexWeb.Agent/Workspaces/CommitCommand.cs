using System.Globalization;
using System.Text;

namespace CodexWeb.Agent.Workspaces;

/// <summary>Who a commit is from.</summary>
/// <param name="Name">Any text; what Git does not allow in a name is taken out.</param>
/// <param name="Email">Any text; what Git does not allow in an address is taken out.</param>
public sealed record CommitAuthor(string Name, string Email)
{
    /// <summary>The server itself.</summary>
    public static CommitAuthor Server { get; } = new("CodexWeb", "codexweb@localhost");
}

/// <summary>Builds <c>git commit-tree</c>.</summary>
internal static class CommitCommand
{
    internal static GitCommand Make(string directory, string tree, IReadOnlyList<string> parents, string message, CommitAuthor author, DateTimeOffset at)
    {
        var date = string.Create(CultureInfo.InvariantCulture, $"@{at.ToUnixTimeSeconds()} +0000");
        return new GitCommand(directory, ["commit-tree", .. parents.SelectMany(parent => new[] { "-p", parent }), tree])
        {
            Input = Encoding.UTF8.GetBytes(message.Replace("\0", "", StringComparison.Ordinal).TrimEnd() + "\n"),
            Environment = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["GIT_AUTHOR_NAME"] = Clean(author.Name, CommitAuthor.Server.Name),
                ["GIT_AUTHOR_EMAIL"] = Clean(author.Email, CommitAuthor.Server.Email),
                ["GIT_AUTHOR_DATE"] = date,
                ["GIT_COMMITTER_NAME"] = CommitAuthor.Server.Name,
                ["GIT_COMMITTER_EMAIL"] = CommitAuthor.Server.Email,
                ["GIT_COMMITTER_DATE"] = date,
            },
        };
    }

    private static string Clean(string text, string fallback)
    {
        var clean = string.Concat(text.Where(character => !char.IsControl(character) && character is not ('<' or '>'))).Trim();
        return clean.Any(char.IsLetterOrDigit) ? clean[..Math.Min(clean.Length, 200)] : fallback;
    }
}

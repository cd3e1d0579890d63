using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>A repository as GitHub names it: <c>owner/name</c>. It holds only characters GitHub allows, so it can stand in a path. Case does not count.</summary>
public sealed partial record GitHubRepositoryName
{
    /// <summary>A name of two parts.</summary>
    /// <exception cref="ArgumentException">A part has characters no GitHub name has.</exception>
    public GitHubRepositoryName(string owner, string name)
    {
        (Owner, Name) = IsOwner(owner) && IsName(name) ? (owner, name) : throw new ArgumentException("This is not the name of a repository on GitHub: owner/name is meant.", nameof(name));
    }

    /// <summary>The person or organisation it belongs to.</summary>
    public string Owner { get; }

    /// <summary>Its name among the owner's.</summary>
    public string Name { get; }

    /// <summary>Reads <c>owner/name</c>.</summary>
    /// <exception cref="ArgumentException">It is something else.</exception>
    public static GitHubRepositoryName Parse(string text) => TryParse(text, out var name) ? name : throw new ArgumentException("This is not the name of a repository on GitHub: owner/name is meant.", nameof(text));

    /// <summary>Reads <c>owner/name</c>; false for anything else.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out GitHubRepositoryName? name)
    {
        name = text?.Split('/') is [var owner, var own] && IsOwner(owner) && IsName(own) ? new GitHubRepositoryName(owner, own) : null;
        return name is not null;
    }

    /// <inheritdoc/>
    public bool Equals(GitHubRepositoryName? other) => other is not null && string.Equals(ToString(), other.ToString(), StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(ToString());

    /// <summary><c>owner/name</c>.</summary>
    public override string ToString() => $"{Owner}/{Name}";

    private static bool IsOwner(string? text) => text is not null && OwnerPattern().IsMatch(text);

    private static bool IsName(string? text) => text is not (null or "." or "..") && NamePattern().IsMatch(text) && !text.EndsWith(".git", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9_-]{0,99}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex OwnerPattern();

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,100}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex NamePattern();
}

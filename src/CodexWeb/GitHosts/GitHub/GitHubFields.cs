using System.Diagnostics.CodeAnalysis;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>What an answer is useless without.</summary>
internal static class GitHubFields
{
    /// <summary>The value.</summary>
    /// <param name="what">What is read: <c>pull request</c>.</param>
    /// <exception cref="GitHubException">It is missing.</exception>
    public static long Needed(long? value, string what, string field) => value ?? throw Missing(what, field);

    /// <summary>The value.</summary>
    /// <param name="what">What is read: <c>pull request</c>.</param>
    /// <exception cref="GitHubException">It is missing.</exception>
    public static string Needed([NotNull] string? value, string what, string field) => string.IsNullOrEmpty(value) ? throw Missing(what, field) : value;

    /// <summary>A number that fits an <see cref="int"/>; null for anything else.</summary>
    public static int? Small(long? value) => value is >= int.MinValue and <= int.MaxValue ? (int)value : null;

    private static GitHubException Missing(string what, string field) =>
        new(GitHubFailure.Unexpected, $"GitHub's answer is of no use: its {what} has no {field}. Check that GitHub:ApiUrl is GitHub's interface, and that nothing between changes its answers.");
}

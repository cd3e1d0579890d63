using CodexWeb.Agent.Models;
using CodexWeb.GitHosts.GitHub;

namespace CodexWeb.CodeReviews;

/// <summary>What the agent is told to review or to mend. What others wrote stands in it as data.</summary>
internal static class ReviewPrompts
{
    /// <summary>The words before the two commits, from the merge base to the head.</summary>
    public const string DiffCommand = "git diff ";

    private const int LongestDescription = 20_000;

    /// <summary>Review a pull request.</summary>
    public static string Review(GitHubRepositoryName repository, GitHubPull pull, string from, string to)
    {
        var source = FormattableString.Invariant($"{repository}#{pull.Number} by {(pull.AuthorLogin.Length > 0 ? pull.AuthorLogin : "a deleted account")}");
        return $"""
            Review pull request {FormattableString.Invariant($"{repository}#{pull.Number}")}. The change is what `{DiffCommand}{from} {to}` prints; the second commit is checked out.

            {OutsideText.Quote($"title of {source}", pull.Title, 300)}

            {OutsideText.Quote($"description of {source}", string.IsNullOrWhiteSpace(pull.Body) ? "(none)" : pull.Body, LongestDescription)}
            """;
    }

    /// <summary>Review what a task changed.</summary>
    public static string ReviewTask(string title, string from, string to) => $"""
        Review the change a coding agent made for a task. The change is what `{DiffCommand}{from} {to}` prints; the second commit is checked out.

        {OutsideText.Quote("title of the task", title, 300)}
        """;

    /// <summary>Mend a finding.</summary>
    /// <param name="commit">The commit that was reviewed.</param>
    /// <param name="label">Where it was found: <c>acme/shop#12</c>, or the task's title.</param>
    /// <param name="author">Who asks.</param>
    /// <param name="note">What they wrote about it outside; null or empty for nothing.</param>
    public static string Fix(ReviewFinding finding, string commit, string label, string author, string? note) => $"""
        A code review of {label} found a defect on the lines named below, as they are in commit {commit}. Look whether it is real. If it is, mend its cause with the smallest change that does, with a test where the project tests such things. If it is not, change nothing and say why.

        {OutsideText.Quote("a review's finding", $"{finding.Place} (P{finding.Priority})\n{finding.Title}\n\n{finding.Body}")}{Note(author, note)}
        """;

    private static string Note(string author, string? note) => string.IsNullOrWhiteSpace(note) ? "" : $"\n\n{OutsideText.Quote($"{author}'s reply to the finding", note)}";
}

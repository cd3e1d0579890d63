using System.Text.RegularExpressions;
using CodexWeb.Tasks;
using CodexWeb.Ui.Markup;

namespace CodexWeb.Review;

/// <summary>The line of a pull request that names the page its task was started from.</summary>
internal static partial class SourceLine
{
    /// <summary>A line that closes the issue with the merge when it is one of the same repository, else one that links the page; null when the address is none.</summary>
    /// <param name="repositoryPage">The repository's page at its host, without a slash at the end.</param>
    public static string? Of(TaskSource? source, string repositoryPage)
    {
        if (!Uri.TryCreate(source?.Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            return null;
        }

        var issue = Issue().Match(url.GetLeftPart(UriPartial.Path));
        return issue.Success && string.Equals(issue.Groups["repository"].Value, repositoryPage, StringComparison.OrdinalIgnoreCase)
            ? $"Closes #{issue.Groups["number"].Value}"
            : $"Started from [{OutgoingMarkdown.Code(source!.Label)}](<{url.AbsoluteUri}>).";
    }

    [GeneratedRegex("^(?<repository>.+)/issues/(?<number>[0-9]{1,9})$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Issue();
}

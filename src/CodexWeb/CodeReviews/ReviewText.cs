using System.Globalization;
using System.Text;
using CodexWeb.Data;
using CodexWeb.Ui.Markup;

namespace CodexWeb.CodeReviews;

/// <summary>What a review says at the host. All words of the model are made harmless: they notify nobody and carry no HTML.</summary>
internal static class ReviewText
{
    // GitHub takes 65,536 characters.
    private const int LongestBody = 60_000;
    private const string HowToFix = "Reply `@codexweb fix this` to have it mended.";

    /// <summary>The invisible line by which a review is found again.</summary>
    public static string Marker(CodeReviewId review) => $"<!-- codexweb-review:{review} -->";

    /// <summary>The invisible line by which a finding's comment is found again.</summary>
    public static string Marker(FindingId finding) => $"<!-- codexweb-finding:{finding} -->";

    /// <summary>A finding on its lines.</summary>
    public static string Comment(ReviewFinding finding) =>
        $"{Heading(finding)}\n\n{OutgoingMarkdown.Neutralise(finding.Body)}\n\n_{HowToFix}_\n{Marker(finding.Id)}";

    /// <summary>The review's own text.</summary>
    /// <param name="inText">Findings the host does not take on their lines.</param>
    /// <param name="standing">Findings of earlier reviews that still hold and have their comments.</param>
    /// <param name="onLines">Findings that have a comment of their own with it.</param>
    public static string Body(CodeReview review, IReadOnlyList<ReviewFinding> onLines, IReadOnlyList<ReviewFinding> inText, int standing)
    {
        var body = new StringBuilder();
        body.Append(review.Correct == true ? "### This change looks correct" : "### This change should not be merged as it is").Append("\n\n");
        body.Append(OutgoingMarkdown.Neutralise(review.Explanation ?? "")).Append("\n\n");
        foreach (var line in Counts(review, onLines.Count, standing))
        {
            body.Append("- ").Append(line).Append('\n');
        }

        var left = inText.Count;
        foreach (var finding in inText)
        {
            var part = $"\n{Heading(finding)} in {OutgoingMarkdown.Code(finding.Place.ToString())}\n\n{OutgoingMarkdown.Neutralise(finding.Body)}\n";
            if (body.Length + part.Length > LongestBody)
            {
                body.Append(CultureInfo.InvariantCulture, $"\n{left} more would not fit here.\n");
                break;
            }

            body.Append(part);
            left--;
        }

        return body.Append(CultureInfo.InvariantCulture, $"\n_Reviewed {review.HeadCommit} by CodexWeb, confidence {review.Confidence:P0}._\n{Marker(review.Id)}").ToString();
    }

    private static IEnumerable<string> Counts(CodeReview review, int onLines, int standing)
    {
        if (review.Findings.Count == 0)
        {
            yield return "Nothing was found.";
        }

        if (onLines > 0)
        {
            yield return $"{Count(onLines, "finding")} on the lines below.";
        }

        if (standing > 0)
        {
            yield return $"{Count(standing, "finding")} of an earlier review still {(standing == 1 ? "holds" : "hold")}; see the comment there.";
        }

        var below = review.Findings.Where(finding => finding.Priority > review.Floor).GroupBy(static finding => finding.Priority).OrderBy(static group => group.Key).ToList();
        if (below.Count > 0)
        {
            yield return $"Not shown, being less urgent: {string.Join(", ", below.Select(static group => FormattableString.Invariant($"{group.Count()} of P{group.Key}")))}.";
        }
    }

    private static string Heading(ReviewFinding finding) => FormattableString.Invariant($"**P{finding.Priority}** {OutgoingMarkdown.Neutralise(finding.Title)}");

    private static string Count(int count, string noun) => count == 1 ? $"1 {noun}" : FormattableString.Invariant($"{count} {noun}s");
}

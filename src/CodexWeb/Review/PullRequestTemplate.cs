using System.Text;
using System.Text.RegularExpressions;

namespace CodexWeb.Review;

/// <summary>A repository's template for the text of pull requests, filled with what is known. Its headings and check lists stay, its comments go; nothing is ticked.</summary>
internal static partial class PullRequestTemplate
{
    /// <summary>A larger file is not taken for a template.</summary>
    public const int MostBytes = 64 << 10;

    // Where GitHub looks, in its order. https://docs.github.com/communities/using-templates-to-encourage-useful-issues-and-pull-requests
    private static readonly string[] Places = [".github/pull_request_template", "pull_request_template", "docs/pull_request_template"];

    /// <summary>The template's path among a commit's files; null when there is none.</summary>
    public static string? Find(IReadOnlyList<string> paths) => Places
        .Select(place => paths.FirstOrDefault(path => string.Equals(path, place + ".md", StringComparison.OrdinalIgnoreCase) || string.Equals(path, place + ".txt", StringComparison.OrdinalIgnoreCase)))
        .FirstOrDefault(path => path is not null);

    /// <summary>The filled text. What the template has no heading for stands before or after it, under a heading of its own.</summary>
    public static string Fill(string template, string summary, string testing)
    {
        var sections = Sections(Comments().Replace(template.ReplaceLineEndings("\n"), ""));
        var tests = sections.FindIndex(section => TestingHeading().IsMatch(section.Title));
        var told = sections.FindIndex(section => !TestingHeading().IsMatch(section.Title) && SummaryHeading().IsMatch(section.Title));
        var text = new StringBuilder();
        if (told < 0)
        {
            text.Append("## Summary\n\n").Append(summary).Append("\n\n");
        }

        for (var at = 0; at < sections.Count; at++)
        {
            var section = sections[at];
            Write(text, section.Heading, at == told ? With(summary, section) : at == tests ? With(testing, section) : Unticked(section.Body));
        }

        if (tests < 0)
        {
            Write(text, "## Testing", testing);
        }

        return text.ToString().TrimEnd() + "\n";
    }

    // A section that is filled keeps its check list; what its author wrote for people to replace is replaced.
    private static string With(string filled, Section section)
    {
        var list = section.Body.Split('\n').Where(line => CheckListItem().IsMatch(line)).Select(line => line.TrimEnd()).ToList();
        return list.Count == 0 ? filled : $"{filled}\n\n{Unticked(string.Join('\n', list))}";
    }

    private static string Unticked(string body) => CheckListItem().Replace(body, match => $"{match.Groups["mark"].Value}[ ]");

    private static void Write(StringBuilder text, string? heading, string body)
    {
        if (heading is not null)
        {
            text.Append(heading).Append("\n\n");
        }

        if (body.Trim('\n', ' ') is { Length: > 0 } filled)
        {
            text.Append(filled).Append("\n\n");
        }
    }

    private static List<Section> Sections(string template)
    {
        var sections = new List<Section>();
        var (heading, body) = ((string?)null, new StringBuilder());
        var fenced = false;
        foreach (var line in template.Split('\n'))
        {
            fenced ^= line.TrimStart().StartsWith("```", StringComparison.Ordinal);
            if (!fenced && Heading().IsMatch(line))
            {
                Close();
                (heading, body) = (line.Trim(), new StringBuilder());
            }
            else
            {
                body.Append(line).Append('\n');
            }
        }

        Close();
        return sections;

        void Close()
        {
            if (heading is not null || body.ToString().Trim().Length > 0)
            {
                sections.Add(new Section(heading, heading?.Trim('#', ' ', '*', ':') ?? "", Blanks().Replace(body.ToString(), "\n\n").Trim('\n')));
            }
        }
    }

    private sealed record Section(string? Heading, string Title, string Body);

    [GeneratedRegex("<!--.*?(-->|\\z)", RegexOptions.CultureInvariant | RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Comments();

    [GeneratedRegex(@"^ {0,3}#{1,6}\s+\S", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\b(test(s|ed|ing)?|how|verif\w*|checks|qa)\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex TestingHeading();

    [GeneratedRegex(@"\b(summary|description|what|overview)\b|^changes$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex SummaryHeading();

    [GeneratedRegex(@"^(?<mark>\s*[-*+]\s+)\[[ xX]\](?=\s)", RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex CheckListItem();

    [GeneratedRegex(@"\n{3,}", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Blanks();
}

using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CodexWeb.Agent.Models;
using CodexWeb.GitHosts.GitHub;

namespace CodexWeb.Tasks;

/// <summary>
/// Issues and pull requests of GitHub that a prompt links to. Their text is read when the message is sent, and quoted for the agent as text from outside: data, not orders.
/// What cannot be read is said; the work starts without it.
/// </summary>
public sealed partial class LinkedPages(GitHubAddresses addresses, GitHubAccess access, GitHubIssues issues, TimeProvider time)
{
    /// <summary>Pages of one prompt that are read, the first.</summary>
    public const int Most = 3;

    private const int MostComments = 10;
    private const int LongestDescription = 15_000;
    private const int LongestComment = 3_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>What an address leads to, for the card below the prompt; null when it is no issue or pull request of this server's GitHub.</summary>
    public async Task<LinkedPage?> DescribeAsync(string address, CancellationToken cancellationToken)
    {
        if (Find(address ?? "") is not [var link, ..])
        {
            return null;
        }

        var (issue, _, problem) = await ReadAsync(link, comments: false, cancellationToken);
        return issue is null
            ? new LinkedPage(link.Label, null, null, problem)
            : new LinkedPage(link.Label, HiddenCharacters.RevealLine(issue.Title), $"{(issue.IsPull ? "Pull request" : "Issue")}, {(issue.IsOpen ? "open" : "closed")}", null);
    }

    /// <summary>The pages a person's prompt links to, quoted; null when it links to none.</summary>
    public async Task<string?> QuoteAsync(string prompt, CancellationToken cancellationToken)
    {
        // What somebody else wrote sends us nowhere.
        var own = string.Join('\n', OutsideText.Parts(prompt).Where(static part => part.Source is null).Select(static part => part.Text));
        var links = Find(own);
        if (links.Count == 0)
        {
            return null;
        }

        var quotes = new StringBuilder();
        foreach (var link in links)
        {
            var (issue, comments, problem) = await ReadAsync(link, comments: true, cancellationToken);
            if (issue is null)
            {
                Add(quotes, link.Label, $"Its text could not be read: {problem}", LongestComment);
                continue;
            }

            var what = issue.IsPull ? "pull request" : "issue";
            Add(quotes, $"{what} {link.Label} by {issue.AuthorLogin}", $"{issue.Title}\n\n{issue.Body}".TrimEnd(), LongestDescription);
            foreach (var comment in comments)
            {
                Add(quotes, $"comment by {comment.AuthorLogin} on {link.Label}", comment.Body, LongestComment);
            }
        }

        return quotes.ToString();
    }

    private async Task<(GitHubIssue? Issue, IReadOnlyList<GitHubComment> Comments, string? Problem)> ReadAsync(PageLink link, bool comments, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            if ((await access.ForRepositoryAsync(link.Repository, either.Token) ?? await access.ForPersonAsync(LocalPerson.Name, either.Token)) is not { } token)
            {
                return (null, [], $"No connection of this server reaches {link.Repository}. Connect GitHub in Settings.");
            }

            var issue = await issues.GetAsync(token, link.Repository, link.Number, either.Token);
            return (issue, comments ? [.. (await issues.CommentsAsync(token, link.Repository, link.Number, since: null, either.Token)).TakeLast(MostComments)] : [], null);
        }
        catch (GitHubException exception)
        {
            return (null, [], exception.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, [], $"GitHub did not answer within {Patience.TotalSeconds:0} s.");
        }
    }

    private List<PageLink> Find(string text)
    {
        var found = new List<PageLink>();
        foreach (Match match in Addresses().Matches(text))
        {
            if (addresses.NameOf(match.Groups["repository"].Value) is { } repository
                && int.TryParse(match.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
                && !found.Exists(known => known.Repository == repository && known.Number == number))
            {
                found.Add(new PageLink(repository, number));
            }

            if (found.Count == Most)
            {
                break;
            }
        }

        return found;
    }

    private static void Add(StringBuilder quotes, string source, string text, int longest)
    {
        if (!string.IsNullOrWhiteSpace(text))
        {
            quotes.Append(quotes.Length > 0 ? "\n\n" : "").Append(OutsideText.Quote(source, text, longest));
        }
    }

    [GeneratedRegex("(?<repository>https?://[^\\s<>()\"'`]{1,300}?)/(issues|pull)/(?<number>[0-9]{1,9})(?![0-9])", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Addresses();

    private sealed record PageLink(GitHubRepositoryName Repository, int Number)
    {
        public string Label => string.Create(CultureInfo.InvariantCulture, $"{Repository}#{Number}");
    }
}

/// <summary>An issue or pull request as its card shows it.</summary>
/// <param name="Label"><c>acme/shop#12</c>.</param>
/// <param name="Title">From outside; null when it could not be read.</param>
/// <param name="Kind">What it is and how it stands, in words; null when it could not be read.</param>
/// <param name="Problem">Why it could not be read; null when it could.</param>
public sealed record LinkedPage(string Label, string? Title, string? Kind, string? Problem);

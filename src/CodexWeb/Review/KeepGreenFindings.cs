using System.Globalization;
using System.Text;
using CodexWeb.Agent.Models;
using CodexWeb.GitHosts.GitHub;

namespace CodexWeb.Review;

/// <summary>What a pull request's checks and reviewers want changed, as quotes for a prompt.</summary>
/// <param name="Checks">How many checks failed that do not fail on the base.</param>
/// <param name="Comments">How many remarks of people who may write there are new.</param>
/// <param name="Quotes">The quotes, one after the other.</param>
/// <param name="CommentsUntil">When the newest remark was made; the moment asked from when there is none.</param>
internal sealed record KeepGreenWork(int Checks, int Comments, string Quotes, DateTimeOffset CommentsUntil);

/// <summary>Reads what failing checks and reviewers say. All of it is from outside and is quoted as such.</summary>
public sealed class KeepGreenFindings(PullRequestReader reader, GitHubPulls pulls, GitHubChecks checks, GitHubRepositories repositories)
{
    private const int MostChecks = 10;
    private const int MostAnnotations = 20;
    private const int MostComments = 30;
    private const int LongestCheck = 5_000;
    private const int LongestComment = 2_000;
    private const int LongestTogether = 80_000;

    // A comment that names the product starts a turn of its own.
    private const string Mention = "@codexweb";

    /// <summary>Reads what is new.</summary>
    /// <param name="withChecks">False to leave the checks alone, because they were acted upon.</param>
    /// <param name="since">Remarks up to this moment are known.</param>
    /// <exception cref="GitHubException">GitHub could not be asked.</exception>
    internal async Task<KeepGreenWork> ReadAsync(PullRequestTarget target, PullRequest pull, bool withChecks, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var quotes = new Quotes();
        var failed = withChecks ? await AddChecksAsync(target, pull, quotes, cancellationToken) : 0;
        var remarks = await RemarksAsync(target, pull.Number, since, cancellationToken);
        var trusted = new Dictionary<string, bool>(StringComparer.OrdinalIgnoreCase);
        var comments = 0;
        foreach (var remark in remarks)
        {
            if (comments < MostComments && await MayWriteAsync(target, remark.Author, trusted, cancellationToken))
            {
                comments += quotes.Add($"{remark.Kind} by {remark.Author} on #{pull.Number}", remark.Text, LongestComment) ? 1 : 0;
            }
        }

        return new KeepGreenWork(failed, comments, quotes.ToString(), remarks.Select(remark => remark.At).Append(since).Max());
    }

    private async Task<int> AddChecksAsync(PullRequestTarget target, PullRequest pull, Quotes quotes, CancellationToken cancellationToken)
    {
        var (seen, head) = (await pulls.GetAsync(target.Token, target.Repository, pull.Number, cancellationToken), await reader.ChecksAsync(target, pull.HeadCommit, cancellationToken));
        var onBase = seen.BaseSha.Length > 0 ? (await reader.ChecksAsync(target, seen.BaseSha, cancellationToken)).Failed : [];
        // Nothing in the code mends a run that somebody cancelled or that waits for a person.
        var runs = head.Runs.Where(run => run.Conclusion is "failure" or "timed_out" && !onBase.Contains(("run", run.Name))).ToList();
        var statuses = head.Statuses.Where(status => CheckStates.Of(status) is CheckStates.Failed && !onBase.Contains(("status", status.Context))).ToList();
        foreach (var run in runs.Take(MostChecks))
        {
            quotes.Add($"the failed check {run.Name} of {target.Repository}", await TextAsync(target, run, cancellationToken), LongestCheck);
        }

        foreach (var status in statuses.Take(MostChecks))
        {
            quotes.Add($"the failed status {status.Context} of {target.Repository}", $"{status.Description}\n{status.TargetUrl}", LongestCheck);
        }

        return runs.Count + statuses.Count;
    }

    private async Task<string> TextAsync(PullRequestTarget target, GitHubCheckRun run, CancellationToken cancellationToken)
    {
        var text = new StringBuilder(run.Title).Append('\n').Append(run.HtmlUrl).Append('\n').Append(run.Summary).Append('\n');
        if (run.AnnotationsCount > 0)
        {
            foreach (var note in (await checks.AnnotationsAsync(target.Token, target.Repository, run.Id, cancellationToken)).Take(MostAnnotations))
            {
                text.Append(CultureInfo.InvariantCulture, $"\n{note.Path}:{note.StartLine} ({note.Level}) {note.Title}\n{note.Message}\n");
            }
        }

        return text.ToString();
    }

    private async Task<List<Remark>> RemarksAsync(PullRequestTarget target, int number, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var reviews = await pulls.ReviewsAsync(target.Token, target.Repository, number, cancellationToken);
        var comments = await pulls.ReviewCommentsAsync(target.Token, target.Repository, number, since, cancellationToken);
        return [.. reviews
            .Where(review => review.State is "CHANGES_REQUESTED" && review.Body.Length > 0 && review.SubmittedAt > since)
            .Select(review => new Remark("a review that requests changes", review.AuthorLogin, review.Body, review.SubmittedAt!.Value))
            .Concat(comments.Where(comment => comment.CreatedAt > since).Select(comment => new Remark(
                "a review comment",
                comment.AuthorLogin,
                string.Create(CultureInfo.InvariantCulture, $"{comment.Path}:{comment.Line}\n{comment.DiffHunk}\n\n{comment.Body}"),
                comment.CreatedAt)))
            .Where(remark => !remark.Text.Contains(Mention, StringComparison.OrdinalIgnoreCase))
            .OrderBy(remark => remark.At)];
    }

    private async Task<bool> MayWriteAsync(PullRequestTarget target, string login, Dictionary<string, bool> known, CancellationToken cancellationToken)
    {
        if (login.Length > 0 && !known.ContainsKey(login))
        {
            known[login] = await repositories.PermissionAsync(target.Token, target.Repository, login, cancellationToken) >= GitHubPermission.Write;
        }

        return known.GetValueOrDefault(login);
    }

    private sealed record Remark(string Kind, string Author, string Text, DateTimeOffset At);

    // Whatever is quoted together stays within what a prompt may have.
    private sealed class Quotes
    {
        private readonly StringBuilder _text = new();
        private int _left;

        public bool Add(string source, string text, int longest)
        {
            var quote = OutsideText.Quote(source, text, longest);
            if (_text.Length + quote.Length > LongestTogether)
            {
                _left++;
                return false;
            }

            _text.Append(quote).Append("\n\n");
            return true;
        }

        public override string ToString() => _left == 0 ? _text.ToString().TrimEnd() : string.Create(CultureInfo.InvariantCulture, $"{_text}({_left} more left out: there was no room for them.)");
    }
}

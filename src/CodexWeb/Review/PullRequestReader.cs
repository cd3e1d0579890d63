using System.Globalization;
using System.Text.RegularExpressions;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.Tasks;

namespace CodexWeb.Review;

/// <summary>Reads a pull request from GitHub, with its reviews and checks. It changes nothing, here or there.</summary>
public sealed partial class PullRequestReader(GitHubPulls pulls, GitHubChecks checks, GitHubRepositories repositories)
{
    /// <summary>Everything that is stored of it.</summary>
    /// <exception cref="GitHubException">GitHub could not be asked.</exception>
    public async Task<(GitHubPull Pull, PullRequestReading Reading)> ReadAsync(PullRequestTarget target, int number, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        var pull = await pulls.GetAsync(target.Token, target.Repository, number, cancellationToken);
        var head = await ChecksAsync(target, pull.HeadSha, cancellationToken);
        var onBase = head.Failed.Count > 0 && pull.BaseSha.Length > 0 ? (await ChecksAsync(target, pull.BaseSha, cancellationToken)).Failed : [];
        var (state, list) = PullRequestChecks.Sum(head, onBase);
        var reviews = await pulls.ReviewsAsync(target.Token, target.Repository, number, cancellationToken);
        return (pull, Reading(pull) with { Checks = state, CheckList = PullRequestChecklist.Write(list), Review = Decide(reviews) });
    }

    /// <summary>What the pull request itself says, without checks and reviews.</summary>
    public static PullRequestReading Reading(GitHubPull pull)
    {
        ArgumentNullException.ThrowIfNull(pull);
        return new PullRequestReading(
            pull.Title,
            pull.BaseBranch,
            pull.HeadSha,
            pull.Merged ? PullRequestState.Merged : pull.State is GitHubPullState.Closed ? PullRequestState.Closed : pull.Draft ? PullRequestState.Draft : PullRequestState.Open,
            pull.Mergeable switch { true => MergeState.Clean, false => MergeState.Conflicting, null => MergeState.Unknown },
            ChecksState.None,
            "[]",
            ReviewDecision.None,
            pull.Merged ? pull.MergedAt : null,
            pull.Merged ? pull.MergeCommit : null);
    }

    /// <summary>Both kinds of checks of a commit. A kind the token may not see counts as empty.</summary>
    /// <exception cref="GitHubException">GitHub could not be asked.</exception>
    internal async Task<CommitChecks> ChecksAsync(PullRequestTarget target, string commit, CancellationToken cancellationToken) => new(
        await AllowedAsync(() => checks.RunsAsync(target.Token, target.Repository, commit, cancellationToken)),
        await AllowedAsync(() => checks.StatusAsync(target.Token, target.Repository, commit, cancellationToken)));

    /// <summary>What undid a merge, by the commits of its base branch since: <c>commit 1a2b3c4d5e</c>; null while nothing did.</summary>
    /// <exception cref="GitHubException">GitHub could not be asked.</exception>
    internal async Task<string?> FindRevertAsync(PullRequestTarget target, PullRequest pull, CancellationToken cancellationToken)
    {
        if (pull.MergedAt is not { } merged)
        {
            return null;
        }

        var commits = await repositories.CommitsAsync(target.Token, target.Repository, pull.BaseBranch, merged, cancellationToken);
        return commits.LastOrDefault(commit => Reverts(commit.Message, target.Repository, pull)) is { } revert ? $"commit {revert.Sha[..Math.Min(10, revert.Sha.Length)]}" : null;
    }

    /// <summary>Whether a commit's message or a pull request's text says that it undoes a merge, in the words Git and GitHub use.</summary>
    internal static bool Reverts(string text, GitHubRepositoryName repository, PullRequest pull) =>
        (pull.MergeCommit is { Length: > 0 } commit && text.Contains($"This reverts commit {commit}", StringComparison.OrdinalIgnoreCase))
        || RevertsPull().Matches(text).Any(match =>
            string.Equals(match.Groups["repository"].Value, repository.ToString(), StringComparison.OrdinalIgnoreCase)
            && match.Groups["number"].Value == pull.Number.ToString(CultureInfo.InvariantCulture));

    private static async Task<IReadOnlyList<T>> AllowedAsync<T>(Func<Task<IReadOnlyList<T>>> read)
    {
        try
        {
            return await read();
        }
        catch (GitHubException exception) when (exception.Failure is GitHubFailure.Forbidden or GitHubFailure.NotFound)
        {
            return [];
        }
    }

    // The newest word of each reviewer counts; a comment takes none back. https://docs.github.com/rest/pulls/reviews
    private static ReviewDecision Decide(IReadOnlyList<GitHubReview> reviews)
    {
        var words = reviews
            .Where(review => review.State is "APPROVED" or "CHANGES_REQUESTED" or "DISMISSED")
            .GroupBy(review => review.AuthorLogin, StringComparer.OrdinalIgnoreCase)
            .Select(own => own.OrderBy(review => review.SubmittedAt ?? DateTimeOffset.MinValue).Last().State)
            .ToList();
        return words.Contains("CHANGES_REQUESTED", StringComparer.Ordinal) ? ReviewDecision.ChangesRequested
            : words.Contains("APPROVED", StringComparer.Ordinal) ? ReviewDecision.Approved
            : ReviewDecision.None;
    }

    [GeneratedRegex(@"\bReverts (?<repository>[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100})#(?<number>[0-9]{1,9})\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex RevertsPull();
}

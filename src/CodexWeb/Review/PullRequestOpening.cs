using CodexWeb.GitHosts.GitHub;

namespace CodexWeb.Review;

/// <summary>Opens a pull request at GitHub, or finds the one that is there already; and sets what can fail without losing it.</summary>
public sealed class PullRequestOpening(GitHubPulls pulls, GitHubIssues issues)
{
    private const string Team = "/";

    /// <summary>Opens one for a pushed branch. One that is open for that branch is taken over as it is, so that a second try after a crash makes no second one.</summary>
    /// <returns>The pull request, and a remark when it was taken over.</returns>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public async Task<CommandResult<(GitHubPull Pull, string? Remark)>> OpenAsync(PullRequestTarget target, NewPull wanted, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(wanted);
        if (await FindOpenAsync(target, wanted, cancellationToken) is { } known)
        {
            return TakenOver(known, wanted);
        }

        try
        {
            return new CommandResult<(GitHubPull Pull, string? Remark)>.Done((await pulls.OpenAsync(target.Token, target.Repository, wanted, cancellationToken), null));
        }
        catch (GitHubException exception) when (exception.Failure is GitHubFailure.Invalid)
        {
            // Between the look and the request somebody, or a request of ours whose answer was lost, was faster.
            if (await FindOpenAsync(target, wanted, cancellationToken) is { } other)
            {
                return TakenOver(other, wanted);
            }

            return wanted.Draft && exception.Message.Contains("draft", StringComparison.OrdinalIgnoreCase)
                ? new CommandResult<(GitHubPull Pull, string? Remark)>.Invalid("draft", $"{exception.Message} The branch is pushed. Open it as ready for review instead.")
                : new CommandResult<(GitHubPull Pull, string? Remark)>.Refused($"{exception.Message} The branch {wanted.Head} is pushed, so nothing is lost.");
        }
        catch (GitHubException exception) when (exception.Failure is GitHubFailure.Unavailable)
        {
            // It may have been opened although no answer came.
            if (await FindOpenAsync(target, wanted, cancellationToken) is { } made)
            {
                return new CommandResult<(GitHubPull Pull, string? Remark)>.Done((made, null));
            }

            throw;
        }
    }

    /// <summary>Changes what a person wants changed, and opens a closed one again.</summary>
    /// <returns>The pull request as it is then, and a remark when it was opened again.</returns>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public async Task<(GitHubPull Pull, string? Remark)> ChangeAsync(PullRequestTarget target, GitHubPull pull, PullRequestRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(pull);
        ArgumentNullException.ThrowIfNull(request);
        var reopens = pull.State is GitHubPullState.Closed;
        var change = new PullChange(
            Differs(request.Title?.Trim(), pull.Title),
            Differs(request.Body, pull.Body ?? ""),
            reopens ? "open" : null,
            Differs(request.Base, pull.BaseBranch));
        if (change != new PullChange())
        {
            pull = await pulls.ChangeAsync(target.Token, target.Repository, pull.Number, change, cancellationToken);
        }

        if (request.Draft is { } draft && draft != pull.Draft)
        {
            await (draft ? pulls.ConvertToDraftAsync(target.Token, pull.NodeId, cancellationToken) : pulls.MarkReadyAsync(target.Token, pull.NodeId, cancellationToken));
        }

        return (pull, reopens ? $"#{pull.Number} was closed; it is open again." : null);
    }

    /// <summary>Adds labels and asks for reviews.</summary>
    /// <returns>What could not be done, a sentence for each; null when all was.</returns>
    public async Task<string?> DecorateAsync(PullRequestTarget target, int number, PullRequestRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(request);
        var remarks = new List<string>();
        if (request.Labels is { Count: > 0 } labels)
        {
            await TryAsync("The labels were not added.", () => issues.AddLabelsAsync(target.Token, target.Repository, number, labels, cancellationToken));
        }

        if (request.Reviewers is { Count: > 0 } reviewers)
        {
            var teams = reviewers.Where(name => name.Contains(Team, StringComparison.Ordinal)).Select(name => name[(name.IndexOf(Team, StringComparison.Ordinal) + 1)..]).ToList();
            var people = reviewers.Where(name => !name.Contains(Team, StringComparison.Ordinal)).Select(name => name.TrimStart('@')).ToList();
            await TryAsync("Nobody was asked for a review.", () => pulls.RequestReviewersAsync(target.Token, target.Repository, number, people, teams, cancellationToken));
        }

        return remarks.Count == 0 ? null : string.Join(' ', remarks);

        async Task TryAsync(string failed, Func<Task> action)
        {
            try
            {
                await action();
            }
            catch (GitHubException exception)
            {
                remarks.Add($"{failed} {exception.Message}");
            }
        }
    }

    private async Task<GitHubPull?> FindOpenAsync(PullRequestTarget target, NewPull wanted, CancellationToken cancellationToken) =>
        await pulls.FindAsync(target.Token, target.Repository, target.Repository.Owner, wanted.Head, cancellationToken) is { State: GitHubPullState.Open } open ? open : null;

    // One that this server opened a moment ago, before it died, has the same title and text.
    private static CommandResult<(GitHubPull Pull, string? Remark)> TakenOver(GitHubPull pull, NewPull wanted) => new CommandResult<(GitHubPull Pull, string? Remark)>.Done((
        pull,
        string.Equals(pull.Title, wanted.Title, StringComparison.Ordinal) ? null : $"#{pull.Number} was open for this branch already. It was taken over with its own title and text."));

    private static string? Differs(string? wanted, string now) => wanted is null || string.Equals(wanted, now, StringComparison.Ordinal) ? null : wanted;
}

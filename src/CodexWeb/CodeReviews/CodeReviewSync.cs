using CodexWeb.Agent.Workspaces;
using CodexWeb.Data;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.Repositories;
using CodexWeb.Tasks;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.CodeReviews;

/// <summary>
/// Brings what is known of a pull request's reviews up to date: reads GitHub and stores what it finds. Webhooks and polling only say when to look, so that twice, late and out of
/// order have one effect.
/// </summary>
public sealed class CodeReviewSync(TaskStore store, ReviewHost host, ReviewCommits commits, EarlierFindings earlier, CodeReviewCommands commands)
{
    // Branches of this server's own tasks.
    private const string OwnBranches = "codexweb/";
    private const string Requester = "Automatic";

    /// <summary>Looks at a pull request: findings that were resolved or whose lines were changed, and a new commit that is to be reviewed.</summary>
    /// <returns>What came of it, a sentence; null when there was nothing to do.</returns>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public async Task<string?> RefreshAsync(RepositoryId repositoryId, int number, CancellationToken cancellationToken)
    {
        await using var db = await store.OpenAsync(cancellationToken);
        var repository = await db.Repositories.AsNoTracking().SingleOrDefaultAsync(r => r.Id == repositoryId, cancellationToken);
        var automatic = await IsAutomaticAsync(db, repositoryId, cancellationToken);
        if (repository is null || (!automatic && !await db.CodeReviews.AnyAsync(r => r.RepositoryId == repositoryId && r.Number == number, cancellationToken)))
        {
            return null;
        }

        if (await host.OpenAsync(repository, cancellationToken) is not CommandResult<ReviewedRepository>.Done { Value: var hosted })
        {
            return null;
        }

        var pull = await host.Pulls.GetAsync(hosted.Token, hosted.Name, number, cancellationToken);
        try
        {
            await FollowAsync(db, repository, hosted, pull, cancellationToken);
            return automatic ? await ConsiderAsync(db, repository, hosted, pull, cancellationToken) : "The findings of its reviews were looked at again.";
        }
        catch (Exception exception) when (exception is RepositoryException or GitException)
        {
            return $"Its commits could not be read: {exception.Message}";
        }
    }

    /// <summary>Reviews the newest commit of a pull request, if the repository's environment wants every one reviewed and this one was not yet.</summary>
    /// <returns>What came of it, a sentence; null when there was nothing to do.</returns>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    internal async Task<string?> ConsiderAsync(CodexDb db, Repository repository, ReviewedRepository hosted, GitHubPull pull, CancellationToken cancellationToken)
    {
        var isOwn = pull.HeadBranch.StartsWith(OwnBranches, StringComparison.Ordinal) && GitHubRepositoryName.TryParse(pull.HeadRepository, out var head) && head.Equals(hosted.Name);
        if (pull.State is not GitHubPullState.Open || pull.Draft || isOwn)
        {
            return null;
        }

        // One that failed is not tried again by itself: it would fail again.
        if (await db.CodeReviews.AnyAsync(r => r.RepositoryId == repository.Id && r.Number == pull.Number && r.HeadCommit == pull.HeadSha && r.Status != CodeReviewStatus.Superseded, cancellationToken))
        {
            return null;
        }

        var requested = await commands.RequestAsync(repository.Id, pull.Number, Requester, ReviewTrigger.Automatic, cancellationToken);
        return requested.Problem() is { } problem
            ? FormattableString.Invariant($"#{pull.Number} could not be reviewed: {problem}")
            : FormattableString.Invariant($"#{pull.Number} is reviewed at {pull.HeadSha}.");
    }

    /// <summary>Whether every pull request of a repository is reviewed: its default environment says so.</summary>
    internal static async Task<bool> IsAutomaticAsync(CodexDb db, RepositoryId repository, CancellationToken cancellationToken) =>
        await db.Environments.Where(e => e.RepositoryId == repository).OrderBy(e => e.Id).Select(e => e.ReviewAutomatically).FirstOrDefaultAsync(cancellationToken);

    private async Task FollowAsync(CodexDb db, Repository repository, ReviewedRepository hosted, GitHubPull pull, CancellationToken cancellationToken)
    {
        var told = await db.CodeReviews
            .Where(r => r.RepositoryId == repository.Id && r.Number == pull.Number && r.Status == CodeReviewStatus.Posted && r.Findings.Any(f => f.State != FindingState.Resolved))
            .ToListAsync(cancellationToken);
        if (told.Count == 0)
        {
            return;
        }

        var head = told.TrueForAll(review => review.HeadCommit == pull.HeadSha) ? pull.HeadSha : await commits.FetchHeadAsync(repository, pull.Number, cancellationToken);
        var followed = await earlier.FollowAsync(db, repository, pull.Number, but: null, head, cancellationToken);
        await earlier.UpdateAsync(hosted, pull.Number, followed, cancellationToken);
        await store.SaveAsync(db, told[0].TaskId, cancellationToken);
    }
}

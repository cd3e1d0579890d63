using CodexWeb.Agent.Workspaces;
using CodexWeb.Data;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.Repositories;
using CodexWeb.Tasks;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.CodeReviews;

/// <summary>What can be done with reviews; page, HTTP interface, mentions and webhooks call the same.</summary>
public sealed class CodeReviewCommands(TaskStore store, ReviewHost host, ReviewCommits commits, FindingFixes fixes, TaskCommands tasks) : IDisposable
{
    // Two requests for the same commit must not both find that there is no review of it.
    private readonly SemaphoreSlim _starting = new(1, 1);

    /// <summary>Reviews a pull request at its newest commit, which may be a fork's. A commit is reviewed once: asked again, it gives the review there is, unless that failed.</summary>
    /// <param name="requester">Who asks, as shown.</param>
    public async Task<CommandResult<CodeReviewId>> RequestAsync(RepositoryId repositoryId, int number, string requester, ReviewTrigger trigger, CancellationToken cancellationToken)
    {
        if (number < 1)
        {
            return new CommandResult<CodeReviewId>.Invalid("number", "Give the number of a pull request, for example 12.");
        }

        await using var db = await store.OpenAsync(cancellationToken);
        if (await db.Repositories.AsNoTracking().SingleOrDefaultAsync(r => r.Id == repositoryId, cancellationToken) is not { } repository)
        {
            return new CommandResult<CodeReviewId>.Invalid("repositoryId", "There is no such repository. It may have been disconnected.");
        }

        var opened = await host.OpenAsync(repository, cancellationToken);
        if (opened is not CommandResult<ReviewedRepository>.Done { Value: var hosted })
        {
            return new CommandResult<CodeReviewId>.Refused(opened.Problem()!);
        }

        try
        {
            var pull = await host.Pulls.GetAsync(hosted.Token, hosted.Name, number, cancellationToken);
            return pull.State is GitHubPullState.Closed
                ? new CommandResult<CodeReviewId>.Refused($"Pull request {hosted.Name}#{pull.Number} is {(pull.Merged ? "merged" : "closed")}. Only open ones are reviewed.")
                : await RequestAsync(repository, hosted, pull, requester, trigger, cancellationToken);
        }
        catch (GitHubException exception) when (exception.Failure is GitHubFailure.NotFound)
        {
            return new CommandResult<CodeReviewId>.Invalid("number", FormattableString.Invariant($"{hosted.Name} has no pull request #{number}, or this server may not see it."));
        }
        catch (GitHubException exception)
        {
            return new CommandResult<CodeReviewId>.Refused(exception.Message);
        }
        catch (RepositoryException exception)
        {
            return new CommandResult<CodeReviewId>.Refused(exception.Message);
        }
    }

    /// <summary>Reviews a pull request of a connected repository by the address of its page.</summary>
    /// <param name="url"><c>https://github.com/acme/shop/pull/12</c>.</param>
    /// <param name="requester">Who asks, as shown.</param>
    public async Task<CommandResult<CodeReviewId>> RequestAsync(string url, string requester, CancellationToken cancellationToken)
    {
        if (host.PullOf(url) is not { } pull)
        {
            return new CommandResult<CodeReviewId>.Invalid("url", "Give the address of a pull request, for example https://github.com/acme/shop/pull/12.");
        }

        await using var db = await store.OpenAsync(cancellationToken);
        var repository = (await db.Repositories.AsNoTracking().OrderBy(r => r.Id).ToListAsync(cancellationToken)).Find(r => pull.Repository.Equals(host.NameOf(r)));
        return repository is null
            ? new CommandResult<CodeReviewId>.Invalid("url", $"{pull.Repository} is not connected to this server. Connect it first.")
            : await RequestAsync(repository.Id, pull.Number, requester, ReviewTrigger.Requested, cancellationToken);
    }

    /// <summary>Reviews what a task changed. The findings are shown here; nothing is posted.</summary>
    /// <param name="attempt">The attempt whose change it is.</param>
    /// <param name="requester">Who asks, as shown.</param>
    public async Task<CommandResult<CodeReviewId>> RequestAsync(AttemptId attempt, string requester, CancellationToken cancellationToken)
    {
        await using var db = await store.OpenAsync(cancellationToken);
        var task = await db.Tasks.AsNoTracking().Include(t => t.Repository).Include(t => t.Attempts).SingleOrDefaultAsync(t => t.Attempts.Any(a => a.Id == attempt), cancellationToken);
        var chosen = task?.Attempts.Find(a => a.Id == attempt);
        if (task is null || chosen is null)
        {
            return new CommandResult<CodeReviewId>.NotFound("There is no such attempt.");
        }

        if (chosen.IsActive || task.BaseCommit is not { } from || chosen.Checkpoint is not { } to || string.Equals(from, to, StringComparison.Ordinal))
        {
            return new CommandResult<CodeReviewId>.Refused(chosen.IsActive ? "The attempt is still at work. Review its change when it is done." : "The attempt changed nothing, so there is nothing to review.");
        }

        try
        {
            await commits.ShareAsync(task.Repository, from, to, cancellationToken);
        }
        catch (Exception exception) when (exception is RepositoryException or GitException)
        {
            return new CommandResult<CodeReviewId>.Refused($"The change could not be read: {exception.Message}");
        }

        var target = new ReviewTarget(task.RepositoryId, 0, task.Title, $"{CodeReview.TaskPage}{task.Id}", from, to, HeadBranch: null);
        return await StartAsync(target, new NewTask
        {
            EnvironmentId = task.EnvironmentId,
            Mode = TaskMode.Ask,
            Title = $"Review: {task.Title}",
            Prompt = ReviewPrompts.ReviewTask(task.Title, from, to),
            Branch = task.Branch,
            BaseCommit = to,
        }, requester, ReviewTrigger.Requested, cancellationToken);
    }

    /// <summary>Starts to mend a finding. One that is being mended gives the task that does.</summary>
    /// <param name="author">Who asks, as shown.</param>
    public Task<CommandResult<TaskId>> FixAsync(FindingId id, string author, CancellationToken cancellationToken) => fixes.FixAsync(id, author, note: null, cancellationToken);

    /// <inheritdoc cref="FindingFixes.FixAsync"/>
    public Task<CommandResult<TaskId>> FixAsync(FindingId id, string author, string? note, CancellationToken cancellationToken) => fixes.FixAsync(id, author, note, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _starting.Dispose();

    private async Task<CommandResult<CodeReviewId>> RequestAsync(Repository repository, ReviewedRepository hosted, GitHubPull pull, string requester, ReviewTrigger trigger, CancellationToken cancellationToken)
    {
        var (from, to) = await commits.FetchAsync(repository, pull, cancellationToken);
        if (string.Equals(from, to, StringComparison.Ordinal))
        {
            return new CommandResult<CodeReviewId>.Refused($"Pull request {hosted.Name}#{pull.Number} changes nothing against '{pull.BaseBranch}', so there is nothing to review.");
        }

        var isOwn = GitHubRepositoryName.TryParse(pull.HeadRepository, out var headRepository) && headRepository.Equals(hosted.Name);
        var label = FormattableString.Invariant($"{hosted.Name}#{pull.Number}");
        var target = new ReviewTarget(repository.Id, pull.Number, pull.Title, pull.HtmlUrl, from, to, isOwn && BranchName.IsValid(pull.HeadBranch) ? pull.HeadBranch : null);
        return await StartAsync(target, new NewTask
        {
            RepositoryId = repository.Id,
            Mode = TaskMode.Ask,
            Title = $"Review {label}: {pull.Title}",
            Prompt = ReviewPrompts.Review(hosted.Name, pull, from, to),
            Branch = FormattableString.Invariant($"pull/{pull.Number}"),
            BaseCommit = to,
            Source = new TaskSource(pull.HtmlUrl, label),
        }, requester, trigger, cancellationToken);
    }

    private async Task<CommandResult<CodeReviewId>> StartAsync(ReviewTarget target, NewTask task, string requester, ReviewTrigger trigger, CancellationToken cancellationToken)
    {
        await _starting.WaitAsync(cancellationToken);
        try
        {
            await using var db = await store.OpenAsync(cancellationToken);
            var reviews = await db.CodeReviews.AsNoTracking().Where(r => r.RepositoryId == target.RepositoryId && r.Number == target.Number).ToListAsync(cancellationToken);
            if (reviews.LastOrDefault(r => r.HeadCommit == target.HeadCommit && r.BaseCommit == target.BaseCommit && r.Url == target.Url && r.Status is not (CodeReviewStatus.Failed or CodeReviewStatus.Superseded)) is { } known)
            {
                return new CommandResult<CodeReviewId>.Done(known.Id);
            }

            var id = Id.New<CodeReviewId>(store.Time);
            var floor = await db.Environments.Where(e => task.EnvironmentId == null ? e.RepositoryId == target.RepositoryId : e.Id == task.EnvironmentId)
                .OrderBy(e => e.Id).Select(e => e.ReviewFloor).FirstOrDefaultAsync(cancellationToken);
            var begun = task with
            {
                ReviewId = id,
                StoredWith = (row, made) => row.Add(CodeReview.Begin(id, made.Id, target, trigger, requester, floor, store.Time.GetUtcNow())),
            };
            var created = await tasks.CreateAsync(begun, requester, cancellationToken);
            if (created.Problem() is { } problem)
            {
                return new CommandResult<CodeReviewId>.Refused(problem);
            }

            await SupersedeAsync(target, id, cancellationToken);
            return new CommandResult<CodeReviewId>.Done(id);
        }
        finally
        {
            _starting.Release();
        }
    }

    // Nobody needs the end of a review of a commit that is no longer the newest.
    private async Task SupersedeAsync(ReviewTarget target, CodeReviewId by, CancellationToken cancellationToken)
    {
        await using var db = await store.OpenAsync(cancellationToken);
        var older = await db.CodeReviews
            .Where(r => r.RepositoryId == target.RepositoryId && r.Number == target.Number && r.Url == target.Url && r.Id != by && (r.Status == CodeReviewStatus.Running || r.Status == CodeReviewStatus.Posting))
            .ToListAsync(cancellationToken);
        foreach (var review in older)
        {
            review.Supersede(store.Time.GetUtcNow());
            await store.SaveAsync(db, review.TaskId, cancellationToken);
            foreach (var attempt in await db.Attempts.AsNoTracking().Where(a => a.TaskId == review.TaskId).Select(a => a.Id).ToListAsync(cancellationToken))
            {
                // Refused when it has ended, which is as good.
                await tasks.StopAsync(attempt, cancellationToken);
            }
        }
    }
}

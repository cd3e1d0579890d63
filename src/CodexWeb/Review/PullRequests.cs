using CodexWeb.Data;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.Tasks;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Review;

/// <summary>What a person can do with a task's pull request; page and HTTP interface call the same.</summary>
public sealed class PullRequests(
    TaskStore store,
    PullRequestTargets targets,
    PullRequestProposals proposals,
    PullRequestOpening opening,
    PullRequestSync sync,
    BranchPush push,
    GitHubPulls pulls)
{
    private const int MostRounds = 20;

    private readonly KeyedGate<TaskId> _gates = new();

    /// <inheritdoc cref="PullRequestProposals.ProposeAsync"/>
    public Task<CommandResult<PullRequestProposal>> ProposeAsync(TaskId id, AttemptId? attemptId, string? baseBranch, CancellationToken cancellationToken) =>
        proposals.ProposeAsync(id, attemptId, baseBranch, cancellationToken);

    /// <inheritdoc cref="PullRequestProposals.ChoicesAsync"/>
    public Task<PullRequestChoices> ChoicesAsync(TaskId id, CancellationToken cancellationToken) => proposals.ChoicesAsync(id, cancellationToken);

    /// <summary>
    /// Pushes the work and opens the pull request, or updates the one there is: new commits, and title, text, base and draft only as far as the request names them.
    /// Doing it again changes nothing, a crash in the middle included.
    /// </summary>
    public async Task<CommandResult<PullRequestView>> OpenOrUpdateAsync(TaskId id, PullRequestRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.FindErrors() is { Count: > 0 } errors)
        {
            return new CommandResult<PullRequestView>.Invalid(errors);
        }

        using var turn = await _gates.EnterAsync(id, cancellationToken);
        await using var db = await store.OpenAsync(cancellationToken);
        var task = await db.Tasks.AsNoTracking().Include(t => t.Repository).SingleOrDefaultAsync(t => t.Id == id, cancellationToken);
        if (task is null)
        {
            return new CommandResult<PullRequestView>.NotFound("There is no such task.");
        }

        try
        {
            var found = await targets.FindAsync(task.Repository.Url, cancellationToken);
            if (found is not CommandResult<PullRequestTarget>.Done(var target))
            {
                return new CommandResult<PullRequestView>.Refused(found.Problem()!);
            }

            var known = await db.PullRequests.SingleOrDefaultAsync(p => p.TaskId == id, cancellationToken);
            return known is null
                ? await OpenAsync(db, task, request, target, cancellationToken)
                : await UpdateAsync(db, known, request, target, cancellationToken);
        }
        catch (GitHubException exception)
        {
            return new CommandResult<PullRequestView>.Refused(exception.Message);
        }
    }

    /// <summary>Lets failing checks and review comments become turns by themselves, or ends that.</summary>
    /// <param name="mostRounds">At most so many turns, 1 to 20.</param>
    /// <param name="budget">The task's cost at which it ends; null for none.</param>
    public async Task<CommandResult<Nothing>> SetKeepGreenAsync(TaskId id, bool on, int mostRounds, decimal? budget, CancellationToken cancellationToken)
    {
        if (mostRounds is < 1 or > MostRounds)
        {
            return new CommandResult<Nothing>.Invalid("rounds", $"Choose 1 to {MostRounds} rounds.");
        }

        if (budget is <= 0)
        {
            return new CommandResult<Nothing>.Invalid("budget", "A budget is more than nothing. Leave it out for none.");
        }

        await using var db = await store.OpenAsync(cancellationToken);
        var pull = await db.PullRequests.SingleOrDefaultAsync(p => p.TaskId == id, cancellationToken);
        if (pull is null)
        {
            return new CommandResult<Nothing>.NotFound("The task has no pull request.");
        }

        if (on && !pull.IsOpen)
        {
            return new CommandResult<Nothing>.Refused($"#{pull.Number} is not open any more, so there is nothing to keep green.");
        }

        if (on)
        {
            pull.StartKeepGreen(mostRounds, budget, store.Time.GetUtcNow());
        }
        else
        {
            pull.StopKeepGreen(why: null);
        }

        await store.SaveAsync(db, id, cancellationToken);
        return new CommandResult<Nothing>.Done(default);
    }

    private async Task<CommandResult<PullRequestView>> OpenAsync(CodexDb db, CodexTask task, PullRequestRequest request, PullRequestTarget target, CancellationToken cancellationToken)
    {
        var proposed = await proposals.ProposeAsync(task.Id, request.AttemptId, request.Base, cancellationToken);
        if (proposed is not CommandResult<PullRequestProposal>.Done(var proposal))
        {
            return Failed<PullRequestProposal, PullRequestView>(proposed);
        }

        var title = request.Title?.Trim() ?? proposal.Title;
        var text = await push.ProposeAsync(task.Id, proposal.Attempt, cancellationToken);
        var pushed = await push.PushAsync(task.Id, proposal.Attempt, proposal.Branch, text with { Title = title }, cancellationToken);
        if (pushed is not CommandResult<PushedBranch>.Done(var branch))
        {
            return Failed<PushedBranch, PullRequestView>(pushed);
        }

        var opened = await opening.OpenAsync(target, new NewPull(title, request.Body ?? proposal.Body, branch.Branch, proposal.Base, request.Draft ?? false), cancellationToken);
        if (opened is not CommandResult<(GitHubPull Pull, string? Remark)>.Done(var (pull, remark)))
        {
            return Failed<(GitHubPull Pull, string? Remark), PullRequestView>(opened);
        }

        var row = PullRequest.Opened(task.Id, task.RepositoryId, pull.Number, pull.HtmlUrl, branch.Branch, PullRequestReader.Reading(pull), store.Time.GetUtcNow());
        row.SetRemark(remark);
        db.Add(row);
        // It is open: that it is noted must not depend on whether somebody still waits.
        await store.SaveAsync(db, task.Id, CancellationToken.None);
        return await FinishAsync(db, row, request, target, remark, CancellationToken.None);
    }

    private async Task<CommandResult<PullRequestView>> UpdateAsync(CodexDb db, PullRequest known, PullRequestRequest request, PullRequestTarget target, CancellationToken cancellationToken)
    {
        var pull = await pulls.GetAsync(target.Token, target.Repository, known.Number, cancellationToken);
        if (pull.Merged)
        {
            await sync.RefreshQuietlyAsync(known.TaskId, cancellationToken);
            return new CommandResult<PullRequestView>.Refused($"#{known.Number} was merged meanwhile, so nothing can be added to it. Start a new task from {pull.BaseBranch} for what is left, or push another branch.");
        }

        var pushed = await push.PushAsync(known.TaskId, request.AttemptId, known.HeadBranch, text: null, cancellationToken);
        if (pushed is not CommandResult<PushedBranch>.Done)
        {
            return Failed<PushedBranch, PullRequestView>(pushed);
        }

        var (_, remark) = await opening.ChangeAsync(target, pull, request, cancellationToken);
        return await FinishAsync(db, known, request, target, remark, CancellationToken.None);
    }

    private async Task<CommandResult<PullRequestView>> FinishAsync(CodexDb db, PullRequest row, PullRequestRequest request, PullRequestTarget target, string? remark, CancellationToken cancellationToken)
    {
        var failed = await opening.DecorateAsync(target, row.Number, request, cancellationToken);
        row.SetRemark(string.Join(' ', new[] { remark, failed }.OfType<string>()) is { Length: > 0 } said ? said : null);
        await store.SaveAsync(db, row.TaskId, cancellationToken);
        await sync.RefreshQuietlyAsync(row.TaskId, cancellationToken);
        return (await TaskQueries.PullsAsync(db, [row.TaskId], cancellationToken)).TryGetValue(row.TaskId, out var view)
            ? new CommandResult<PullRequestView>.Done(view)
            : new CommandResult<PullRequestView>.NotFound("The task was deleted meanwhile.");
    }

    private static CommandResult<TTo> Failed<TFrom, TTo>(CommandResult<TFrom> result) => result switch
    {
        CommandResult<TFrom>.Invalid invalid => new CommandResult<TTo>.Invalid(invalid.Errors),
        CommandResult<TFrom>.NotFound missing => new CommandResult<TTo>.NotFound(missing.What),
        CommandResult<TFrom>.Refused refused => new CommandResult<TTo>.Refused(refused.Reason),
        _ => throw new ArgumentException("It was done.", nameof(result)),
    };
}

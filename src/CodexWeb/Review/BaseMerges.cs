using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Tasks;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Review;

/// <summary>How the work stands to the newest commit of a base branch.</summary>
/// <param name="IsBehind">True when the base has commits the work lacks.</param>
/// <param name="Conflicts">Paths that conflict; empty when the two can be merged.</param>
public sealed record BaseState(string Branch, bool IsBehind, IReadOnlyList<string> Conflicts);

/// <summary>Lets the agent merge a newer base into its work, and looks whether it did. Works for every Git host.</summary>
public sealed class BaseMerges(TaskStore store, TaskCommands commands, PullRequestProposals proposals, Merging merging, AttemptChanges changes, Changes diffs, AttemptLog log)
{
    /// <summary>Starts a turn that merges the newest base and resolves the conflicts.</summary>
    /// <param name="attemptId">Null for the attempt that was pushed last, else the only one that changed files.</param>
    /// <param name="baseBranch">Null for the pull request's, else the branch the task started from.</param>
    /// <returns>The turn's number.</returns>
    public Task<CommandResult<int>> ResolveAsync(TaskId id, AttemptId? attemptId, string? baseBranch, CancellationToken cancellationToken) =>
        CompareAsync<int>(id, attemptId, baseBranch, async (attempt, commit, state, token) => state switch
        {
            { IsBehind: false } => new CommandResult<int>.Refused($"The work has all of {state.Branch} already."),
            { Conflicts.Count: 0 } => new CommandResult<int>.Refused($"The work and {state.Branch} can be merged without conflicts, so there is nothing to resolve."),
            _ => await commands.FollowUpAsync(id, attempt.Id, Prompt(state.Branch, commit, state.Conflicts), TurnSources.Conflicts, async (row, chosen) =>
            {
                (await row.Tasks.SingleAsync(t => t.Id == id, CancellationToken.None)).Merge(chosen, commit);
                await row.SaveChangesAsync(CancellationToken.None);
            }, token),
        }, cancellationToken);

    /// <summary>What merging the newest base into an attempt's work would come to, fetched now. Works for every Git host.</summary>
    /// <param name="attemptId">As for <see cref="ResolveAsync"/>.</param>
    /// <param name="baseBranch">As for <see cref="ResolveAsync"/>.</param>
    public Task<CommandResult<BaseState>> PreviewAsync(TaskId id, AttemptId? attemptId, string? baseBranch, CancellationToken cancellationToken) =>
        CompareAsync<BaseState>(id, attemptId, baseBranch, (_, _, state, _) => Task.FromResult<CommandResult<BaseState>>(new CommandResult<BaseState>.Done(state)), cancellationToken);

    /// <summary>Looks at a merge whose turn has ended: notes it when it is whole, else what is missing. Doing it again changes nothing.</summary>
    public async Task SettleAsync(TaskId id, CancellationToken cancellationToken)
    {
        await using var db = await store.OpenAsync(cancellationToken);
        var task = await db.Tasks.Include(t => t.Attempts).Include(t => t.Turns).AsSplitQuery().SingleOrDefaultAsync(t => t.Id == id, cancellationToken);
        if (task is not { MergingCommit: { } other, MergeAttemptId: { } attemptId } || task.Attempts.Find(a => a.Id == attemptId) is not { IsActive: false } attempt)
        {
            return;
        }

        var problem = attempt is { Status: AttemptStatus.Completed, Checkpoint: not null }
            ? await FindProblemAsync(task, attempt, other, cancellationToken)
            : $"The merge was not finished: {attempt.Reason}";
        if (problem is not null)
        {
            task.NotMerged(problem);
            await store.SaveAsync(db, id, cancellationToken);
            return;
        }

        // From now on the change counts from the newer base: the log says so, and the row with it.
        var diff = await diffs.SummariseAsync(task.RepositoryId.ToString(), other, attempt.Checkpoint!, cancellationToken);
        await log.AppendAsync(attemptId, [new AgentEvent.Checkpoint(attempt.Checkpoint!, diff.Files.Count, diff.Added, diff.Removed)], async row =>
        {
            (await row.Tasks.SingleAsync(t => t.Id == id, CancellationToken.None)).Merged();
            await row.SaveChangesAsync(CancellationToken.None);
            await row.Attempts.Where(a => a.Id == attemptId).ExecuteUpdateAsync(
                set => set.SetProperty(a => a.Files, diff.Files.Count).SetProperty(a => a.Added, diff.Added).SetProperty(a => a.Removed, diff.Removed), CancellationToken.None);
        }, cancellationToken);
        store.Signals.TaskChanged(id);
    }

    private async Task<CommandResult<T>> CompareAsync<T>(
        TaskId id, AttemptId? attemptId, string? baseBranch, Func<Attempt, string, BaseState, CancellationToken, Task<CommandResult<T>>> then, CancellationToken cancellationToken)
    {
        await using var db = await store.OpenAsync(cancellationToken);
        var task = await db.Tasks.AsNoTracking().Include(t => t.Repository).Include(t => t.Attempts).AsSplitQuery().SingleOrDefaultAsync(t => t.Id == id, cancellationToken);
        if (task is null)
        {
            return new CommandResult<T>.NotFound("There is no such task.");
        }

        if (PushableAttempts.Choose(task, attemptId, out var attempt) is { } refusal)
        {
            return new CommandResult<T>.Refused(refusal);
        }

        var branch = baseBranch ?? await db.PullRequests.AsNoTracking().Where(p => p.TaskId == id).Select(p => p.BaseBranch).SingleOrDefaultAsync(cancellationToken) ?? task.Branch;
        try
        {
            var (commit, merge) = await proposals.CompareAsync(task, attempt!, branch, cancellationToken);
            return await then(attempt!, commit, new BaseState(branch, !merge.IsMerged, merge.Conflicts), cancellationToken);
        }
        catch (RepositoryException exception)
        {
            return new CommandResult<T>.Refused(exception.Message);
        }
        catch (GitException exception)
        {
            return new CommandResult<T>.Refused($"The merge could not be tried: {exception.Error.Trim()}");
        }
    }

    // The turn that was asked to merge may have had others after it.
    private async Task<string?> FindProblemAsync(CodexTask task, Attempt attempt, string other, CancellationToken cancellationToken)
    {
        var key = task.RepositoryId.ToString();
        var asked = task.Turns.Where(t => t.Source is TurnSources.Conflicts && t.AttemptId == attempt.Id).Max(t => t.Number);
        var range = await changes.RangeAsync(attempt.Id, asked, cancellationToken);
        if (range is not CommandResult<ChangeRange>.Done(var turn))
        {
            return $"The merge could not be looked at: {range.Problem()}";
        }

        try
        {
            if (string.Equals(turn.From, attempt.Checkpoint, StringComparison.Ordinal))
            {
                return "The agent changed nothing, so nothing was merged. Tell it what to do in a follow-up, or try again.";
            }

            var findings = await merging.ExamineAsync(key, turn.From, task.MergedInto(attempt.Id), other, attempt.Checkpoint!, cancellationToken);
            return findings switch
            {
                { IsComplete: true } => null,
                { Unresolved: { Count: > 0 } unresolved } => $"Conflict markers are left in {Names(unresolved)}. Ask for the rest in a follow-up, then resolve again.",
                { Missing: var missing } => $"The merge is not whole: the newer {Names(missing)} {(missing.Count == 1 ? "is" : "are")} missing. Resolve again, or ask for it in a follow-up.",
            };
        }
        catch (Exception exception) when (exception is RepositoryException or GitException)
        {
            return $"The merge could not be looked at: {exception.Message}";
        }
    }

    private static string Names(IReadOnlyList<string> paths) => paths.Count <= 3 ? string.Join(", ", paths) : $"{string.Join(", ", paths.Take(3))} and {paths.Count - 3} more";

    // The checkout's own commits go nowhere: only its files count. So this once the agent may commit.
    private static string Prompt(string branch, string commit, IReadOnlyList<string> conflicts) =>
        $"""
        Merge the newer state of the branch `{branch}` (commit {commit}) into your work and resolve the conflicts. Its objects are in the repository already; nothing has to be fetched.

        For this you may commit in `/workspace`; only the files count in the end:

        1. `git add -A && git commit -m "Work so far"` (when there is something to commit)
        2. `git merge {commit}`
        3. Resolve every conflict so that what both sides wanted still holds. Read the history of both sides where it is not plain. Leave everything else as the merge made it.
        4. See that no conflict marker is left, and run the checks.

        {OutsideText.Quote($"the paths that conflict with {branch}", string.Join('\n', conflicts))}
        """;
}

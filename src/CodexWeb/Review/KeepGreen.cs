using System.Globalization;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.Tasks;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Review;

/// <summary>
/// Keeps a pull request green: failing checks and reviewers' remarks become a turn, and what that turn changed is pushed. Everything it goes by is stored, and a round begins in
/// the transaction that notes it, so that a restart in between neither loses nor doubles one.
/// </summary>
public sealed class KeepGreen(
    TaskStore store, TaskCommands commands, BranchPush push, PullRequestTargets targets, KeepGreenFindings findings, PullRequestSync sync, Changes changes)
{
    private readonly KeyedGate<TaskId> _gates = new();

    /// <summary>Looks at one task and does what is due: pushes a round that ended, begins the next, or stops with a note. Nothing happens where it is switched off.</summary>
    /// <exception cref="GitHubException">GitHub could not be asked; a later look goes on.</exception>
    public async Task ConsiderAsync(TaskId id, CancellationToken cancellationToken)
    {
        using var turn = await _gates.EnterAsync(id, cancellationToken);
        await using var db = await store.OpenAsync(cancellationToken);
        var pull = await db.PullRequests.SingleOrDefaultAsync(p => p.TaskId == id && p.KeepGreen, cancellationToken);
        var task = await db.Tasks.AsNoTracking().Include(t => t.Repository).Include(t => t.Attempts).Include(t => t.Turns).AsSplitQuery().SingleOrDefaultAsync(t => t.Id == id, cancellationToken);
        if (pull is null || task?.Attempts.Find(a => a.Id == task.PushedAttemptId) is not { IsActive: false } attempt)
        {
            return;
        }

        if (!pull.IsOpen)
        {
            await StopAsync(db, pull, pull.State is PullRequestState.Merged ? "It was merged." : "It was closed.", cancellationToken);
            return;
        }

        var unpushed = !string.Equals(attempt.Checkpoint, task.PushedCheckpoint, StringComparison.Ordinal);
        var own = task.Turns.Find(t => t.Number == attempt.TurnNumber)?.Source is TurnSources.KeepGreen;
        if (own && attempt.Status is not AttemptStatus.Completed)
        {
            await StopAsync(db, pull, $"Round {pull.KeepGreenRounds} ended without a result: {attempt.Reason}", cancellationToken);
        }
        else if (own && unpushed)
        {
            await PushAsync(db, pull, task, attempt, cancellationToken);
        }
        else if (!unpushed && task.MergingCommit is null && string.Equals(pull.HeadCommit, task.PushedCommit, StringComparison.Ordinal))
        {
            await BeginAsync(db, pull, task, attempt, own, cancellationToken);
        }
    }

    private async Task PushAsync(CodexDb db, PullRequest pull, CodexTask task, Attempt attempt, CancellationToken cancellationToken)
    {
        var change = await changes.SummariseAsync(task.Repository.Key, task.PushedCheckpoint!, attempt.Checkpoint!, cancellationToken);
        if (change.Files.FirstOrDefault(IsWorkflow) is { } workflow)
        {
            await StopAsync(db, pull, $"Round {pull.KeepGreenRounds} changed {workflow.Path}, which runs with the repository's secrets. Look at it, then push it yourself.", cancellationToken);
            return;
        }

        var pushed = await push.PushAsync(task.Id, attempt.Id, pull.HeadBranch, text: null, cancellationToken);
        if (pushed is not CommandResult<PushedBranch>.Done(var branch))
        {
            await StopAsync(db, pull, $"Round {pull.KeepGreenRounds} could not be pushed: {pushed.Problem()}", cancellationToken);
            return;
        }

        pull.NoteKeepGreen(string.Create(CultureInfo.InvariantCulture, $"Round {pull.KeepGreenRounds} of {pull.KeepGreenMostRounds} was pushed as {branch.Commit[..10]}."));
        await store.SaveAsync(db, task.Id, cancellationToken);
        await sync.RefreshQuietlyAsync(task.Id, cancellationToken);
    }

    private async Task BeginAsync(CodexDb db, PullRequest pull, CodexTask task, Attempt attempt, bool afterOwn, CancellationToken cancellationToken)
    {
        var checks = PullRequestChecklist.Read(pull.CheckList);
        var failed = pull.Checks is ChecksState.Failed && !checks.Any(check => check.State is CheckStates.Pending);
        var handled = string.Equals(pull.HandledCommit, pull.HeadCommit, StringComparison.Ordinal);
        if (await targets.FindAsync(task.Repository.Url, cancellationToken) is not CommandResult<PullRequestTarget>.Done(var target))
        {
            // Reading it says so in the row, and what to do.
            return;
        }

        var work = await findings.ReadAsync(target, pull, failed && !handled, pull.HandledCommentsUntil, cancellationToken);
        if (work is { Checks: 0, Comments: 0 })
        {
            if (afterOwn && failed && handled)
            {
                await StopAsync(db, pull, $"Round {pull.KeepGreenRounds} changed nothing, and the checks still fail.", cancellationToken);
            }

            return;
        }

        if (Exhausted(pull, task) is { } why)
        {
            await StopAsync(db, pull, why, cancellationToken);
            return;
        }

        var head = failed && !handled ? pull.HeadCommit : pull.HandledCommit;
        var note = Note(pull, work);
        var begun = await commands.FollowUpAsync(task.Id, attempt.Id, Prompt(pull, target.Repository, work), TurnSources.KeepGreen, async (row, _) =>
        {
            var stored = await row.PullRequests.SingleAsync(p => p.TaskId == task.Id, CancellationToken.None);
            if (!stored.KeepGreen || stored.KeepGreenRounds != pull.KeepGreenRounds)
            {
                throw new InvalidOperationException("Switched off, or begun already.");
            }

            stored.BeginRound(head, work.CommentsUntil, note);
            await row.SaveChangesAsync(CancellationToken.None);
        }, cancellationToken);
        if (begun is CommandResult<int>.Invalid invalid)
        {
            await StopAsync(db, pull, $"The round could not begin: {string.Join(' ', invalid.Errors.Values)}", cancellationToken);
        }
    }

    private async Task StopAsync(CodexDb db, PullRequest pull, string why, CancellationToken cancellationToken)
    {
        pull.StopKeepGreen(why);
        await store.SaveAsync(db, pull.TaskId, cancellationToken);
    }

    private static bool IsWorkflow(FileDiff file) =>
        file.Path.StartsWith(PullRequestProposals.Workflows, StringComparison.OrdinalIgnoreCase) || file.OldPath?.StartsWith(PullRequestProposals.Workflows, StringComparison.OrdinalIgnoreCase) is true;

    private static string? Exhausted(PullRequest pull, CodexTask task) =>
        pull.KeepGreenRounds >= pull.KeepGreenMostRounds ? $"It had its {pull.KeepGreenMostRounds} rounds, and there is still something to do. Look at it, or switch it on again."
        : pull.KeepGreenBudget is { } budget && task.Attempts.Sum(a => a.Cost ?? 0) >= budget ? string.Create(CultureInfo.InvariantCulture, $"The task has cost {budget:0.00}, its budget, and there is still something to do.")
        : null;

    private static string Note(PullRequest pull, KeepGreenWork work)
    {
        string[] parts = [work.Checks > 0 ? Count(work.Checks, "failed check") : "", work.Comments > 0 ? Count(work.Comments, "remark") : ""];
        return string.Create(CultureInfo.InvariantCulture, $"Round {pull.KeepGreenRounds + 1} of {pull.KeepGreenMostRounds} works on {string.Join(" and ", parts.Where(part => part.Length > 0))}.");
    }

    private static string Count(int count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    private static string Prompt(PullRequest pull, GitHubRepositoryName repository, KeepGreenWork work) =>
        $"""
        Your work is pull request #{pull.Number} of {repository}. {(work.Checks > 0 ? "Checks fail there that do not fail on its base." : "Reviewers have remarks.")} What its checks and reviewers say is quoted below.

        - Find the cause of each failure and mend it with the smallest change; run the same check here where it can be run.
        - Do what a remark asks for where it is about this change and makes it better; else say why not.
        - What this change did not cause, and what cannot be mended in the repository, you report and leave alone.
        - Leave `.github/workflows/` as it is.

        {work.Quotes}
        """;
}

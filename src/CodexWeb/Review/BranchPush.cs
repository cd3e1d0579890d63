using CodexWeb.Agent.Workspaces;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.GitHosts;
using CodexWeb.Tasks;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Review;

/// <summary>A branch as it was pushed.</summary>
/// <param name="Commit">Its newest commit.</param>
public sealed record PushedBranch(string Branch, string Commit);

/// <summary>The text of a commit.</summary>
/// <param name="Title">One line.</param>
/// <param name="Body">Markdown; may be empty.</param>
public sealed record CommitText(string Title, string Body);

/// <summary>Takes a task's work out of the server: one clean commit on its branch, and the branch to the origin. Later pushes add a commit to the same branch.</summary>
public sealed class BranchPush(TaskStore store, AttemptChanges changes, AttemptFindings findings, BranchCommits commits, RepositoryHosts hosts)
{
    /// <summary>What every pushed branch's name begins with.</summary>
    public const string BranchPrefix = "codexweb/";

    private const int LongestTitle = 200;
    private const int LongestBody = 60_000;

    /// <summary>Pushes an attempt's work.</summary>
    /// <param name="attemptId">Null for the attempt that was pushed last, else the only one that changed files.</param>
    /// <param name="branch">Null for the branch pushed last, else the task's own.</param>
    /// <param name="text">Null for the text <see cref="ProposeAsync"/> gives.</param>
    public async Task<CommandResult<PushedBranch>> PushAsync(TaskId id, AttemptId? attemptId, string? branch, CommitText? text, CancellationToken cancellationToken)
    {
        await using var db = await store.OpenAsync(cancellationToken);
        var task = await db.Tasks.Include(t => t.Repository).Include(t => t.Attempts).Include(t => t.Turns).AsSplitQuery().SingleOrDefaultAsync(t => t.Id == id, cancellationToken);
        if (task is null)
        {
            return new CommandResult<PushedBranch>.NotFound("There is no such task.");
        }

        if (PushableAttempts.Choose(task, attemptId, out var attempt) is { } refusal)
        {
            return new CommandResult<PushedBranch>.Refused(refusal);
        }

        var name = (branch ?? task.PushedBranch ?? task.WorkBranch).Trim();
        if (Check(name, text) is { } invalid)
        {
            return invalid;
        }

        var range = await changes.RangeAsync(attempt!.Id, turn: null, cancellationToken);
        if (range is not CommandResult<ChangeRange>.Done { Value: var commitRange } || string.Equals(commitRange.From, commitRange.To, StringComparison.Ordinal))
        {
            return new CommandResult<PushedBranch>.Refused("The attempt changed nothing, so there is nothing to push.");
        }

        text ??= await WriteTextAsync(task, attempt, cancellationToken);
        var message = text.Body.Trim().Length == 0 ? text.Title.Trim() : $"{text.Title.Trim()}\n\n{text.Body.Trim()}";
        try
        {
            var commit = await SendAsync(task, attempt, commitRange, name, message, cancellationToken);
            if (string.Equals(commit, commitRange.From, StringComparison.Ordinal))
            {
                return new CommandResult<PushedBranch>.Refused("The files are as they were before the task, so there is nothing to push.");
            }

            task.Pushed(attempt.Id, name, commit, commitRange.To, store.Time.GetUtcNow());
            // The branch is out: that it is noted must not depend on whether somebody still waits.
            await store.SaveAsync(db, id, CancellationToken.None);
            return new CommandResult<PushedBranch>.Done(new PushedBranch(name, commit));
        }
        catch (RepositoryException exception)
        {
            return new CommandResult<PushedBranch>.Refused(exception.Message);
        }
        catch (GitException exception)
        {
            return new CommandResult<PushedBranch>.Refused($"The commit could not be made: {exception.Error.Trim()} Download the patch, or start the task again.");
        }
    }

    // On the same branch a later push adds to the earlier one; another branch begins at the base again.
    private async Task<string> SendAsync(CodexTask task, Attempt attempt, ChangeRange range, string branch, string message, CancellationToken cancellationToken)
    {
        var parent = BranchCommits.ParentOf(task, range, branch);
        var commit = await commits.MakeAsync(task, attempt.Id, range, parent, message, cancellationToken);
        if (string.Equals(commit, range.From, StringComparison.Ordinal))
        {
            return commit;
        }

        try
        {
            await hosts.For(task.Repository.Url).PushAsync(range.RepositoryKey, task.Repository.Url, commit, branch, cancellationToken);
            return commit;
        }
        catch (RepositoryException) when (!cancellationToken.IsCancellationRequested)
        {
            if (await commits.FindUnnotedAsync(task, range, parent, branch, cancellationToken) is not { } unnoted)
            {
                throw;
            }

            commit = await commits.MakeAsync(task, attempt.Id, range, unnoted, message, cancellationToken);
            await hosts.For(task.Repository.Url).PushAsync(range.RepositoryKey, task.Repository.Url, commit, branch, cancellationToken);
            return commit;
        }
    }

    /// <summary>The text for the commit of an attempt's whole change, from the task, the end report, the files and the evidence.</summary>
    public async Task<CommitText> ProposeAsync(TaskId id, AttemptId? attemptId, CancellationToken cancellationToken)
    {
        await using var db = await store.OpenAsync(cancellationToken);
        var task = await db.Tasks.AsNoTracking().Include(t => t.Attempts).Include(t => t.Turns).AsSplitQuery().SingleOrDefaultAsync(t => t.Id == id, cancellationToken);
        return task is null || PushableAttempts.Choose(task, attemptId, out var attempt) is not null
            ? new CommitText(task?.Title ?? "", "")
            : await WriteTextAsync(task, attempt!, cancellationToken);
    }

    private async Task<CommitText> WriteTextAsync(CodexTask task, Attempt attempt, CancellationToken cancellationToken) => CommitTexts.Write(
        task.PushedCommit is null ? task.Title : CommitTexts.TitleOf(task, attempt.TurnNumber),
        await findings.AnswerAsync(attempt.Id, static _ => null, cancellationToken),
        await changes.SummariseAsync(attempt.Id, turn: null, cancellationToken),
        attempt.EvidenceLine);

    private static CommandResult<PushedBranch>.Invalid? Check(string branch, CommitText? text) =>
        !branch.StartsWith(BranchPrefix, StringComparison.Ordinal) || branch.Length == BranchPrefix.Length
            ? new CommandResult<PushedBranch>.Invalid("branch", $"The name begins with '{BranchPrefix}' and goes on, for example '{BranchPrefix}rate-limit'.")
        : text is not null && string.IsNullOrWhiteSpace(text.Title) ? new CommandResult<PushedBranch>.Invalid("title", "Give the commit a title.")
        : text is { Title.Length: > LongestTitle } || text?.Title.Contains('\n', StringComparison.Ordinal) is true ? new CommandResult<PushedBranch>.Invalid("title", $"The title is one line of at most {LongestTitle} characters.")
        : text is { Body.Length: > LongestBody } ? new CommandResult<PushedBranch>.Invalid("body", "The message may have 60,000 characters at most.")
        : null;
}

using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Data;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Attempts;

/// <summary>What an attempt changed: from which commit to which.</summary>
/// <param name="RepositoryKey">The repository's name in the mirror.</param>
/// <param name="From">The base of the branch, the newer commit of it that was merged into the work, or where the turn began.</param>
/// <param name="To">The last checkpoint, or the turn's last.</param>
public sealed record ChangeRange(RepositoryId Repository, string RepositoryKey, string From, string To);

/// <summary>Reads what an attempt changed. It works when the workspace is gone: the mirror has every checkpoint.</summary>
public sealed class AttemptChanges(IDbContextFactory<CodexDb> databases, AttemptLog log, Changes changes)
{
    /// <summary>The commits the diff lies between. <see cref="ChangeRange.From"/> and <see cref="ChangeRange.To"/> are the same when nothing was changed.</summary>
    /// <param name="turn">Null for the whole branch, else one turn's change.</param>
    public async Task<CommandResult<ChangeRange>> RangeAsync(AttemptId id, int? turn, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var attempt = await (
            from a in db.Attempts.AsNoTracking()
            where a.Id == id
            join t in db.Tasks on a.TaskId equals t.Id
            select new { t.RepositoryId, t.BaseCommit, MergedCommit = t.MergeAttemptId == id ? t.MergedCommit : null, a.Checkpoint }).SingleOrDefaultAsync(cancellationToken);
        if (attempt is null)
        {
            return new CommandResult<ChangeRange>.NotFound("There is no such attempt.");
        }

        if (attempt.BaseCommit is null)
        {
            return new CommandResult<ChangeRange>.Refused("The attempt has no workspace yet, so there is no diff. Ask again when it works.");
        }

        var key = attempt.RepositoryId.ToString();
        if (turn is not { } number)
        {
            // An attempt that changed nothing has nothing merged either.
            var begin = attempt.Checkpoint is null ? attempt.BaseCommit : attempt.MergedCommit ?? attempt.BaseCommit;
            return new CommandResult<ChangeRange>.Done(new ChangeRange(attempt.RepositoryId, key, begin, attempt.Checkpoint ?? begin));
        }

        return await TurnAsync(id, number, attempt.BaseCommit, cancellationToken) is var (from, to)
            ? new CommandResult<ChangeRange>.Done(new ChangeRange(attempt.RepositoryId, key, from, to))
            : new CommandResult<ChangeRange>.NotFound("The attempt has not run that turn.");
    }

    /// <summary>From the files of one attempt to those of another one of the same task.</summary>
    public async Task<CommandResult<ChangeRange>> BetweenAsync(AttemptId one, AttemptId other, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var attempts = await (
            from a in db.Attempts.AsNoTracking()
            where a.Id == one || a.Id == other
            join t in db.Tasks on a.TaskId equals t.Id
            select new { a.Id, a.TaskId, t.RepositoryId, Commit = a.Checkpoint ?? t.BaseCommit }).ToListAsync(cancellationToken);
        if (attempts.Find(a => a.Id == one) is not { } before || attempts.Find(a => a.Id == other) is not { } after)
        {
            return new CommandResult<ChangeRange>.NotFound("There is no such attempt.");
        }

        return before.TaskId != after.TaskId ? new CommandResult<ChangeRange>.Refused("The two attempts are not of one task. Only attempts at the same task can be compared.")
            : before.Commit is { } begin && after.Commit is { } end ? new CommandResult<ChangeRange>.Done(new ChangeRange(before.RepositoryId, before.RepositoryId.ToString(), begin, end))
            : new CommandResult<ChangeRange>.Refused("The attempts have no workspace yet, so there is nothing to compare. Ask again when they work.");
    }

    /// <summary>Writes what lies between two commits as a unified Git diff, binary files included; nothing when they are the same.</summary>
    /// <exception cref="RepositoryException">The server has no copy of the repository any more.</exception>
    /// <exception cref="GitException">A commit is not there.</exception>
    public Task WriteAsync(ChangeRange range, Stream to, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(range);
        return string.Equals(range.From, range.To, StringComparison.Ordinal) ? Task.CompletedTask : changes.WritePatchAsync(range.RepositoryKey, range.From, range.To, to, cancellationToken);
    }

    /// <summary>Writes the unified Git diff, binary files included.</summary>
    /// <returns>The range written, or why there is none.</returns>
    public async Task<CommandResult<ChangeRange>> WriteDiffAsync(AttemptId id, int? turn, Stream to, CancellationToken cancellationToken)
    {
        var range = await RangeAsync(id, turn, cancellationToken);
        if (range is CommandResult<ChangeRange>.Done { Value: var done })
        {
            await WriteAsync(done, to, cancellationToken);
        }

        return range;
    }

    /// <summary>Files with their numbers of lines; null when there is no such attempt or nothing was changed.</summary>
    public async Task<DiffSummary?> SummariseAsync(AttemptId id, int? turn, CancellationToken cancellationToken) =>
        await RangeAsync(id, turn, cancellationToken) is CommandResult<ChangeRange>.Done { Value: var range } && !string.Equals(range.From, range.To, StringComparison.Ordinal)
            ? await changes.SummariseAsync(range.RepositoryKey, range.From, range.To, cancellationToken)
            : null;

    /// <summary>The turns that changed files after a checkpoint, each with its last one, in order. Empty when the log does not have that checkpoint.</summary>
    public async Task<IReadOnlyList<(int Turn, string Checkpoint)>> TurnsSinceAsync(AttemptId id, string checkpoint, CancellationToken cancellationToken)
    {
        var (turn, found) = (0, false);
        var since = new List<(int Turn, string Checkpoint)>();
        await foreach (var logged in log.ReadAllAsync(id, cancellationToken))
        {
            if (logged.Event is AgentEvent.TurnStarted started)
            {
                turn = started.Turn;
            }
            else if (logged.Event is AgentEvent.Checkpoint saved)
            {
                if (string.Equals(saved.Commit, checkpoint, StringComparison.Ordinal))
                {
                    found = true;
                    since.Clear();
                    continue;
                }

                since.RemoveAll(known => known.Turn == turn);
                since.Add((turn, saved.Commit));
            }
        }

        return found ? since : [];
    }

    private async Task<(string From, string To)?> TurnAsync(AttemptId id, int turn, string baseCommit, CancellationToken cancellationToken)
    {
        (string From, string To)? range = null;
        var (current, last) = (0, baseCommit);
        await foreach (var logged in log.ReadAllAsync(id, cancellationToken))
        {
            switch (logged.Event)
            {
                case AgentEvent.TurnStarted started:
                    current = started.Turn;
                    range = current == turn && range is null ? (last, last) : range;
                    break;
                case AgentEvent.Checkpoint checkpoint:
                    last = checkpoint.Commit;
                    range = current == turn ? (range!.Value.From, last) : range;
                    break;
                default:
                    break;
            }
        }

        return range;
    }
}

using System.Globalization;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Attempts;
using CodexWeb.Data;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Tasks;

/// <summary>
/// Takes an attempt's files back to how they were after one of its steps. Nothing is lost: it makes another checkpoint, and rewinding to a step before it takes the rewind back.
/// </summary>
public sealed class Rewinds(TaskStore store, AttemptLog log, CheckpointStore checkpoints, Changes changes, WorkspaceStore workspaces, AttemptFindings findings)
{
    /// <summary>Rewinds the files of an attempt at rest; ignored files go with its workspace.</summary>
    /// <param name="seq">An event of its log: the files become those of the last step that had ended by then.</param>
    /// <returns>The number of the log's last event before: rewinding to it takes this back.</returns>
    public async Task<CommandResult<long>> RewindAsync(AttemptId id, long seq, CancellationToken cancellationToken)
    {
        await using var db = await store.OpenAsync(cancellationToken);
        var attempt = await db.Attempts.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, cancellationToken);
        if (attempt is null)
        {
            return new CommandResult<long>.NotFound("There is no such attempt.");
        }

        var task = await db.Tasks.AsNoTracking().Include(t => t.Turns).SingleAsync(t => t.Id == attempt.TaskId, cancellationToken);
        var events = await log.AllAsync(id, cancellationToken);
        var now = task.MergedInto(id) ?? task.BaseCommit;
        if (task.Mode is TaskMode.Ask || attempt.IsActive || now is null || attempt.Checkpoint is null)
        {
            return new CommandResult<long>.Refused(
                task.Mode is TaskMode.Ask ? "This task only asks: it changes no files."
                : attempt.IsActive ? "The attempt is at work. Rewind its files when it has ended, or stop it first."
                : "The attempt has changed nothing, so there is nothing to rewind.");
        }

        if (seq < 1 || seq > events[^1].Seq || StepBoundary.At(events, seq) is not { } boundary)
        {
            return new CommandResult<long>.Invalid("seq", "seq must be the number of an event of the attempt's log, after its first step.");
        }

        if (!string.Equals(Merges.BaseAt(task, id, boundary, events), now, StringComparison.Ordinal))
        {
            return new CommandResult<long>.Refused("A newer base was merged after that step, and files cannot be rewound past the merge. Fork from that step instead.");
        }

        try
        {
            return await RewindAsync(task, attempt, boundary, now, events, cancellationToken);
        }
        catch (Exception exception) when (exception is RepositoryException or GitException)
        {
            return new CommandResult<long>.Refused($"The files of that step could not be taken up: {exception.Message}");
        }
    }

    private async Task<CommandResult<long>> RewindAsync(CodexTask task, Attempt attempt, StepBoundary boundary, string begin, IReadOnlyList<LoggedEvent> events, CancellationToken cancellationToken)
    {
        var (key, name) = (task.RepositoryId.ToString(), attempt.Id.ToString());
        var restored = await checkpoints.RestoreAsync(key, name, boundary.Files?.Commit ?? begin, attempt.Checkpoint!, $"Rewound to event {boundary.Seq.ToString(CultureInfo.InvariantCulture)}", cancellationToken);
        if (restored is null)
        {
            return new CommandResult<long>.Refused("The files are already as they were after that step.");
        }

        var summary = await changes.SummariseAsync(key, begin, restored, cancellationToken);
        var saved = new AgentEvent.Checkpoint(restored, summary.Files.Count, summary.Added, summary.Removed);
        string? aside = null;
        try
        {
            await log.AppendAsync(attempt.Id, Told(events, saved), async row => aside = await TakeAsync(row, attempt.Id, saved), cancellationToken);
        }
        catch (InvalidOperationException exception)
        {
            return new CommandResult<long>.Refused(exception.Message);
        }

        if (aside is not null)
        {
            await workspaces.RemoveAsync(aside, CancellationToken.None);
        }

        await ProveAsync(task.Id, attempt.Id, cancellationToken);
        return new CommandResult<long>.Done(events[^1].Seq);
    }

    // While the writers' turn is held the attempt cannot begin to work, so its workspace may go; the next turn makes it anew from the checkpoint.
    private async Task<string?> TakeAsync(CodexDb row, AttemptId id, AgentEvent.Checkpoint saved)
    {
        if (await row.Attempts.AsNoTracking().Where(a => a.Id == id).Select(a => a.Status).SingleAsync() is AttemptStatus.Queued or AttemptStatus.Preparing or AttemptStatus.Running or AttemptStatus.WaitingForApproval)
        {
            throw new InvalidOperationException("The attempt has just begun to work. Rewind its files when it has ended.");
        }

        var now = store.Time.GetUtcNow();
        await row.Attempts.Where(a => a.Id == id).ExecuteUpdateAsync(set => set
            .SetProperty(a => a.Checkpoint, saved.Commit).SetProperty(a => a.Files, saved.Files).SetProperty(a => a.Added, saved.Added).SetProperty(a => a.Removed, saved.Removed));
        await row.Tasks.Where(t => t.Attempts.Any(a => a.Id == id)).ExecuteUpdateAsync(set => set.SetProperty(t => t.UpdatedAt, now));
        try
        {
            return workspaces.SetAside(id.ToString());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"The workspace could not be put aside: {exception.Message}", exception);
        }
    }

    private static AgentEvent[] Told(IReadOnlyList<LoggedEvent> events, AgentEvent.Checkpoint saved)
    {
        const string Note =
            "The person rewound the files to how they were after an earlier step: what was done to files since then is undone, although the conversation still tells of it. "
            + "Programs that were running are gone, and so are files that Git ignores. Read the files before you go on.";
        var files = saved.Files switch
        {
            0 => "nothing is changed against the base now",
            1 => "1 file differs from the base now",
            var many => string.Create(CultureInfo.InvariantCulture, $"{many} files differ from the base now"),
        };
        return
        [
            new AgentEvent.ItemCompleted(new Item.Notice(ItemIds.After(events.Select(logged => logged.Event)).Next(), "rewind", $"The files were rewound to an earlier step: {files}.")),
            new AgentEvent.HistoryAppended([new ConversationEntry.User(Note, FromServer: true)]),
            saved,
        ];
    }

    // What the checks proved, they proved of other files.
    private async Task ProveAsync(TaskId task, AttemptId id, CancellationToken cancellationToken)
    {
        var line = (await findings.EvidenceAsync(id, cancellationToken))?.Line;
        await using var db = await store.OpenAsync(cancellationToken);
        using (await store.EnterAsync(cancellationToken))
        {
            await db.Attempts.Where(a => a.Id == id).ExecuteUpdateAsync(set => set.SetProperty(a => a.EvidenceLine, line), cancellationToken);
        }

        store.Signals.TaskChanged(task);
    }
}

using System.Globalization;
using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Models;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Tasks;

/// <summary>Reads tasks for page, hub and HTTP interface.</summary>
public sealed class TaskQueries(IDbContextFactory<CodexDb> databases, QueuePlaces places, ModelCatalog models)
{
    /// <summary>The largest page.</summary>
    public const int LargestPage = 200;

    /// <summary>Tasks, last changed first.</summary>
    /// <param name="limit">1 to <see cref="LargestPage"/>; what lies outside is moved to the border.</param>
    /// <param name="cursor">From the page before; null for the first. A malformed one gives the first page: see <see cref="IsCursor"/>.</param>
    public async Task<Page<TaskRow>> ListAsync(TaskFilter filter, int limit, string? cursor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        limit = Math.Clamp(limit, 1, LargestPage);
        var found = await Facts(OnePage(db, filter, limit, cursor)).ToListAsync(cancellationToken);
        var queue = await places.ReadAsync(cancellationToken);
        var pulls = await PullsAsync(db, [.. found.Select(task => task.Id)], cancellationToken);
        return Cut(found, limit, static task => new ListCursor(task.UpdatedAt, task.Id), task => TaskFacts.ToRow(task, queue, pulls.GetValueOrDefault(task.Id)));
    }

    /// <summary>The same tasks as <see cref="ListAsync"/> gives, with all of each but its logs.</summary>
    public async Task<Page<TaskDetails>> ListDetailsAsync(TaskFilter filter, int limit, string? cursor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        limit = Math.Clamp(limit, 1, LargestPage);
        var found = await Whole(OnePage(db, filter, limit, cursor)).ToListAsync(cancellationToken);
        var queue = await places.ReadAsync(cancellationToken);
        var pulls = await PullsAsync(db, [.. found.Select(task => task.Id)], cancellationToken);
        var origins = await OriginsAsync(db, found, cancellationToken);
        return Cut(found, limit, static task => new ListCursor(task.UpdatedAt, task.Id), task => Details(task, queue, pulls.GetValueOrDefault(task.Id)) with { ForkedFrom = origins.GetValueOrDefault(task.Id) });
    }

    /// <summary>True for what <see cref="Page{T}.NextCursor"/> of a list of tasks can be.</summary>
    public static bool IsCursor(string text) => ListCursor.Parse(text) is not null;

    /// <summary>One task's row; null when there is none.</summary>
    public async Task<TaskRow?> RowAsync(TaskId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var task = await Facts(db.Tasks.AsNoTracking().Where(t => t.Id == id)).SingleOrDefaultAsync(cancellationToken);
        return task is null ? null : TaskFacts.ToRow(task, await places.ReadAsync(cancellationToken), (await PullsAsync(db, [id], cancellationToken)).GetValueOrDefault(id));
    }

    /// <summary>All of one task but its logs; null when there is none.</summary>
    public async Task<TaskDetails?> DetailsAsync(TaskId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var task = await Whole(db.Tasks.Where(t => t.Id == id)).SingleOrDefaultAsync(cancellationToken);
        return task is null ? null : Details(task, await places.ReadAsync(cancellationToken), (await PullsAsync(db, [id], cancellationToken)).GetValueOrDefault(id)) with
        {
            ForkedFrom = (await OriginsAsync(db, [task], cancellationToken)).GetValueOrDefault(id),
        };
    }

    /// <summary>The task of an attempt; null when there is no such attempt.</summary>
    public async Task<TaskId?> TaskOfAsync(AttemptId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Attempts.AsNoTracking().Where(a => a.Id == id).Select(a => (TaskId?)a.TaskId).SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>The messages that wait for an attempt's next step, in order.</summary>
    public async Task<IReadOnlyList<QueuedMessageView>> QueuedMessagesAsync(AttemptId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.QueuedMessages.AsNoTracking().Where(m => m.AttemptId == id).OrderBy(m => m.Position)
            .Select(m => new QueuedMessageView(m.Id, m.Text, m.Attachments.Count)).ToListAsync(cancellationToken);
    }

    private TaskDetails Details(CodexTask task, IReadOnlyDictionary<AttemptId, int> queue, PullRequestView? pull)
    {
        var row = TaskFacts.ToRow(TaskFacts.Of(task), queue, pull);
        return new TaskDetails(
            task.Id,
            task.Title,
            task.Mode,
            row.State,
            row.NextStep,
            task.RepositoryId,
            task.Repository.Name,
            task.Repository.Url,
            task.Branch,
            task.WorkBranch,
            task.BaseCommit,
            task.ReasoningEffort,
            task.Author,
            task.CreatedAt,
            task.Archived,
            task.PushedBranch,
            task.PushedCommit,
            task.PushedAttemptId,
            task.PushedCheckpoint,
            row.Source,
            task.MergedCommit,
            task.MergingCommit,
            task.MergeProblem,
            pull,
            [.. task.Turns.OrderBy(t => t.Number).Select(t => new TurnDetails(t.Number, t.AttemptId, t.Prompt, t.Source, t.CreatedAt))],
            [.. task.Attempts.OrderBy(a => a.Number).Select(a => Details(a, queue))])
        {
            ChosenAttemptId = task.ChosenAttemptId,
            Approval = task.Approval,
            Budget = new BudgetUse(task.BudgetMinutes, task.BudgetCost, TimeSpan.FromMilliseconds(task.Attempts.Sum(a => a.WorkedMs)), task.Attempts.Sum(a => a.Cost ?? 0)),
        };
    }

    private AttemptDetails Details(Attempt attempt, IReadOnlyDictionary<AttemptId, int> queue)
    {
        var model = models.Find(attempt.Model);
        return new AttemptDetails(
            attempt.Id,
            attempt.Number,
            attempt.Status,
            attempt.Reason,
            attempt.Phase,
            attempt.Activity,
            queue.TryGetValue(attempt.Id, out var place) ? place : null,
            attempt.TurnNumber,
            attempt.Model,
            model?.Label ?? attempt.Model,
            model?.Demo ?? false,
            attempt.Files,
            attempt.Added,
            attempt.Removed,
            new TokenUsage(attempt.InputTokens, attempt.CachedInputTokens, attempt.OutputTokens, 0),
            attempt.Cost,
            attempt.Checkpoint,
            attempt.EvidenceLine,
            attempt.StopRequested,
            attempt.QueuedAt,
            attempt.StartedAt,
            attempt.EndedAt)
        {
            ContextPercent = attempt.ContextPercent,
            CompactRequested = attempt.CompactRequested,
            Worked = TimeSpan.FromMilliseconds(attempt.WorkedMs),
        };
    }

    // Where forked tasks come from, by task.
    private static async Task<Dictionary<TaskId, ForkOrigin>> OriginsAsync(CodexDb db, IReadOnlyList<CodexTask> tasks, CancellationToken cancellationToken)
    {
        var forked = tasks.Where(t => t.ForkedFromAttemptId is not null).ToDictionary(t => t.Id, t => (Attempt: t.ForkedFromAttemptId!.Value, Seq: t.ForkedFromSeq ?? 0));
        if (forked.Count == 0)
        {
            return [];
        }

        var attempts = forked.Values.Select(from => from.Attempt).Distinct().ToList();
        var origins = await (
            from a in db.Attempts.AsNoTracking()
            where attempts.Contains(a.Id)
            join t in db.Tasks on a.TaskId equals t.Id
            select new { a.Id, a.TaskId, t.Title, a.Number }).ToDictionaryAsync(a => a.Id, cancellationToken);
        return forked.ToDictionary(
            fork => fork.Key,
            fork => origins.TryGetValue(fork.Value.Attempt, out var origin)
                ? new ForkOrigin(fork.Value.Attempt, fork.Value.Seq, origin.TaskId, origin.Title, origin.Number)
                : new ForkOrigin(fork.Value.Attempt, fork.Value.Seq, null, null, null));
    }

    /// <summary>The pull requests of tasks, by task.</summary>
    internal static Task<Dictionary<TaskId, PullRequestView>> PullsAsync(CodexDb db, List<TaskId> tasks, CancellationToken cancellationToken) => db.PullRequests.AsNoTracking()
        .Where(p => tasks.Contains(p.TaskId))
        .Select(p => new
        {
            p.TaskId,
            View = new PullRequestView(
                p.Number, p.Url, p.Title, p.State, p.BaseBranch, p.HeadBranch, p.HeadCommit, p.Mergeable, p.Checks, p.CheckList, p.Review, p.OpenedAt, p.MergedAt, p.ClosedAt, p.RevertedAt != null, p.RevertedBy,
                p.KeepGreen, p.KeepGreenRounds, p.KeepGreenMostRounds, p.KeepGreenBudget, p.KeepGreenNote, p.Remark, p.SyncedAt, p.SyncProblem),
        })
        .ToDictionaryAsync(p => p.TaskId, p => p.View, cancellationToken);

    private static IQueryable<CodexTask> Whole(IQueryable<CodexTask> tasks) =>
        tasks.AsNoTracking().Include(t => t.Repository).Include(t => t.Attempts).Include(t => t.Turns).AsSplitQuery();

    // One more than asked for says whether there is a next page.
    private static IQueryable<CodexTask> OnePage(CodexDb db, TaskFilter filter, int limit, string? cursor)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return After(Narrow(db.Tasks.AsNoTracking(), db, filter), ListCursor.Parse(cursor)).OrderByDescending(t => t.UpdatedAt).ThenByDescending(t => t.Id).Take(limit + 1);
    }

    private static Page<TItem> Cut<T, TItem>(List<T> found, int limit, Func<T, ListCursor> cursor, Func<T, TItem> item) =>
        new([.. found.Take(limit).Select(item)], found.Count > limit ? cursor(found[limit - 1]).ToString() : null);

    private static IQueryable<CodexTask> Narrow(IQueryable<CodexTask> tasks, CodexDb db, TaskFilter filter)
    {
        tasks = tasks.Where(t => t.Archived == filter.Archived);
        if (!string.IsNullOrWhiteSpace(filter.Text))
        {
            foreach (var word in filter.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(10))
            {
                var pattern = $"%{Escape(word)}%";
                tasks = tasks.Where(t => EF.Functions.Like(t.Title, pattern, "\\") || db.Turns.Any(turn => turn.TaskId == t.Id && EF.Functions.Like(turn.Prompt, pattern, "\\")));
            }
        }

        if (!string.IsNullOrWhiteSpace(filter.Author))
        {
            tasks = tasks.Where(t => t.Author == filter.Author);
        }

        if (!string.IsNullOrWhiteSpace(filter.Repository))
        {
            if (Id.TryParse<RepositoryId>(filter.Repository, out var id))
            {
                tasks = tasks.Where(t => t.RepositoryId == id);
            }
            else
            {
                var pattern = $"%{Escape(filter.Repository)}%";
                tasks = tasks.Where(t => EF.Functions.Like(t.Repository.Name, pattern, "\\"));
            }
        }

        if (filter.Mode is { } mode)
        {
            tasks = tasks.Where(t => t.Mode == mode);
        }

        return filter.State is { } state ? InState(tasks, db, state) : tasks;
    }

    // The rule of TaskStates.Of, as a query.
    private static IQueryable<CodexTask> InState(IQueryable<CodexTask> tasks, CodexDb db, TaskState state)
    {
        IQueryable<CodexTask> Has(IQueryable<CodexTask> of, AttemptStatus status) => of.Where(t => t.Attempts.Any(a => a.Status == status));
        IQueryable<CodexTask> Lacks(IQueryable<CodexTask> of, params AttemptStatus[] statuses) => of.Where(t => !t.Attempts.Any(a => statuses.Contains(a.Status)));
        AttemptStatus[] active = [AttemptStatus.WaitingForApproval, AttemptStatus.Running, AttemptStatus.Preparing, AttemptStatus.Queued];
        var pushedLast = tasks.Where(t => t.PushedCheckpoint != null && t.Attempts.Any(a => a.Id == t.PushedAttemptId && a.Checkpoint == t.PushedCheckpoint));
        var notPushedLast = tasks.Where(t => t.PushedCheckpoint == null || !t.Attempts.Any(a => a.Id == t.PushedAttemptId && a.Checkpoint == t.PushedCheckpoint));
        // The rule of PullRequestView.Want.
        var wanting = db.PullRequests
            .Where(p => (p.State == PullRequestState.Open || p.State == PullRequestState.Draft)
                && (p.Mergeable == MergeState.Conflicting || (!p.KeepGreen && (p.Checks == ChecksState.Failed || p.Review == ReviewDecision.ChangesRequested))))
            .Select(p => p.TaskId);
        var pullWants = Has(Lacks(pushedLast.Where(t => wanting.Contains(t.Id)), active), AttemptStatus.Completed).Select(t => t.Id);
        return state switch
        {
            TaskState.Working => Has(Lacks(tasks, active[0]), AttemptStatus.Running),
            TaskState.Starting => Has(Lacks(tasks, active[..2]), AttemptStatus.Preparing),
            TaskState.Queued => Has(Lacks(tasks, active[..3]), AttemptStatus.Queued),
            TaskState.ReadyForReview => Has(Lacks(notPushedLast, active), AttemptStatus.Completed),
            TaskState.Done => Has(Lacks(pushedLast.Where(t => !wanting.Contains(t.Id)), active), AttemptStatus.Completed),
            TaskState.NeedsYou => tasks.Where(t => pullWants.Contains(t.Id) || t.Attempts.Any(a => a.Status == AttemptStatus.WaitingForApproval)
                || (t.Attempts.Any(a => a.Status == AttemptStatus.Interrupted) && !t.Attempts.Any(a => a.Status == AttemptStatus.Completed || active.Contains(a.Status)))),
            TaskState.Failed => Has(Lacks(tasks, [.. active, AttemptStatus.Completed, AttemptStatus.Interrupted]), AttemptStatus.Failed),
            TaskState.Stopped => Lacks(tasks, [.. active, AttemptStatus.Completed, AttemptStatus.Interrupted, AttemptStatus.Failed]),
            _ => throw new ArgumentOutOfRangeException(nameof(state), state, "No such state."),
        };
    }

    // By way of object, since only the id's converted value can be compared in SQL.
    private static IQueryable<CodexTask> After(IQueryable<CodexTask> tasks, ListCursor? cursor) => cursor is { } from
        ? tasks.Where(t => t.UpdatedAt < from.UpdatedAt || (t.UpdatedAt == from.UpdatedAt && ((Guid)(object)t.Id).CompareTo(from.Id.Value) < 0))
        : tasks;

    private static IQueryable<TaskFacts> Facts(IQueryable<CodexTask> tasks) => tasks.Select(t => new TaskFacts(
        t.Id,
        t.Title,
        t.Mode,
        t.RepositoryId,
        t.Repository.Name,
        t.Branch,
        t.Author,
        t.PushedBranch,
        t.PushedAttemptId,
        t.ChosenAttemptId,
        t.PushedCheckpoint,
        t.Archived,
        t.CreatedAt,
        t.UpdatedAt,
        t.SourceUrl,
        t.SourceLabel,
        t.Attempts.OrderBy(a => a.Number).ToList()));

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);

    private readonly record struct ListCursor(DateTimeOffset UpdatedAt, TaskId Id)
    {
        public static ListCursor? Parse(string? text) =>
            text?.Split('_') is [var milliseconds, var id]
            && long.TryParse(milliseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at < 253402300800000
            && TaskId.TryParse(id, null, out var task)
                ? new ListCursor(DateTimeOffset.FromUnixTimeMilliseconds(at), task)
                : null;

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{UpdatedAt.ToUnixTimeMilliseconds()}_{Id}");
    }
}

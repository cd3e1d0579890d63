using System.Globalization;
using System.Text;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Health;
using CodexWeb.Models;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Tasks;

/// <summary>What a person can do with tasks; page, hub and HTTP interface call the same.</summary>
public sealed partial class TaskCommands(TaskStore store, RepositoryMirrors mirrors, ModelCatalog models, Doctor doctor, AttemptFiles files, Attachments attachments, LinkedPages pages)
{
    /// <summary>Characters of a prompt, at most.</summary>
    public const int LongestPrompt = 100_000;

    private const int LongestTitle = 120;

    /// <summary>Sends a follow-up: another turn in the same workspace, on the same branch.</summary>
    /// <param name="attempt">Null for the attempt that was chosen or else pushed last, else the first that is done.</param>
    /// <param name="comments">Remarks on the diff, sent along.</param>
    /// <returns>The new turn's number.</returns>
    public Task<CommandResult<int>> FollowUpAsync(TaskId id, AttemptId? attempt, string prompt, IReadOnlyList<ReviewComment> comments, CancellationToken cancellationToken) =>
        FollowUpAsync(id, attempt, prompt, comments, source: null, cancellationToken);

    /// <inheritdoc cref="FollowUpAsync(TaskId, AttemptId?, string, IReadOnlyList{ReviewComment}, CancellationToken)"/>
    /// <param name="source">What sends it: see <see cref="Turn.Source"/>.</param>
    public Task<CommandResult<int>> FollowUpAsync(TaskId id, AttemptId? attempt, string prompt, IReadOnlyList<ReviewComment> comments, string? source, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(comments);
        return FollowUpAsync(id, attempt, WithComments(prompt ?? "", comments), source, alongside: null, cancellationToken);
    }

    /// <summary>Sends a follow-up of a person, with images and files.</summary>
    /// <param name="attempt">As above.</param>
    /// <param name="files">Drafts that go along, in order.</param>
    /// <returns>The new turn's number.</returns>
    public async Task<CommandResult<int>> FollowUpAsync(
        TaskId id, AttemptId? attempt, string prompt, IReadOnlyList<ReviewComment> comments, IReadOnlyList<AttachmentId> files, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(comments);
        return await attachments.ProblemAsync(files, cancellationToken) is { } problem
            ? new CommandResult<int>.Invalid("attachments", problem)
            : await FollowUpAsync(id, attempt, new NewTurn(WithComments(prompt ?? "", comments), Source: null, Alongside: null, files), cancellationToken);
    }

    /// <summary>Sends a follow-up together with a change of what it is about.</summary>
    /// <param name="attempt">As above.</param>
    /// <param name="text">The whole prompt.</param>
    /// <param name="source">What sends it: see <see cref="Turn.Source"/>.</param>
    /// <param name="alongside">Makes changes that are stored with the turn or not at all; it refuses by an <see cref="InvalidOperationException"/>. Null for none.</param>
    /// <returns>The new turn's number.</returns>
    public Task<CommandResult<int>> FollowUpAsync(TaskId id, AttemptId? attempt, string text, string? source, Func<CodexDb, AttemptId, Task>? alongside, CancellationToken cancellationToken) =>
        FollowUpAsync(id, attempt, new NewTurn(text, source, alongside, []), cancellationToken);

    private async Task<CommandResult<int>> FollowUpAsync(TaskId id, AttemptId? attempt, NewTurn started, CancellationToken cancellationToken)
    {
        if (Prompt(started.Prompt) is { } error)
        {
            return new CommandResult<int>.Invalid("prompt", error);
        }

        await using var db = await store.OpenAsync(cancellationToken);
        var task = await db.Tasks.Include(t => t.Attempts).Include(t => t.Turns).AsSplitQuery().SingleOrDefaultAsync(t => t.Id == id, cancellationToken);
        if (task is null)
        {
            return new CommandResult<int>.NotFound("There is no such task.");
        }

        var chosen = attempt is { } wanted
            ? task.Attempts.Find(a => a.Id == wanted)
            : task.Attempts.Find(a => a.Id == task.LeadingAttemptId) ?? task.Attempts.OrderBy(a => a.Status is AttemptStatus.Completed ? 0 : 1).ThenBy(a => a.Number).First();
        if (chosen is null)
        {
            return new CommandResult<int>.Invalid("attemptId", "The task has no such attempt.");
        }

        // What started by a text from outside has quoted what it needs.
        started = started.Source is null ? started with { OutsideText = await pages.QuoteAsync(started.Prompt, cancellationToken) } : started;
        var turn = task.Turns.Max(t => t.Number) + 1;
        try
        {
            return await RequeueAsync(id, chosen.Id, turn, resumes: false, started, model: null, cancellationToken)
                ? new CommandResult<int>.Done(turn)
                : new CommandResult<int>.Refused("The attempt is still at work. Queue the message for its next step (steer), or stop it first.");
        }
        catch (AttachmentsGoneException gone)
        {
            return new CommandResult<int>.Invalid("attachments", gone.Message);
        }
    }

    /// <summary>Lets the server apply a patch to an attempt's files: a turn without a model, after which the checks run.</summary>
    /// <param name="text">What is done, as the conversation shows it.</param>
    /// <param name="source"><see cref="TurnSources.Hunks"/>, or <see cref="TurnSources.Drop"/> to take the patch back.</param>
    /// <param name="patch">Git's format.</param>
    /// <returns>The new turn's number.</returns>
    internal async Task<CommandResult<int>> ApplyAsync(TaskId id, AttemptId attempt, string text, string source, string patch, CancellationToken cancellationToken)
    {
        await using var db = await store.OpenAsync(cancellationToken);
        if (await db.Turns.Where(t => t.TaskId == id).MaxAsync(t => (int?)t.Number, cancellationToken) is not { } last)
        {
            return new CommandResult<int>.NotFound("There is no such task.");
        }

        return await RequeueAsync(id, attempt, last + 1, resumes: false, new NewTurn(text, source, Alongside: null, Files: [], patch), model: null, cancellationToken)
            ? new CommandResult<int>.Done(last + 1)
            : new CommandResult<int>.Refused("The attempt is still at work. Wait until it has ended, or stop it first.");
    }

    /// <summary>Asks an attempt to stop; it does within 2 seconds and keeps what it changed.</summary>
    public Task<CommandResult<Nothing>> StopAsync(AttemptId id, CancellationToken cancellationToken) => OnAttemptAsync(id, static (task, attempt, now) =>
    {
        if (!attempt.IsActive)
        {
            return "The attempt is not at work, so there is nothing to stop.";
        }

        attempt.RequestStop();
        return null;
    }, cancellationToken);

    /// <summary>Asks for the attempt's conversation to be compacted: before its next model request, that of a later turn when it is at rest. Asking twice is asking once.</summary>
    public Task<CommandResult<Nothing>> CompactAsync(AttemptId id, CancellationToken cancellationToken) => OnAttemptAsync(id, static (_, attempt, _) =>
    {
        if (attempt.InputTokens == 0)
        {
            return "The model was not asked anything yet, so there is no conversation to compact.";
        }

        attempt.RequestCompaction();
        return null;
    }, cancellationToken);

    /// <inheritdoc cref="RetryAsync(AttemptId, string?, CancellationToken)"/>
    public Task<CommandResult<Nothing>> RetryAsync(AttemptId id, CancellationToken cancellationToken) => RetryAsync(id, model: null, cancellationToken);

    /// <summary>Runs the last turn again, or goes on with it where it was interrupted, in the workspace as it is.</summary>
    /// <param name="model">The model it goes on with; null for the one it has.</param>
    public async Task<CommandResult<Nothing>> RetryAsync(AttemptId id, string? model, CancellationToken cancellationToken)
    {
        if (model is not null && models.Find(model) is null)
        {
            return new CommandResult<Nothing>.Invalid("model", NoModel(model));
        }

        await using var db = await store.OpenAsync(cancellationToken);
        var attempt = await db.Attempts.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, cancellationToken);
        return attempt is null ? new CommandResult<Nothing>.NotFound("There is no such attempt.")
            : await RequeueAsync(attempt.TaskId, id, attempt.TurnNumber, resumes: attempt.Status is AttemptStatus.Interrupted, started: null, model, cancellationToken) ? new CommandResult<Nothing>.Done(default)
            : new CommandResult<Nothing>.Refused("The attempt is at work already.");
    }

    /// <summary>Gives a task another title.</summary>
    /// <param name="title">1 to 120 characters.</param>
    public async Task<CommandResult<Nothing>> RenameAsync(TaskId id, string title, CancellationToken cancellationToken)
    {
        title = (title ?? "").Trim();
        return title.Length is 0 or > LongestTitle
            ? new CommandResult<Nothing>.Invalid("title", "A title has 1 to 120 characters.")
            : await OnTaskAsync(id, (task, now) => task.Rename(title, now), cancellationToken);
    }

    /// <summary>Puts a task away, or takes it out again.</summary>
    public Task<CommandResult<Nothing>> SetArchivedAsync(TaskId id, bool archived, CancellationToken cancellationToken) =>
        OnTaskAsync(id, (task, _) => task.SetArchived(archived), cancellationToken);

    /// <summary>Picks one attempt out of several: follow-ups, pushes and the list go by it from then on.</summary>
    /// <param name="attempt">Null takes the choice back.</param>
    public async Task<CommandResult<Nothing>> ChooseAsync(TaskId id, AttemptId? attempt, CancellationToken cancellationToken)
    {
        await using var db = await store.OpenAsync(cancellationToken);
        var task = await db.Tasks.Include(t => t.Attempts).SingleOrDefaultAsync(t => t.Id == id, cancellationToken);
        if (task is null)
        {
            return new CommandResult<Nothing>.NotFound("There is no such task.");
        }

        if (attempt is { } wanted && !task.Attempts.Exists(a => a.Id == wanted))
        {
            return new CommandResult<Nothing>.Invalid("chosenAttemptId", "The task has no such attempt.");
        }

        task.Choose(attempt, store.Time.GetUtcNow());
        await store.SaveAsync(db, id, cancellationToken);
        return new CommandResult<Nothing>.Done(default);
    }

    /// <summary>Deletes a task with its logs, outputs, attached files, workspaces and checkpoints. What was pushed stays at the origin.</summary>
    public async Task<CommandResult<DeletedTask>> DeleteAsync(TaskId id, CancellationToken cancellationToken)
    {
        await using var db = await store.OpenAsync(cancellationToken);
        var task = await db.Tasks.Include(t => t.Attempts).SingleOrDefaultAsync(t => t.Id == id, cancellationToken);
        if (task is null)
        {
            return new CommandResult<DeletedTask>.NotFound("There is no such task.");
        }

        if (task.Attempts.Exists(a => a.IsActive))
        {
            return new CommandResult<DeletedTask>.Refused("The task is still at work. Stop it first.");
        }

        var attempts = task.Attempts.Select(a => a.Id).ToList();
        var events = await db.Events.LongCountAsync(e => attempts.Contains(e.AttemptId), cancellationToken);
        var repository = task.RepositoryId;
        db.Remove(task);
        await store.SaveAsync(db, id, cancellationToken);
        var bytes = attachments.DeleteTask(id);
        foreach (var attempt in attempts)
        {
            bytes += await files.DeleteAsync(repository, attempt, cancellationToken);
        }

        return new CommandResult<DeletedTask>.Done(new DeletedTask(attempts.Count, events, bytes, task.PushedBranch));
    }

    internal static string? Prompt(string prompt) =>
        string.IsNullOrWhiteSpace(prompt) ? "Say what should be done."
        : prompt.Contains('\0', StringComparison.Ordinal) ? "The text has a NUL character in it. Take it out."
        : prompt.Length > LongestPrompt ? string.Create(CultureInfo.InvariantCulture, $"The prompt has {prompt.Length:N0} characters; {LongestPrompt:N0} are the most. Put long material into a file of the repository and name the file.")
        : null;

    /// <summary>Puts an attempt back into the queue, with a new turn when one is given. False when it is at work, perhaps since a moment ago.</summary>
    private async Task<bool> RequeueAsync(TaskId id, AttemptId attemptId, int turn, bool resumes, NewTurn? started, string? model, CancellationToken cancellationToken)
    {
        var now = store.Time.GetUtcNow();
        try
        {
            await store.QueueAsync(id, [attemptId], async row =>
            {
                var attempt = await row.Attempts.SingleAsync(a => a.Id == attemptId);
                var task = await row.Tasks.SingleAsync(t => t.Id == id);
                attempt.Requeue(turn, resumes, now);
                attempt.UseModel(model ?? attempt.Model);
                if (started is not null)
                {
                    row.Add(new Turn { TaskId = id, Number = turn, AttemptId = attemptId, Prompt = started.Prompt, Source = started.Source, Patch = started.Patch, OutsideText = started.OutsideText, Attachments = [.. started.Files.Select(f => f.Value)], CreatedAt = now });
                    await attachments.ClaimAsync(row, id, started.Files);
                    await (started.Alongside?.Invoke(row, attemptId) ?? Task.CompletedTask);
                }

                task.SetArchived(false);
                task.Touch(now);
                await row.SaveChangesAsync();
            }, cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is InvalidOperationException or DbUpdateException)
        {
            return false;
        }
    }

    private static string WithComments(string prompt, IReadOnlyList<ReviewComment> comments)
    {
        if (comments.Count == 0)
        {
            return prompt;
        }

        var text = new StringBuilder(prompt.Trim());
        text.Append(text.Length > 0 ? "\n\n" : "").Append(ReviewComments.Heading).Append('\n');
        foreach (var comment in comments)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n- `{comment.Path}:{comment.Line}`{(string.Equals(comment.Side, "old", StringComparison.Ordinal) ? " (a removed line)" : "")}: {comment.Text.Trim().Replace("\n", "\n  ", StringComparison.Ordinal)}");
        }

        return text.ToString();
    }

    private async Task<CommandResult<Nothing>> OnAttemptAsync(AttemptId id, Func<CodexTask, Attempt, DateTimeOffset, string?> change, CancellationToken cancellationToken)
    {
        await using var db = await store.OpenAsync(cancellationToken);
        // A stop that comes in the moment the attempt ends by itself must not be left behind on it.
        using var turn = await store.EnterAsync(cancellationToken);
        var attempt = await db.Attempts.SingleOrDefaultAsync(a => a.Id == id, cancellationToken);
        if (attempt is null)
        {
            return new CommandResult<Nothing>.NotFound("There is no such attempt.");
        }

        var task = await db.Tasks.SingleAsync(t => t.Id == attempt.TaskId, cancellationToken);
        if (change(task, attempt, store.Time.GetUtcNow()) is { } refused)
        {
            return new CommandResult<Nothing>.Refused(refused);
        }

        await db.SaveChangesAsync(cancellationToken);
        store.Signals.TaskChanged(task.Id);
        store.Signals.WorkChanged();
        return new CommandResult<Nothing>.Done(default);
    }

    private async Task<CommandResult<Nothing>> OnTaskAsync(TaskId id, Action<CodexTask, DateTimeOffset> change, CancellationToken cancellationToken)
    {
        await using var db = await store.OpenAsync(cancellationToken);
        var task = await db.Tasks.SingleOrDefaultAsync(t => t.Id == id, cancellationToken);
        if (task is null)
        {
            return new CommandResult<Nothing>.NotFound("There is no such task.");
        }

        change(task, store.Time.GetUtcNow());
        await store.SaveAsync(db, id, cancellationToken);
        return new CommandResult<Nothing>.Done(default);
    }

    private sealed record NewTurn(string Prompt, string? Source, Func<CodexDb, AttemptId, Task>? Alongside, IReadOnlyList<AttachmentId> Files, string? Patch = null, string? OutsideText = null);
}

using CodexWeb.Attempts;
using CodexWeb.Data;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Tasks;

/// <summary>Messages a person sends while an attempt works: they wait in a queue, can be changed there, and reach the model at its next step.</summary>
public sealed class Steering(TaskStore store, Attachments attachments, MessageFiles files)
{
    /// <summary>Messages one attempt may have waiting.</summary>
    public const int LongestQueue = 50;

    /// <summary>Puts a message at the end of the queue.</summary>
    public Task<CommandResult<Nothing>> AddAsync(AttemptId id, string text, CancellationToken cancellationToken) => AddAsync(id, text, [], cancellationToken);

    /// <summary>Puts a message with images and files at the end of the queue.</summary>
    /// <param name="sent">Drafts that go along, in order.</param>
    public async Task<CommandResult<Nothing>> AddAsync(AttemptId id, string text, IReadOnlyList<AttachmentId> sent, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sent);
        if (TaskCommands.Prompt(text ?? "") is { } error)
        {
            return new CommandResult<Nothing>.Invalid("text", error);
        }

        if (await attachments.ProblemAsync(sent, cancellationToken) is { } gone)
        {
            return new CommandResult<Nothing>.Invalid("attachments", gone);
        }

        await using var db = await store.OpenAsync(cancellationToken);
        // An attempt that came to rest between the look and the message would leave it waiting.
        using var turn = await store.EnterAsync(cancellationToken);
        var attempt = await db.Attempts.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, cancellationToken);
        if (attempt is null)
        {
            return new CommandResult<Nothing>.NotFound("There is no such attempt.");
        }

        if (!attempt.IsActive || attempt.StopRequested)
        {
            return new CommandResult<Nothing>.Refused("The attempt is not at work. Send the message as a follow-up.");
        }

        var waiting = await db.QueuedMessages.Where(m => m.AttemptId == id).Select(m => m.Position).ToListAsync(cancellationToken);
        if (waiting.Count >= LongestQueue)
        {
            return new CommandResult<Nothing>.Refused($"{LongestQueue} messages wait already. Wait until the next step takes them.");
        }

        // The images are there before the message is: the agent may take it in the next moment.
        await files.KeepAsync(id, sent, cancellationToken);
        db.Add(new QueuedMessage { Id = Guid.CreateVersion7(store.Time.GetUtcNow()), AttemptId = id, Position = waiting.DefaultIfEmpty(0).Max() + 1, Text = text!, Attachments = [.. sent.Select(file => file.Value)] });
        try
        {
            await attachments.ClaimAsync(db, attempt.TaskId, sent);
        }
        catch (AttachmentsGoneException exception)
        {
            return new CommandResult<Nothing>.Invalid("attachments", exception.Message);
        }

        await db.SaveChangesAsync(cancellationToken);
        await files.KeepAsync(id, sent, cancellationToken);
        store.Signals.TaskChanged(attempt.TaskId);
        return new CommandResult<Nothing>.Done(default);
    }

    /// <summary>Changes a message that still waits.</summary>
    public Task<CommandResult<Nothing>> EditAsync(Guid message, string text, CancellationToken cancellationToken) =>
        TaskCommands.Prompt(text ?? "") is { } error
            ? Task.FromResult<CommandResult<Nothing>>(new CommandResult<Nothing>.Invalid("text", error))
            : OnQueueAsync(message, (_, queue, at) => queue[at].Text = text!, cancellationToken);

    /// <summary>Takes a message back that still waits.</summary>
    public Task<CommandResult<Nothing>> RemoveAsync(Guid message, CancellationToken cancellationToken) =>
        OnQueueAsync(message, static (db, queue, at) => db.Remove(queue[at]), cancellationToken);

    /// <summary>Moves a message within the queue.</summary>
    /// <param name="places">Negative: towards the front. It stops at the ends.</param>
    public Task<CommandResult<Nothing>> MoveAsync(Guid message, int places, CancellationToken cancellationToken) => OnQueueAsync(message, (_, queue, at) =>
    {
        var moved = queue[at];
        queue.RemoveAt(at);
        queue.Insert(Math.Clamp(at + places, 0, queue.Count), moved);
        for (var position = 0; position < queue.Count; position++)
        {
            queue[position].Position = position + 1;
        }
    }, cancellationToken);

    private async Task<CommandResult<Nothing>> OnQueueAsync(Guid message, Action<CodexDb, List<QueuedMessage>, int> change, CancellationToken cancellationToken)
    {
        await using var db = await store.OpenAsync(cancellationToken);
        var attempt = await db.QueuedMessages.AsNoTracking().Where(m => m.Id == message).Select(m => (AttemptId?)m.AttemptId).SingleOrDefaultAsync(cancellationToken);
        if (attempt is not { } id)
        {
            return new CommandResult<Nothing>.NotFound("The message has reached the agent already.");
        }

        var queue = await db.QueuedMessages.Where(m => m.AttemptId == id).OrderBy(m => m.Position).ToListAsync(cancellationToken);
        var at = queue.FindIndex(m => m.Id == message);
        if (at < 0)
        {
            return new CommandResult<Nothing>.NotFound("The message has reached the agent already.");
        }

        change(db, queue, at);
        try
        {
            await store.SaveAsync(db, await db.Attempts.Where(a => a.Id == id).Select(a => a.TaskId).SingleAsync(cancellationToken), cancellationToken);
            return new CommandResult<Nothing>.Done(default);
        }
        catch (DbUpdateConcurrencyException)
        {
            return new CommandResult<Nothing>.NotFound("The message has reached the agent already.");
        }
    }
}

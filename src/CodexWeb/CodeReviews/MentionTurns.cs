using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Tasks;
using CodexWeb.Ui.Markup;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.CodeReviews;

/// <summary>Sends a mention on the pull request of a task to that task: as a message while it is at work, else as its next turn.</summary>
internal sealed class MentionTurns(TaskStore store, TaskCommands tasks, Steering steering, MentionComments comments, MentionLinks links)
{
    /// <summary>Sends it, unless it was sent before.</summary>
    public async Task<MentionEffect> SendAsync(MentionSource source, MentionCommand command, MentionPlace place, TaskId id, CancellationToken cancellationToken)
    {
        if (command.Instruction.Length == 0)
        {
            return new MentionEffect("Say what I should do on this pull request, for example `@codexweb fix the failing check`, or write `@codexweb review`.", $"The mention on {place.Label} asks for nothing.");
        }

        await using var db = await store.OpenAsync(cancellationToken);
        var task = await db.Tasks.AsNoTracking().Include(t => t.Attempts).SingleAsync(t => t.Id == id, cancellationToken);
        if (await db.Mentions.AnyAsync(m => m.Key == source.Key, cancellationToken))
        {
            // Begun before a crash: what was sent carries the text's address.
            if (await WasSentAsync(db, task, source.Url, cancellationToken))
            {
                return Sent(task, place);
            }
        }
        else
        {
            db.Add(Mention.TakeUp(source.Key, place.Repository, place.Number, source.Url, source.Author, store.Time.GetUtcNow()));
            await store.SaveAsync(db, id, cancellationToken);
        }

        var prompt = MentionPrompts.Of(source, command, place.Label, await comments.ReadAsync(place, cancellationToken));
        return await DeliverAsync(task, prompt, cancellationToken) is { } problem
            ? new MentionEffect($"I could not go on with {links.To(task.Id, task.Title)}: {OutgoingMarkdown.Neutralise(problem)}", $"Nothing was started: {problem}")
            : Sent(task, place);
    }

    // An attempt may begin or end between the look and the message: then the other way is the right one.
    private async Task<string?> DeliverAsync(CodexTask task, string prompt, CancellationToken cancellationToken)
    {
        var atWork = task.Attempts.Find(a => a.Id == task.PushedAttemptId && a.IsActive) ?? task.Attempts.Find(a => a.IsActive);
        var steered = atWork is null ? null : await steering.AddAsync(atWork.Id, prompt, cancellationToken);
        if (steered is CommandResult<Nothing>.Done)
        {
            return null;
        }

        var sent = await tasks.FollowUpAsync(task.Id, attempt: null, prompt, [], TurnSources.Mention, cancellationToken);
        return sent is CommandResult<int>.Done ? null
            : sent is CommandResult<int>.Refused && atWork is null && task.Attempts.Find(a => a.Id == task.PushedAttemptId) is { } pushed ? (await steering.AddAsync(pushed.Id, prompt, cancellationToken)).Problem()
            : steered?.Problem() ?? sent.Problem();
    }

    private MentionEffect Sent(CodexTask task, MentionPlace place) =>
        new($"I am working on this in the task of this pull request: {links.To(task.Id, task.Title)}. This comment will say how it ends.", $"Sent to the task of {place.Label}.", task.Id);

    private static async Task<bool> WasSentAsync(CodexDb db, CodexTask task, string url, CancellationToken cancellationToken)
    {
        var attempts = task.Attempts.ConvertAll(a => a.Id);
        return await db.Turns.AnyAsync(t => t.TaskId == task.Id && t.Source == TurnSources.Mention && t.Prompt.Contains(url), cancellationToken)
            || await db.QueuedMessages.AnyAsync(m => attempts.Contains(m.AttemptId) && m.Text.Contains(url), cancellationToken)
            || await db.Events.AnyAsync(e => attempts.Contains(e.AttemptId) && e.Json.Contains(url), cancellationToken);
    }
}

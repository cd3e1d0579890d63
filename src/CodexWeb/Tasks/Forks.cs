using System.Globalization;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Models;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Tasks;

/// <summary>Makes a new task of an attempt as it was after one of its steps: the same conversation, the same files, a branch of its own.</summary>
public sealed class Forks(TaskStore store, CheckpointStore checkpoints, AttemptFiles files, Attachments attachments, ModelCatalog models)
{
    /// <summary>Forks an attempt, which may be at work and goes on undisturbed.</summary>
    /// <param name="seq">An event of its log: the fork begins after the last step that had ended by then. Null for the newest.</param>
    /// <param name="prompt">What is to be done in the fork.</param>
    /// <param name="model">A model's id; null for the attempt's own.</param>
    /// <returns>The new task.</returns>
    public async Task<CommandResult<TaskId>> ForkAsync(AttemptId id, long? seq, string prompt, string? model, string author, CancellationToken cancellationToken)
    {
        if (TaskCommands.Prompt(prompt ?? "") is { } error)
        {
            return new CommandResult<TaskId>.Invalid("prompt", error);
        }

        await using var db = await store.OpenAsync(cancellationToken);
        var attempt = await db.Attempts.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, cancellationToken);
        if (attempt is null)
        {
            return new CommandResult<TaskId>.NotFound("There is no such attempt.");
        }

        var chosen = model is { Length: > 0 } ? model : attempt.Model;
        if (models.Find(chosen) is null)
        {
            return new CommandResult<TaskId>.Invalid("model", $"There is no model '{chosen}'. Choose one of: {string.Join(", ", models.Models.Select(m => m.Id))}.");
        }

        var task = await db.Tasks.AsNoTracking().Include(t => t.Turns).SingleAsync(t => t.Id == attempt.TaskId, cancellationToken);
        var events = await store.LogAsync(id, cancellationToken);
        var place = Find(task, attempt, events, seq, out var refusal);
        if (place is null)
        {
            return refusal!;
        }

        var title = TaskCommands.TitleOf(prompt!);
        var (fork, forked) = Make(task, attempt, place.Value, chosen, title, await TaskCommands.FreeBranchAsync(db, task.RepositoryId, title, cancellationToken), prompt!, author, events);
        var from = string.Create(CultureInfo.InvariantCulture, $"Forked from attempt {attempt.Number} of “{task.Title}” after this step.");
        var sent = await attachments.CopyAsync(fork.Id, [.. fork.Turns.SelectMany(turn => turn.Attachments)], cancellationToken);
        var begin = ForkedLog.Of(
            events,
            place.Value.Boundary,
            string.Equals(chosen, attempt.Model, StringComparison.Ordinal),
            from,
            sent.ToDictionary(file => new AttachmentId(file.Key).ToString(), file => file.Value.Id.ToString(), StringComparer.Ordinal));
        await StoreAsync(fork, forked, attempt, begin, sent, cancellationToken);
        return new CommandResult<TaskId>.Done(fork.Id);
    }

    private static (StepBoundary Boundary, string Base)? Find(CodexTask task, Attempt attempt, IReadOnlyList<LoggedEvent> events, long? seq, out CommandResult<TaskId>? refusal)
    {
        refusal = null;
        if (seq is { } wanted && (wanted < 1 || wanted > (events.Count == 0 ? 0 : events[^1].Seq)))
        {
            refusal = new CommandResult<TaskId>.Invalid("seq", "seq must be the number of an event of the attempt's log.");
        }
        else if (task.ReviewId is not null)
        {
            refusal = new CommandResult<TaskId>.Refused("A review cannot be forked. Ask about it in a follow-up.");
        }
        else if (task.BaseCommit is null || StepBoundary.At(events, seq ?? long.MaxValue) is not { } boundary)
        {
            refusal = new CommandResult<TaskId>.Refused("No step of the attempt had ended by then, so there is nothing to fork.");
        }
        else if (Merges.BaseAt(task, attempt.Id, boundary, events) is { } begin)
        {
            return (boundary, begin);
        }
        else
        {
            refusal = new CommandResult<TaskId>.Refused("At that step a newer base was being merged. Fork from a step before the merge or after its end.");
        }

        return null;
    }

    private (CodexTask Task, Attempt Attempt) Make(
        CodexTask source, Attempt attempt, (StepBoundary Boundary, string Base) place, string model, string title, string branch, string prompt, string author, IReadOnlyList<LoggedEvent> events)
    {
        var terms = new TaskTerms(source.Approval, source.BudgetMinutes, source.BudgetCost, attempt.Id, place.Boundary.Seq);
        var task = CodexTask.Start(source.RepositoryId, source.EnvironmentId, title, source.Mode, source.Branch, branch, source.ReasoningEffort, author, store.Time, terms: terms);
        task.StartFrom(place.Base);
        var last = place.Boundary.TurnOf(events);
        var forked = Attempt.Fork(task.Id, model, last + 1, place.Boundary.Files, store.Time);
        task.Attempts.Add(forked);
        foreach (var turn in source.Turns.Where(t => t.Number <= last && (t.AttemptId is null || t.AttemptId == attempt.Id)))
        {
            task.Turns.Add(new Turn { TaskId = task.Id, Number = turn.Number, AttemptId = forked.Id, Prompt = turn.Prompt, Source = turn.Source, OutsideText = turn.OutsideText, Attachments = [.. turn.Attachments], CreatedAt = turn.CreatedAt });
        }

        task.Turns.Add(new Turn { TaskId = task.Id, Number = last + 1, AttemptId = forked.Id, Prompt = prompt, CreatedAt = task.CreatedAt });
        return (task, forked);
    }

    private async Task StoreAsync(CodexTask fork, Attempt forked, Attempt source, IReadOnlyList<AgentEvent> begin, IReadOnlyDictionary<Guid, Attachment> sent, CancellationToken cancellationToken)
    {
        foreach (var turn in fork.Turns)
        {
            var copies = turn.Attachments.Where(sent.ContainsKey).Select(id => sent[id].Id.Value).ToList();
            turn.Attachments.Clear();
            turn.Attachments.AddRange(copies);
        }

        try
        {
            if (forked.Checkpoint is { } commit)
            {
                await checkpoints.AdoptAsync(fork.RepositoryId.ToString(), forked.Id.ToString(), commit, cancellationToken);
            }

            await files.CopyOutputsAsync(source.Id, forked.Id, cancellationToken);
            await store.QueueAsync(fork.Id, forked.Id, begin, row =>
            {
                row.Add(fork);
                row.AddRange(sent.Values);
                return row.SaveChangesAsync(CancellationToken.None);
            }, cancellationToken);
        }
        catch (Exception)
        {
            // Nobody will ever ask for what there is of it.
            attachments.DeleteTask(fork.Id);
            await files.DeleteAsync(fork.RepositoryId, forked.Id, CancellationToken.None);
            throw;
        }
    }
}

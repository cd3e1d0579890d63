using CodexWeb.Agent.Workspaces;
using CodexWeb.Data;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.Tasks;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.CodeReviews;

/// <summary>What a mention came to.</summary>
/// <param name="Comment">What is said at GitHub, as Markdown.</param>
/// <param name="Outcome">What is said of the delivery, a sentence.</param>
/// <param name="Task">The task whose end is to be told; null when there is nothing to wait for.</param>
internal sealed record MentionEffect(string Comment, string Outcome, TaskId? Task = null);

/// <summary>Starts what a mention asks for: a task, a turn of a task, or a review. Asked again for the same text, it finds what it started.</summary>
internal sealed class MentionActions(
    TaskStore store, TaskCommands tasks, MentionTurns turns, CodeReviewCommands reviews, CodeReviewQueries findings, MentionComments comments, GitHubPulls pulls, RepositoryMirrors mirrors, MentionLinks links)
{
    /// <summary>Does what is asked for.</summary>
    public async Task<MentionEffect> StartAsync(MentionSource source, MentionCommand command, MentionPlace place, CancellationToken cancellationToken)
    {
        if (await StartedAsync(source, place, cancellationToken) is { } started)
        {
            return Working(started.Id, started.Title, place);
        }

        return !source.IsPull ? await CreateAsync(source, command, place, from: null, cancellationToken)
            : command.Verb is MentionVerb.Review ? await ReviewAsync(source, place, cancellationToken)
            : command.Verb is MentionVerb.Code && await FindingAsync(source, place, cancellationToken) is { } finding ? await FixAsync(finding, source, command, place, cancellationToken)
            : await TaskOfAsync(place, cancellationToken) is { } task ? await turns.SendAsync(source, command, place, task, cancellationToken)
            : await OnOtherPullAsync(source, command, place, cancellationToken);
    }

    private async Task<MentionEffect> OnOtherPullAsync(MentionSource source, MentionCommand command, MentionPlace place, CancellationToken cancellationToken)
    {
        var pull = await pulls.GetAsync(place.Token, place.Name, place.Number, cancellationToken);
        if (!GitHubRepositoryName.TryParse(pull.HeadRepository, out var head) || !head.Equals(place.Name))
        {
            return new MentionEffect(
                "The branch of this pull request is in another repository, where I may not work. I can review it: write `@codexweb review`.",
                $"{place.Label} comes from a fork, so only a review is possible.");
        }

        try
        {
            // The branch may be younger than the mirror.
            var commit = await mirrors.FetchPullAsync(place.Repository.ToString(), place.Url, place.Number, cancellationToken);
            return await CreateAsync(source, command, place, (pull.HeadBranch, commit), cancellationToken);
        }
        catch (RepositoryException exception)
        {
            return Refused(exception.Message);
        }
    }

    private async Task<MentionEffect> CreateAsync(MentionSource source, MentionCommand command, MentionPlace place, (string Branch, string Commit)? from, CancellationToken cancellationToken)
    {
        var title = MentionPrompts.TitleOf(source, command);
        var task = new NewTask
        {
            RepositoryId = place.Repository,
            Mode = command.Verb is MentionVerb.Ask ? TaskMode.Ask : TaskMode.Code,
            Prompt = MentionPrompts.Of(source, command, place.Label, await comments.ReadAsync(place, cancellationToken)),
            Title = title,
            Branch = from?.Branch,
            BaseCommit = from?.Commit,
            Source = new TaskSource(source.Url, place.Label),
            // With the task or not at all: so one text starts one task, whenever the server dies.
            StoredWith = (db, created) =>
            {
                var mention = Mention.TakeUp(source.Key, place.Repository, place.Number, source.Url, source.Author, store.Time.GetUtcNow());
                mention.WorkOn(created.Id, comment: null);
                db.Add(mention);
            },
        };
        return await tasks.CreateAsync(task, source.Author, cancellationToken) switch
        {
            CommandResult<TaskId>.Done(var id) => Working(id, title, place),
            var refused => Refused(refused.Problem()!),
        };
    }

    private async Task<MentionEffect> ReviewAsync(MentionSource source, MentionPlace place, CancellationToken cancellationToken) =>
        await reviews.RequestAsync(place.Repository, place.Number, source.Author, ReviewTrigger.Mention, cancellationToken) switch
        {
            CommandResult<CodeReviewId>.Done => new MentionEffect("I am reviewing this pull request and will post what I find as a review.", $"Reviews {place.Label} for {source.Author}."),
            var refused => Refused(refused.Problem()!),
        };

    // A reply to a finding of ours: what "this" is stands in the finding.
    private async Task<FindingId?> FindingAsync(MentionSource source, MentionPlace place, CancellationToken cancellationToken) =>
        source.Thread is { } thread ? await findings.OfCommentAsync(place.Repository, place.Number, thread, cancellationToken) : null;

    private async Task<MentionEffect> FixAsync(FindingId finding, MentionSource source, MentionCommand command, MentionPlace place, CancellationToken cancellationToken)
    {
        switch (await reviews.FixAsync(finding, source.Author, command.Instruction, cancellationToken))
        {
            case CommandResult<TaskId>.Done(var id):
                await using (var db = await store.OpenAsync(cancellationToken))
                {
                    return Working(id, await db.Tasks.Where(t => t.Id == id).Select(t => t.Title).SingleAsync(cancellationToken), place);
                }

            case var refused:
                return Refused(refused.Problem()!);
        }
    }

    private MentionEffect Working(TaskId id, string title, MentionPlace place) =>
        new($"I am working on this: {links.To(id, title)}. This comment will say how it ends.", $"Started a task from {place.Label}.", id);

    private static MentionEffect Refused(string problem) =>
        new($"I could not start on this: {Ui.Markup.OutgoingMarkdown.Neutralise(problem)}", $"Nothing was started: {problem}");

    private async Task<(TaskId Id, string Title)?> StartedAsync(MentionSource source, MentionPlace place, CancellationToken cancellationToken)
    {
        await using var db = await store.OpenAsync(cancellationToken);
        var mentioned = await db.Mentions.AsNoTracking().Where(m => m.Key == source.Key && m.Status == MentionStatus.Working).Select(m => m.TaskId).SingleOrDefaultAsync(cancellationToken);
        var task = await db.Tasks.AsNoTracking().Where(t => t.Id == mentioned && t.RepositoryId == place.Repository).Select(t => new { t.Id, t.Title }).SingleOrDefaultAsync(cancellationToken);
        return task is null ? null : (task.Id, task.Title);
    }

    private async Task<TaskId?> TaskOfAsync(MentionPlace place, CancellationToken cancellationToken)
    {
        await using var db = await store.OpenAsync(cancellationToken);
        return await db.PullRequests.AsNoTracking().Where(p => p.RepositoryId == place.Repository && p.Number == place.Number).Select(p => (TaskId?)p.TaskId).FirstOrDefaultAsync(cancellationToken);
    }
}

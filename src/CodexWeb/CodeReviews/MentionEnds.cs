using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Tasks;
using CodexWeb.Ui.Markup;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.CodeReviews;

/// <summary>Says in Markdown how a task ended, for the place it was started from. What the agent wrote notifies nobody there and refers to nothing.</summary>
internal sealed class MentionEnds(IDbContextFactory<CodexDb> databases, TaskQueries queries, AttemptFindings findings, MentionLinks links)
{
    // GitHub takes 65,536 characters, and putting something into code makes a text longer.
    private const int LongestAnswer = 30_000;

    /// <summary>The text.</summary>
    public async Task<string> TextAsync(TaskId id, CancellationToken cancellationToken)
    {
        if (await queries.DetailsAsync(id, cancellationToken) is not { } task)
        {
            return "The task was deleted on the CodexWeb server.";
        }

        var link = links.To(task.Id, task.Title);
        var done = task.Attempts.FirstOrDefault(a => a.Id == task.PushedAttemptId) ?? task.Attempts.FirstOrDefault(a => a.Status is AttemptStatus.Completed);
        return done is not { Status: AttemptStatus.Completed } ? $"This did not work out: {OutgoingMarkdown.Neutralise(task.Attempts[^1].Reason)} See {link}."
            : task.Mode is TaskMode.Ask ? await AnswerAsync(done.Id, link, cancellationToken)
            : $"Done: {link}. {OutgoingMarkdown.Neutralise(task.NextStep)}{await PullAsync(task, cancellationToken)}";
    }

    private async Task<string> AnswerAsync(AttemptId attempt, string link, CancellationToken cancellationToken)
    {
        var answer = await findings.AnswerAsync(attempt, static _ => null, cancellationToken);
        if (answer is null)
        {
            return $"There is no answer: the agent ended without one. See {link}.";
        }

        var cut = answer.Length > LongestAnswer;
        return $"{OutgoingMarkdown.Neutralise(cut ? answer[..LongestAnswer] : answer)}\n\n{(cut ? "The answer goes on in " : "From ")}{link}.";
    }

    private async Task<string> PullAsync(TaskDetails task, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var url = await db.PullRequests.AsNoTracking().Where(p => p.TaskId == task.Id).Select(p => p.Url).SingleOrDefaultAsync(cancellationToken);
        return url is null ? "" : $"\n\nPull request: {url}";
    }
}

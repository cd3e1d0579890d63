using System.Text;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Data;
using CodexWeb.Ui.Markup;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Attempts;

/// <summary>What came of an attempt, read from its log and held against its files: the answer and the evidence.</summary>
public sealed class AttemptFindings(IDbContextFactory<CodexDb> databases, AttemptLog log, RepositoryMirrors mirrors)
{
    private const string Instructions = "AGENTS.md";
    private const int LargestCitedFile = 4 << 20;

    /// <summary>The evidence as the log now stands; null when there is no such attempt.</summary>
    public async Task<Evidence?> EvidenceAsync(AttemptId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var attempt = await (
            from a in db.Attempts.AsNoTracking()
            where a.Id == id
            join t in db.Tasks on a.TaskId equals t.Id
            select new { t.RepositoryId, t.EnvironmentId, t.BaseCommit }).SingleOrDefaultAsync(cancellationToken);
        if (attempt is null)
        {
            return null;
        }

        var environment = await db.Environments.AsNoTracking().SingleAsync(e => e.Id == attempt.EnvironmentId, cancellationToken);
        var instructions = attempt.BaseCommit is { } commit ? await InstructionsAsync(attempt.RepositoryId.ToString(), commit, cancellationToken) : null;
        return Evidence.Of(await log.EventsAsync(id, cancellationToken), environment.Checks, instructions);
    }

    /// <summary>The answer or end report of the last turn that has one, its citations as links; null when there is none yet.</summary>
    /// <param name="address">Where a citation leads; null for nowhere.</param>
    public async Task<string?> AnswerAsync(AttemptId id, Func<Citation, string?> address, CancellationToken cancellationToken)
    {
        var events = await log.EventsAsync(id, cancellationToken);
        var answer = events.OfType<AgentEvent.ItemCompleted>().Select(e => e.Item).OfType<Item.AgentMessage>().LastOrDefault(m => m.Final);
        return answer is null ? null : Citations.ToLinks(answer.Text, address);
    }

    /// <summary>AGENTS.md of the repository's root at a commit; null when there is none that can be read.</summary>
    internal Task<string?> InstructionsAsync(string repositoryKey, string commit, CancellationToken cancellationToken) =>
        TextAsync(repositoryKey, commit, Instructions, cancellationToken);

    /// <summary>A final message without the citations that point at nothing.</summary>
    internal async Task<Item.AgentMessage> VerifyAsync(Item.AgentMessage message, IReadOnlyList<AgentEvent> events, string repositoryKey, string commit, CancellationToken cancellationToken)
    {
        var resolved = await Citations.ResolveAsync(message.Text, events, (path, token) => TextAsync(repositoryKey, commit, path, token), cancellationToken);
        return message with { Text = resolved.Markdown };
    }

    private async Task<string?> TextAsync(string repositoryKey, string commit, string path, CancellationToken cancellationToken)
    {
        try
        {
            var file = await mirrors.ReadFileAsync(repositoryKey, commit, path, LargestCitedFile, cancellationToken);
            return file is { Kind: FileAtCommitKind.Regular, IsBinary: false } ? Encoding.UTF8.GetString(file.Content.Span) : null;
        }
        catch (RepositoryException)
        {
            return null;
        }
    }
}

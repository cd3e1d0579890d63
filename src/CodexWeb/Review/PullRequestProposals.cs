using System.Text;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.Tasks;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Review;

/// <summary>Writes what a pull request would be: its text from the whole change, and its conflicts with the newest base, worked out here before anything is sent.</summary>
public sealed class PullRequestProposals(
    TaskStore store, PullRequestTargets targets, GitHubPulls pulls, GitHubIssues issues, RepositoryMirrors mirrors, Merging merging, AttemptChanges changes, AttemptFindings findings)
{
    internal const string Workflows = ".github/workflows/";

    /// <summary>What the pull request of an attempt's work would be, or what the open one is.</summary>
    /// <param name="attemptId">Null for the attempt that was pushed last, else the only one that changed files.</param>
    /// <param name="baseBranch">Null for the one it goes to now, else the branch the task started from.</param>
    public async Task<CommandResult<PullRequestProposal>> ProposeAsync(TaskId id, AttemptId? attemptId, string? baseBranch, CancellationToken cancellationToken)
    {
        await using var db = await store.OpenAsync(cancellationToken);
        var task = await db.Tasks.AsNoTracking().Include(t => t.Repository).Include(t => t.Attempts).AsSplitQuery().SingleOrDefaultAsync(t => t.Id == id, cancellationToken);
        if (task is null)
        {
            return new CommandResult<PullRequestProposal>.NotFound("There is no such task.");
        }

        if (PushableAttempts.Choose(task, attemptId, out var attempt) is { } refusal)
        {
            return new CommandResult<PullRequestProposal>.Refused(refusal);
        }

        var known = await db.PullRequests.AsNoTracking().SingleOrDefaultAsync(p => p.TaskId == id, cancellationToken);
        try
        {
            return await targets.FindAsync(task.Repository.Url, cancellationToken) switch
            {
                CommandResult<PullRequestTarget>.Done(var target) => await WriteAsync(task, attempt!, known, baseBranch ?? known?.BaseBranch ?? task.Branch, target, cancellationToken),
                var none => new CommandResult<PullRequestProposal>.Refused(none.Problem()!),
            };
        }
        catch (Exception exception) when (exception is RepositoryException or GitHubException)
        {
            return new CommandResult<PullRequestProposal>.Refused(exception.Message);
        }
        catch (GitException exception)
        {
            return new CommandResult<PullRequestProposal>.Refused($"The change could not be read: {exception.Error.Trim()}");
        }
    }

    /// <summary>Labels and people to choose from.</summary>
    public async Task<PullRequestChoices> ChoicesAsync(TaskId id, CancellationToken cancellationToken)
    {
        await using var db = await store.OpenAsync(cancellationToken);
        var url = await db.Tasks.AsNoTracking().Where(t => t.Id == id).Select(t => t.Repository.Url).SingleOrDefaultAsync(cancellationToken);
        try
        {
            return url is null ? new PullRequestChoices([], [], "There is no such task.") : await targets.FindAsync(url, cancellationToken) switch
            {
                CommandResult<PullRequestTarget>.Done(var target) => new PullRequestChoices(
                    [.. (await issues.LabelsAsync(target.Token, target.Repository, cancellationToken)).Select(label => label.Name)],
                    await issues.AssigneesAsync(target.Token, target.Repository, cancellationToken),
                    Problem: null),
                var none => new PullRequestChoices([], [], none.Problem()),
            };
        }
        catch (GitHubException exception)
        {
            return new PullRequestChoices([], [], exception.Message);
        }
    }

    /// <summary>The newest commit of a base branch, fetched now, and what merging it into an attempt's work would come to.</summary>
    /// <exception cref="RepositoryException">The origin cannot be reached, or there is no such branch.</exception>
    internal async Task<(string Commit, MergePreview Merge)> CompareAsync(CodexTask task, Attempt attempt, string baseBranch, CancellationToken cancellationToken)
    {
        await mirrors.FetchAsync(task.Repository.Key, task.Repository.Url, cancellationToken);
        var commit = await mirrors.ResolveAsync(task.Repository.Key, baseBranch, cancellationToken);
        return (commit, await merging.PreviewAsync(task.Repository.Key, attempt.Checkpoint!, task.MergedInto(attempt.Id), commit, cancellationToken));
    }

    private async Task<CommandResult<PullRequestProposal>> WriteAsync(CodexTask task, Attempt attempt, PullRequest? known, string baseBranch, PullRequestTarget target, CancellationToken cancellationToken)
    {
        var branch = known?.HeadBranch ?? task.PushedBranch ?? task.WorkBranch;
        var (commit, merge) = await CompareAsync(task, attempt, baseBranch, cancellationToken);
        var open = known is { IsOpen: true } ? await pulls.GetAsync(target.Token, target.Repository, known.Number, cancellationToken) : await FindOpenAsync(target, branch, cancellationToken);
        var diff = await changes.SummariseAsync(attempt.Id, turn: null, cancellationToken);
        var (templatePath, template) = await TemplateAsync(task.Repository.Key, commit, cancellationToken);
        var text = open is not null
            ? new CommitText(open.Title, open.Body ?? "")
            : PullRequestText.Write(new PullRequestFacts(
                task.Title,
                await findings.AnswerAsync(attempt.Id, static _ => null, cancellationToken),
                diff,
                await findings.EvidenceAsync(attempt.Id, cancellationToken),
                template,
                SourceLine.Of(task.SourceUrl is { } source ? new TaskSource(source, task.SourceLabel ?? source) : null, target.Page)));
        return new CommandResult<PullRequestProposal>.Done(new PullRequestProposal(
            attempt.Id,
            text.Title,
            text.Body,
            baseBranch,
            branch,
            open?.Draft ?? false,
            merge.Conflicts,
            !merge.IsMerged,
            open is null ? templatePath : null,
            known?.Number ?? open?.Number,
            diff?.Files.Any(file => file.Path.StartsWith(Workflows, StringComparison.OrdinalIgnoreCase)) ?? false));
    }

    private async Task<GitHubPull?> FindOpenAsync(PullRequestTarget target, string branch, CancellationToken cancellationToken) =>
        await pulls.FindAsync(target.Token, target.Repository, target.Repository.Owner, branch, cancellationToken) is { State: GitHubPullState.Open } open ? open : null;

    private async Task<(string? Path, string? Text)> TemplateAsync(string repositoryKey, string commit, CancellationToken cancellationToken)
    {
        if (PullRequestTemplate.Find(await mirrors.ListFilesAsync(repositoryKey, commit, cancellationToken)) is not { } path)
        {
            return default;
        }

        var file = await mirrors.ReadFileAsync(repositoryKey, commit, path, PullRequestTemplate.MostBytes, cancellationToken);
        return file is { Kind: FileAtCommitKind.Regular, IsBinary: false } ? (path, Encoding.UTF8.GetString(file.Content.Span)) : default;
    }
}

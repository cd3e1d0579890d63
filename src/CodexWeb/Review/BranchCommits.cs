using CodexWeb.Agent.Workspaces;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Tasks;

namespace CodexWeb.Review;

/// <summary>
/// Makes the commits a push sends out: one clean commit of the whole change at first, then one for each turn that changed something; a merge when a newer base was merged into the work.
/// </summary>
public sealed class BranchCommits(Changes commits, Merging merging, RepositoryMirrors mirrors, AttemptChanges changes)
{
    private const int MostCommits = 100;

    /// <summary>What the branch's next commit stands on.</summary>
    /// <returns>The commit pushed last to the same branch, else where the change begins.</returns>
    public static string ParentOf(CodexTask task, ChangeRange range, string branch)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(range);
        return string.Equals(branch, task.PushedBranch, StringComparison.Ordinal) ? task.PushedCommit ?? range.From : range.From;
    }

    /// <summary>Makes the commits.</summary>
    /// <param name="parent">See <see cref="ParentOf"/>.</param>
    /// <param name="message">Of the last one.</param>
    /// <returns>The last one; the parent itself when there is nothing new.</returns>
    /// <exception cref="RepositoryException">A commit is missing.</exception>
    /// <exception cref="GitException">It could not be made.</exception>
    public async Task<string> MakeAsync(CodexTask task, AttemptId attempt, ChangeRange range, string parent, string message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(range);
        var author = new CommitAuthor(task.Author, "codexweb@localhost");
        foreach (var (turn, checkpoint) in await BeforeLastAsync(task, attempt, range, parent, cancellationToken))
        {
            parent = await commits.CommitForBranchAsync(range.RepositoryKey, checkpoint, [parent], CommitTexts.TitleOf(task, turn), author, cancellationToken);
        }

        var merged = task.MergedInto(attempt);
        var isNew = merged is not null && !await merging.IsAncestorAsync(range.RepositoryKey, merged, parent, cancellationToken);
        return await commits.CommitForBranchAsync(range.RepositoryKey, range.To, isNew ? [parent, merged!] : [parent], message, author, cancellationToken);
    }

    /// <summary>The commit the branch is at, when it is one of this server's that was pushed and not noted, because the server died in between.</summary>
    /// <returns>Null when the branch is not there, or has commits of others.</returns>
    public async Task<string?> FindUnnotedAsync(CodexTask task, ChangeRange range, string parent, string branch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(range);
        string found;
        try
        {
            await mirrors.FetchAsync(range.RepositoryKey, task.Repository.Url, cancellationToken);
            found = await mirrors.ResolveAsync(range.RepositoryKey, branch, cancellationToken);
        }
        catch (RepositoryException)
        {
            return null;
        }

        // Its own commits alone: each has the files of one of the attempt's checkpoints, down to what was pushed before.
        var own = await merging.TreesAsync(range.RepositoryKey, task.BaseCommit ?? range.From, range.To, cancellationToken);
        var commit = found;
        for (var step = 0; step < MostCommits; step++)
        {
            var (tree, parents) = await merging.DescribeAsync(range.RepositoryKey, commit, cancellationToken);
            if (parents.Count == 0 || !own.Contains(tree, StringComparer.Ordinal))
            {
                return null;
            }

            if (string.Equals(parents[0], parent, StringComparison.Ordinal))
            {
                return found;
            }

            commit = parents[0];
        }

        return null;
    }

    // A first push, and one to another branch, is one commit.
    private async Task<IReadOnlyList<(int Turn, string Checkpoint)>> BeforeLastAsync(CodexTask task, AttemptId attempt, ChangeRange range, string parent, CancellationToken cancellationToken)
    {
        if (task.PushedCheckpoint is not { } pushed || attempt != task.PushedAttemptId || !string.Equals(parent, task.PushedCommit, StringComparison.Ordinal))
        {
            return [];
        }

        var turns = await changes.TurnsSinceAsync(attempt, pushed, cancellationToken);
        return [.. turns.SkipLast(1).Where(turn => !string.Equals(turn.Checkpoint, range.To, StringComparison.Ordinal))];
    }
}

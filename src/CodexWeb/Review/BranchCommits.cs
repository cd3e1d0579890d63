using CodexWeb.Agent.Workspaces;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Tasks;

namespace CodexWeb.Review;

/// <summary>Makes the commit a push sends out: one clean commit of all that is new, or a merge when a newer base was merged into the work.</summary>
public sealed class BranchCommits(Changes commits, Merging merging, RepositoryMirrors mirrors)
{
    /// <summary>What the branch's next commit stands on.</summary>
    /// <returns>The commit pushed last to the same branch, else where the change begins.</returns>
    public static string ParentOf(CodexTask task, ChangeRange range, string branch)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(range);
        return string.Equals(branch, task.PushedBranch, StringComparison.Ordinal) ? task.PushedCommit ?? range.From : range.From;
    }

    /// <summary>Makes the commit.</summary>
    /// <param name="parent">See <see cref="ParentOf"/>.</param>
    /// <returns>The parent itself when there is nothing new.</returns>
    /// <exception cref="RepositoryException">A commit is missing.</exception>
    /// <exception cref="GitException">It could not be made.</exception>
    public async Task<string> MakeAsync(CodexTask task, AttemptId attempt, ChangeRange range, string parent, string message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(range);
        var merged = task.MergedInto(attempt);
        var isNew = merged is not null && !await merging.IsAncestorAsync(range.RepositoryKey, merged, parent, cancellationToken);
        return await commits.CommitForBranchAsync(
            range.RepositoryKey, range.To, isNew ? [parent, merged!] : [parent], message, new CommitAuthor(task.Author, "codexweb@localhost"), cancellationToken);
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

        var (tree, parents) = await merging.DescribeAsync(range.RepositoryKey, found, cancellationToken);
        return parents.Count > 0
            && string.Equals(parents[0], parent, StringComparison.Ordinal)
            && (await merging.TreesAsync(range.RepositoryKey, task.BaseCommit ?? range.From, range.To, cancellationToken)).Contains(tree, StringComparer.Ordinal)
                ? found
                : null;
    }
}

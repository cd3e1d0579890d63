using System.Text;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Workspaces;

/// <summary>What a merge would come to.</summary>
/// <param name="IsMerged">True when the work has the other commit already.</param>
/// <param name="Conflicts">The paths both sides changed so that Git cannot join them, at most <see cref="Merging.MostPaths"/>; empty when it can.</param>
public sealed record MergePreview(bool IsMerged, IReadOnlyList<string> Conflicts);

/// <summary>What is wrong with a merge that was made by hand.</summary>
/// <param name="Missing">Files that only the other side changed and that are as they were before, at most <see cref="Merging.MostPaths"/>.</param>
/// <param name="Unresolved">Files in which conflict markers were left.</param>
public sealed record MergeFindings(IReadOnlyList<string> Missing, IReadOnlyList<string> Unresolved)
{
    /// <summary>True when nothing of the other side is lost and no conflict is left.</summary>
    public bool IsComplete => Missing.Count == 0 && Unresolved.Count == 0;
}

/// <summary>Tries merges in the server's own repository, without files and without a workspace, and looks whether one that an agent made is whole.</summary>
/// <remarks>No merge driver that a repository names is ever started: there is no configuration that could define one.</remarks>
public sealed class Merging(WorkspacePaths paths, Git git)
{
    /// <summary>So many paths are named at most.</summary>
    public const int MostPaths = 200;

    // A conflict has three of them; fewer can be the underlines of headings.
    private const int MarkersOfAConflict = 3;
    private const string MarkerFound = ": leftover conflict marker";
    private static readonly TimeSpan MergeTimeout = TimeSpan.FromMinutes(2);

    /// <summary>What merging another commit into the work would come to.</summary>
    /// <param name="work">The work's newest commit: a checkpoint, or what was pushed.</param>
    /// <param name="merged">A commit whose content the work has although its history does not say so; null for none.</param>
    /// <param name="other">The commit to merge, usually the newest of the base branch.</param>
    /// <exception cref="RepositoryException">A commit is missing, or the two have no common history.</exception>
    public async Task<MergePreview> PreviewAsync(string repositoryKey, string work, string? merged, string other, CancellationToken cancellationToken)
    {
        var directory = Directory(repositoryKey);
        if (await IsAncestorAsync(repositoryKey, other, work, cancellationToken) || (merged is not null && await IsAncestorAsync(repositoryKey, other, merged, cancellationToken)))
        {
            return new MergePreview(IsMerged: true, []);
        }

        var ours = await WithHistoryAsync(directory, work, merged, cancellationToken);
        var command = new GitCommand(directory, "merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", "--end-of-options", ours, Commits.Require(other)) { Timeout = MergeTimeout };
        var result = await RunAsync(command, cancellationToken);
        return result.ExitCode switch
        {
            0 => new MergePreview(IsMerged: false, []),
            // The tree's hash, then the paths. https://git-scm.com/docs/git-merge-tree
            1 => new MergePreview(IsMerged: false, [.. Fields(result.Output).Skip(1).Where(path => path.Length > 0).Distinct(StringComparer.Ordinal).Take(MostPaths)]),
            _ => throw new RepositoryException($"The two commits cannot be merged: {GitMessage.Shorten(result.Error)}"),
        };
    }

    /// <summary>Looks whether the work has all of another commit after an agent merged it.</summary>
    /// <param name="before">The work before the merge.</param>
    /// <param name="merged">As for <see cref="PreviewAsync"/>.</param>
    /// <param name="other">The commit that was to be merged.</param>
    /// <param name="after">The work after it.</param>
    /// <returns>A file that only the other side changed counts as missing when it is as before; one that was adapted to the merge does not.</returns>
    public async Task<MergeFindings> ExamineAsync(string repositoryKey, string before, string? merged, string other, string after, CancellationToken cancellationToken)
    {
        var directory = Directory(repositoryKey);
        var ours = await WithHistoryAsync(directory, before, merged, cancellationToken);
        var common = await git.TextAsync(new GitCommand(directory, "merge-base", "--end-of-options", ours, Commits.Require(other)), cancellationToken);
        var theirs = await ChangesAsync(directory, common, other, cancellationToken);
        var mine = await ChangesAsync(directory, common, before, cancellationToken);
        var left = await ChangesAsync(directory, other, after, cancellationToken);
        var missing = theirs
            .Where(change => !mine.ContainsKey(change.Key) && left.TryGetValue(change.Key, out var now) && string.Equals(now.After, change.Value.Before, StringComparison.Ordinal))
            .Select(change => change.Key)
            .Take(MostPaths);
        return new MergeFindings([.. missing], await UnresolvedAsync(directory, other, after, cancellationToken));
    }

    /// <summary>Whether a commit is another one, or lies in its history.</summary>
    /// <exception cref="RepositoryException">One of them is not there.</exception>
    public async Task<bool> IsAncestorAsync(string repositoryKey, string ancestor, string commit, CancellationToken cancellationToken)
    {
        var command = new GitCommand(Directory(repositoryKey), "merge-base", "--is-ancestor", "--end-of-options", Commits.Require(ancestor), Commits.Require(commit));
        var result = await RunAsync(command, cancellationToken);
        return result.ExitCode switch
        {
            0 => true,
            1 => false,
            _ => throw new RepositoryException($"The commits could not be compared: {GitMessage.Shorten(result.Error)}"),
        };
    }

    /// <summary>The trees of all commits from a base (left out) to a commit, newest first, at most 1,000.</summary>
    public async Task<IReadOnlyList<string>> TreesAsync(string repositoryKey, string from, string to, CancellationToken cancellationToken)
    {
        var command = new GitCommand(Directory(repositoryKey), "log", "--format=%T", "--max-count=1000", "--end-of-options", $"{Commits.Require(from)}..{Commits.Require(to)}");
        return (await git.TextAsync(command, cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>A commit's tree and its parents.</summary>
    /// <exception cref="GitException">It is not there.</exception>
    public async Task<(string Tree, IReadOnlyList<string> Parents)> DescribeAsync(string repositoryKey, string commit, CancellationToken cancellationToken)
    {
        var command = new GitCommand(Directory(repositoryKey), "show", "--no-patch", "--format=%T %P", "--end-of-options", Commits.Require(commit));
        var parts = (await git.TextAsync(command, cancellationToken)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (parts[0], parts[1..]);
    }

    // Checkpoints have one parent each. So that Git finds the right common commit after an earlier merge, that merge is told to it here; nothing names this commit afterwards.
    private async Task<string> WithHistoryAsync(string directory, string work, string? merged, CancellationToken cancellationToken)
    {
        if (merged is null)
        {
            return Commits.Require(work);
        }

        var tree = await git.TextAsync(new GitCommand(directory, "rev-parse", "--verify", "--end-of-options", $"{Commits.Require(work)}^{{tree}}"), cancellationToken);
        return await git.TextAsync(CommitCommand.Make(directory, tree, [work, Commits.Require(merged)], "Merged", CommitAuthor.Server, DateTimeOffset.UnixEpoch), cancellationToken);
    }

    private async Task<Dictionary<string, (string Before, string After)>> ChangesAsync(string directory, string from, string to, CancellationToken cancellationToken)
    {
        var command = new GitCommand(directory, "diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules=none", "--end-of-options", Commits.Require(from), Commits.Require(to))
        {
            Timeout = MergeTimeout,
            MaxOutputBytes = 256L * 1024 * 1024,
        };
        var fields = Fields(await git.OutputAsync(command, cancellationToken));
        var changes = new Dictionary<string, (string Before, string After)>(StringComparer.Ordinal);
        for (var at = 0; at + 1 < fields.Length; at += 2)
        {
            // :mode mode hash hash status
            var parts = fields[at].TrimStart(':').Split(' ');
            changes[fields[at + 1]] = ($"{parts[0]} {parts[2]}", $"{parts[1]} {parts[3]}");
        }

        return changes;
    }

    private async Task<IReadOnlyList<string>> UnresolvedAsync(string directory, string other, string after, CancellationToken cancellationToken)
    {
        var command = new GitCommand(directory, "-c", "core.quotePath=false", "diff-tree", "-r", "--check", "--no-ext-diff", "--no-textconv", "--end-of-options", Commits.Require(other), Commits.Require(after)) { Timeout = MergeTimeout };
        var result = await RunAsync(command, cancellationToken);
        return [.. Encoding.UTF8.GetString(result.Output.Span).Split('\n')
            .Where(line => line.EndsWith(MarkerFound, StringComparison.Ordinal) || line.EndsWith(MarkerFound + ".", StringComparison.Ordinal))
            .Select(line => line[..line.LastIndexOf(MarkerFound, StringComparison.Ordinal)])
            .Select(place => place[..Math.Max(0, place.LastIndexOf(':'))])
            .GroupBy(path => path, StringComparer.Ordinal)
            .Where(markers => markers.Count() >= MarkersOfAConflict)
            .Select(markers => markers.Key)
            .Take(MostPaths)];
    }

    private async Task<ProcessResult> RunAsync(GitCommand command, CancellationToken cancellationToken)
    {
        try
        {
            return await git.RunAsync(command, cancellationToken);
        }
        catch (ProcessException failure)
        {
            throw new RepositoryException($"The merge could not be tried: {failure.Message}", failure);
        }
    }

    private static string[] Fields(ReadOnlyMemory<byte> output) => Encoding.UTF8.GetString(output.Span).Split('\0', StringSplitOptions.None);

    private string Directory(string repositoryKey)
    {
        var folder = paths.CheckpointsOf(repositoryKey);
        return System.IO.Directory.Exists(folder) ? folder : throw new RepositoryException("The server has no copy of this repository any more. Connect it again.");
    }
}

using System.Globalization;
using System.Text;

namespace CodexWeb.Agent.Workspaces;

/// <summary>
/// Keeps checkpoints as commits under hidden refs of a repository that no sandbox sees. Objects from a sandbox are checked one by one when they come in, and every object they
/// name must be there already, so that a checkpoint is always whole.
/// </summary>
public sealed class CheckpointStore(WorkspacePaths paths, Git git, TimeProvider time)
{
    // Git's own limit between loose objects and a pack (transfer.unpackLimit).
    private const int UnpackLimit = 100;
    private const int PackHeaderBytes = 12;

    // As the old value of a ref: it must not be there yet. https://git-scm.com/docs/git-update-ref
    private const string NoCommit = "0000000000000000000000000000000000000000";
    private static readonly TimeSpan ImportTimeout = TimeSpan.FromMinutes(5);

    /// <summary>Deletes an attempt's checkpoints.</summary>
    public async Task DeleteAsync(string repositoryKey, string attemptId, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(paths.CheckpointsOf(repositoryKey)))
        {
            return;
        }

        var names = await RefsAsync(repositoryKey, attemptId, cancellationToken);
        var input = string.Concat(names.Select(name => $"delete {name}\n"));
        var command = new GitCommand(paths.CheckpointsOf(repositoryKey), "update-ref", "--stdin") { Input = Encoding.UTF8.GetBytes(input) };
        await git.OutputAsync(command, cancellationToken);
    }

    /// <summary>The tree of a commit.</summary>
    internal Task<string> TreeAsync(string repositoryKey, string commit, CancellationToken cancellationToken)
        => git.TextAsync(new GitCommand(paths.CheckpointsOf(repositoryKey), "rev-parse", "--verify", "--end-of-options", $"{Commits.Require(commit)}^{{tree}}"), cancellationToken);

    /// <summary>The number of the attempt's newest checkpoint; 0 when there is none.</summary>
    internal async Task<int> LastNumberAsync(string repositoryKey, string attemptId, CancellationToken cancellationToken)
    {
        var names = await RefsAsync(repositoryKey, attemptId, cancellationToken);
        return names
            .Select(name => int.TryParse(name.AsSpan(name.LastIndexOf('/') + 1), CultureInfo.InvariantCulture, out var number) ? number : 0)
            .DefaultIfEmpty(0)
            .Max();
    }

    /// <summary>Takes in a pack from a sandbox.</summary>
    /// <exception cref="GitException">It is damaged, has an object that Git refuses (an entry named .git, for example), or names one that is missing.</exception>
    internal async Task ImportAsync(string repositoryKey, IAsyncEnumerable<ReadOnlyMemory<byte>> pack, CancellationToken cancellationToken)
    {
        await using var chunks = pack.GetAsyncEnumerator(cancellationToken);
        using var start = new MemoryStream();
        while (start.Length < PackHeaderBytes && await chunks.MoveNextAsync())
        {
            start.Write(chunks.Current.Span);
        }

        if (start.Length == 0)
        {
            return;
        }

        var command = IsSmall(start.GetBuffer().AsSpan(0, (int)start.Length))
            ? new GitCommand(paths.CheckpointsOf(repositoryKey), "unpack-objects", "-q", "--strict")
            : new GitCommand(paths.CheckpointsOf(repositoryKey), "index-pack", "--stdin", "--strict");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(ImportTimeout);
        await git.FeedAsync(command, AllAsync(start.ToArray(), chunks), deadline.Token);
    }

    /// <summary>Makes the commit and its ref.</summary>
    /// <param name="tree">A tree whose objects have been taken in.</param>
    /// <param name="parent">The checkpoint before it, or the base commit.</param>
    /// <returns>The commit's hash.</returns>
    /// <exception cref="GitException">The tree is not there.</exception>
    internal async Task<string> RecordAsync(string repositoryKey, string attemptId, int number, string tree, string parent, string message, CancellationToken cancellationToken)
    {
        var directory = paths.CheckpointsOf(repositoryKey);
        var commit = await git.TextAsync(CommitCommand.Make(directory, tree, [parent], message, CommitAuthor.Server, time.GetUtcNow()), cancellationToken);
        await git.OutputAsync(new GitCommand(directory, "update-ref", RefName(attemptId, number), commit), cancellationToken);
        return commit;
    }

    /// <summary>Makes another attempt's checkpoint the first one of a new attempt.</summary>
    /// <param name="commit">A checkpoint of the same repository, as its full hash.</param>
    /// <exception cref="GitException">It is not there.</exception>
    public Task AdoptAsync(string repositoryKey, string attemptId, string commit, CancellationToken cancellationToken)
        => git.OutputAsync(new GitCommand(paths.CheckpointsOf(repositoryKey), "update-ref", RefName(attemptId, 1), Commits.Require(commit), NoCommit), cancellationToken);

    /// <summary>Makes a new checkpoint with the files of an earlier one.</summary>
    /// <param name="wanted">The commit whose files are taken.</param>
    /// <param name="last">The attempt's last checkpoint.</param>
    /// <returns>The new checkpoint; null when the files are the same already.</returns>
    /// <exception cref="GitException">A commit is not there, or another checkpoint was made in the same moment.</exception>
    public async Task<string?> RestoreAsync(string repositoryKey, string attemptId, string wanted, string last, string message, CancellationToken cancellationToken)
    {
        var tree = await TreeAsync(repositoryKey, wanted, cancellationToken);
        if (tree == await TreeAsync(repositoryKey, last, cancellationToken))
        {
            return null;
        }

        var directory = paths.CheckpointsOf(repositoryKey);
        var number = await LastNumberAsync(repositoryKey, attemptId, cancellationToken) + 1;
        var commit = await git.TextAsync(CommitCommand.Make(directory, tree, [Commits.Require(last)], message, CommitAuthor.Server, time.GetUtcNow()), cancellationToken);
        await git.OutputAsync(new GitCommand(directory, "update-ref", RefName(attemptId, number), commit, NoCommit), cancellationToken);
        return commit;
    }

    private async Task<string[]> RefsAsync(string repositoryKey, string attemptId, CancellationToken cancellationToken)
    {
        var command = new GitCommand(paths.CheckpointsOf(repositoryKey), "for-each-ref", "--format=%(refname)", $"refs/codexweb/attempts/{WorkspacePaths.Key(attemptId)}/");
        return (await git.TextAsync(command, cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string RefName(string attemptId, int number)
        => string.Create(CultureInfo.InvariantCulture, $"refs/codexweb/attempts/{WorkspacePaths.Key(attemptId)}/{number}");

    /// <summary>Whether a pack has few objects. Its header: "PACK", a version and a count, four bytes each. https://git-scm.com/docs/gitformat-pack</summary>
    private static bool IsSmall(ReadOnlySpan<byte> start)
        => start.Length >= PackHeaderBytes && System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(start[8..]) < UnpackLimit;

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> AllAsync(ReadOnlyMemory<byte> start, IAsyncEnumerator<ReadOnlyMemory<byte>> chunks)
    {
        yield return start;
        while (await chunks.MoveNextAsync())
        {
            yield return chunks.Current;
        }
    }
}

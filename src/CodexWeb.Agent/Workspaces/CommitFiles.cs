using System.Globalization;
using System.Text;

namespace CodexWeb.Agent.Workspaces;

/// <summary>Makes commits from others, file by file, in the server's own repository: without a workspace, so that no link, filter or program of an agent has a say.</summary>
public sealed class CommitFiles(WorkspacePaths paths, Git git, TimeProvider time)
{
    /// <summary>A commit with some of its files taken from another one: those that the other lacks are not in it.</summary>
    /// <param name="commit">A full hash: a base commit or a checkpoint.</param>
    /// <param name="other">Where the files come from.</param>
    /// <param name="fromOther">Says of a path whether it comes from the other. A file of the first that is in the way of one (a link where the other has a folder) goes.</param>
    /// <returns>The new commit's full hash.</returns>
    public async Task<string> TakeAsync(string repositoryKey, string commit, string other, Func<string, bool> fromOther, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(fromOther);
        var folder = paths.CheckpointsOf(repositoryKey);
        var taken = (await EntriesAsync(folder, other, cancellationToken)).Where(entry => fromOther(entry.Name)).ToList();
        var kept = (await EntriesAsync(folder, commit, cancellationToken)).Where(entry => !fromOther(entry.Name)).ToList();
        var folders = taken.SelectMany(static entry => Ancestors(entry.Path)).ToHashSet(StringComparer.Ordinal);
        var files = taken.Select(static entry => entry.Path).ToHashSet(StringComparer.Ordinal);
        return await CommitAsync(folder, commit, [.. taken, .. kept.Where(entry => !folders.Contains(entry.Path) && !Ancestors(entry.Path).Any(files.Contains))], cancellationToken);
    }

    /// <summary>A commit with other contents in some files. A file that is there keeps its mode bits.</summary>
    /// <param name="files">By path, relative to the repository's root, with <c>/</c>.</param>
    /// <returns>The new commit's full hash.</returns>
    /// <exception cref="RepositoryException">A path cannot be one of a repository.</exception>
    public async Task<string> WriteAsync(string repositoryKey, string commit, IReadOnlyDictionary<string, string> files, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(files);
        var folder = paths.CheckpointsOf(repositoryKey);
        var before = await EntriesAsync(folder, commit, cancellationToken);
        var modes = before.ToDictionary(static entry => entry.Name, static entry => entry.Mode, StringComparer.Ordinal);
        var written = new List<Entry>();
        foreach (var (path, content) in files)
        {
            var hash = await git.TextAsync(new GitCommand(folder, "hash-object", "-w", "--stdin") { Input = Encoding.UTF8.GetBytes(content) }, cancellationToken);
            written.Add(new Entry(modes.GetValueOrDefault(path) is "100755" ? "100755" : "100644", hash, Checked(path)));
        }

        return await CommitAsync(folder, commit, [.. before.Where(entry => !files.ContainsKey(entry.Name)), .. written], cancellationToken);
    }

    /// <summary>A commit with a patch applied.</summary>
    /// <param name="patch">As <c>git diff</c> writes it.</param>
    /// <returns>The new commit's full hash.</returns>
    /// <exception cref="RepositoryException">It does not apply.</exception>
    public async Task<string> PatchAsync(string repositoryKey, string commit, string patch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(patch);
        var folder = paths.CheckpointsOf(repositoryKey);
        return await WithIndexAsync(folder, commit, async index =>
        {
            await git.OutputAsync(With(index, new GitCommand(folder, "read-tree", Commits.Require(commit))), cancellationToken);
            var applied = await git.RunAsync(With(index, new GitCommand(folder, "apply", "--cached", "--whitespace=nowarn", "-") { Input = Encoding.UTF8.GetBytes(patch) }), cancellationToken);
            if (applied.ExitCode != 0)
            {
                throw new RepositoryException($"The patch does not apply to {commit[..12]}: {GitMessage.Shorten(applied.Error)}");
            }
        }, cancellationToken);
    }

    private Task<string> CommitAsync(string folder, string parent, IReadOnlyList<Entry> entries, CancellationToken cancellationToken) => WithIndexAsync(folder, parent, async index =>
    {
        // https://git-scm.com/docs/git-update-index#_using_index_info
        var input = string.Concat(entries.Select(static entry => $"{entry.Mode} {entry.Hash}\t{entry.Path}\0"));
        await git.OutputAsync(With(index, new GitCommand(folder, "update-index", "-z", "--index-info") { Input = Encoding.Latin1.GetBytes(input) }), cancellationToken);
    }, cancellationToken);

    private async Task<string> WithIndexAsync(string folder, string parent, Func<string, Task> fill, CancellationToken cancellationToken)
    {
        var index = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"index-{Guid.NewGuid():N}"));
        try
        {
            await fill(index);
            var tree = await git.TextAsync(With(index, new GitCommand(folder, "write-tree")), cancellationToken);
            return await git.TextAsync(CommitCommand.Make(folder, tree, [Commits.Require(parent)], "Files put together", CommitAuthor.Server, time.GetUtcNow()), cancellationToken);
        }
        finally
        {
            File.Delete(index);
        }
    }

    private async Task<List<Entry>> EntriesAsync(string folder, string commit, CancellationToken cancellationToken)
    {
        var listing = await git.OutputAsync(new GitCommand(folder, "ls-tree", "-r", "-z", "--full-tree", Commits.Require(commit)), cancellationToken);
        // Byte for byte: a path need not be UTF-8.
        return [.. Encoding.Latin1.GetString(listing.Span).Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(Entry.Parse)];
    }

    private static GitCommand With(string index, GitCommand command) => command with { Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["GIT_INDEX_FILE"] = index } };

    private static IEnumerable<string> Ancestors(string path)
    {
        for (var end = path.LastIndexOf('/'); end > 0; end = path.LastIndexOf('/', end - 1))
        {
            yield return path[..end];
        }
    }

    private static string Checked(string path) =>
        path.Contains('\0', StringComparison.Ordinal) || path.Split('/').Any(static part => part is "" or "." or ".." || part.Equals(".git", StringComparison.OrdinalIgnoreCase))
            ? throw new RepositoryException($"'{path}' cannot be the path of a file in a repository.")
            : Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(path));

    // "100644 blob HASH\tPATH", each byte of the path a character.
    private sealed record Entry(string Mode, string Hash, string Path)
    {
        public string Name { get; } = Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(Path));

        public static Entry Parse(string line)
        {
            var tab = line.IndexOf('\t', StringComparison.Ordinal);
            var fields = line[..tab].Split(' ');
            return new Entry(fields[0], fields[2], line[(tab + 1)..]);
        }
    }
}

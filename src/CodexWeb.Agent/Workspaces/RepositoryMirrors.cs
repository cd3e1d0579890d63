using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Workspaces;

/// <summary>
/// The server's own bare copies of repositories: one with what the origin has, fetched on demand, and one beside it for checkpoints, which borrows the first one's objects.
/// </summary>
/// <remarks>A repository key is the caller's name for a repository: ASCII letters, digits, <c>-</c> and <c>_</c>, at most 64.</remarks>
public sealed class RepositoryMirrors(WorkspacePaths paths, Git git, Origins origins, HostAccount account, TimeProvider time)
{
    private static readonly string[] Everything = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, SemaphoreSlim> gates = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> fetched = new(StringComparer.Ordinal);
    private readonly StaleLocks locks = new();

    /// <summary>Checks an address, makes the mirror and fetches for the first time.</summary>
    /// <exception cref="RepositoryException">The address is malformed, nothing answers there, or nothing is committed there.</exception>
    public async Task<RepositoryDescription> ConnectAsync(string repositoryKey, string url, CancellationToken cancellationToken)
    {
        var address = RepositoryUrl.Parse(url);
        var head = await HeadAsync(address, cancellationToken);
        var branches = await FirstFetchAsync(repositoryKey, address, cancellationToken);
        var named = branches.FirstOrDefault(branch => branch.Name == head)
            ?? branches.FirstOrDefault(branch => branch.Name is "main" or "master")
            ?? branches[0];
        return new RepositoryDescription(address.Name, named.Name);
    }

    /// <summary>Brings the mirror up to date. Callers at the same time share one fetch, and one that ended less than five seconds ago counts.</summary>
    /// <exception cref="RepositoryException">The origin cannot be reached or is gone; the mirror stays as it was.</exception>
    public Task FetchAsync(string repositoryKey, string url, CancellationToken cancellationToken)
        => FetchAsync(repositoryKey, url, force: false, cancellationToken);

    /// <summary>Like <see cref="FetchAsync(string, string, CancellationToken)"/>, but only a fetch that begins after the call counts: for what the origin may have had for a moment only.</summary>
    /// <exception cref="RepositoryException">The origin cannot be reached or is gone; the mirror stays as it was.</exception>
    public Task FetchAnewAsync(string repositoryKey, string url, CancellationToken cancellationToken)
        => FetchAsync(repositoryKey, url, force: true, cancellationToken);

    /// <summary>Fetches the commits of a pull request, those of a fork too, and keeps them. Nothing is taken from the fork itself: the host offers them beside the branches.</summary>
    /// <param name="number">The pull request's number.</param>
    /// <returns>Its newest commit.</returns>
    /// <exception cref="RepositoryException">The origin cannot be reached, or has no such pull request.</exception>
    public async Task<string> FetchPullAsync(string repositoryKey, string url, int number, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        var mirror = RequireOrigin(repositoryKey);
        var kept = string.Create(CultureInfo.InvariantCulture, $"refs/codexweb/pull/{number}");
        var gate = gates.GetOrAdd(repositoryKey, _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(cancellationToken);
        try
        {
            // https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/reviewing-changes-in-pull-requests/checking-out-pull-requests-locally
            await FetchFromAsync(RepositoryUrl.Parse(url), mirror, [string.Create(CultureInfo.InvariantCulture, $"+refs/pull/{number}/head:{kept}")], cancellationToken);
            return await git.TextAsync(new GitCommand(mirror, "rev-parse", "--verify", "--end-of-options", $"{kept}^{{commit}}"), cancellationToken);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Makes a checkpoint one of the commits that sandboxes see, as they see the origin's.</summary>
    /// <param name="from">A commit of the origin that the checkpoint goes back to.</param>
    /// <exception cref="GitException">One of them is not there, or what lies between them is larger than 64 MiB.</exception>
    public async Task ShareCheckpointAsync(string repositoryKey, string from, string checkpoint, CancellationToken cancellationToken)
    {
        var mirror = RequireOrigin(repositoryKey);
        var wanted = Encoding.ASCII.GetBytes($"{Commits.Require(checkpoint)}\n--not\n{Commits.Require(from)}\n");
        var pack = await git.OutputAsync(new GitCommand(RequireCheckpoints(repositoryKey), "pack-objects", "-q", "--stdout", "--revs") { Input = wanted }, cancellationToken);
        await git.OutputAsync(new GitCommand(mirror, "index-pack", "--stdin") { Input = pack }, cancellationToken);
        await git.OutputAsync(new GitCommand(mirror, "update-ref", $"refs/codexweb/change/{checkpoint}", checkpoint), cancellationToken);
    }

    /// <summary>The commit two histories have in common last; null when they have none.</summary>
    public async Task<string?> MergeBaseAsync(string repositoryKey, string commit, string other, CancellationToken cancellationToken)
    {
        var result = await git.RunAsync(new GitCommand(RequireCheckpoints(repositoryKey), "merge-base", "--end-of-options", Commits.Require(commit), Commits.Require(other)), cancellationToken);
        return result.ExitCode == 0 ? Encoding.ASCII.GetString(result.Output.Span).Trim() : null;
    }

    /// <summary>The branches, the one with the newest commit first.</summary>
    /// <param name="query">Part of the name, in any case; null or empty for all.</param>
    /// <param name="limit">At most so many.</param>
    public async Task<IReadOnlyList<BranchDescription>> BranchesAsync(string repositoryKey, string? query, int limit, CancellationToken cancellationToken)
    {
        var command = new GitCommand(
            RequireOrigin(repositoryKey),
            "for-each-ref", "--sort=-committerdate", "--format=%(refname:lstrip=2)%00%(objectname)%00%(committerdate:unix)%00%(contents:subject)", "refs/heads");
        var lines = (await git.TextAsync(command, cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines
            .Select(line => line.Split('\0'))
            .Where(parts => parts.Length == 4 && BranchName.IsValid(parts[0]) && parts[0].Contains(query ?? "", StringComparison.OrdinalIgnoreCase))
            .Take(limit)
            .Select(parts => new BranchDescription(parts[0], parts[1], UnixTime(parts[2]), parts[3]))
            .ToList();
    }

    /// <summary>The commit a branch is at, as last fetched.</summary>
    /// <returns>The full hash.</returns>
    /// <exception cref="RepositoryException">There is no such branch; the message names similar ones.</exception>
    public async Task<string> ResolveAsync(string repositoryKey, string branch, CancellationToken cancellationToken)
    {
        BranchName.Require(branch);
        var command = new GitCommand(RequireOrigin(repositoryKey), "rev-parse", "--verify", "--quiet", "--end-of-options", $"refs/heads/{branch}^{{commit}}");
        var result = await git.RunAsync(command, cancellationToken);
        if (result.ExitCode == 0)
        {
            return Encoding.ASCII.GetString(result.Output.Span).Trim();
        }

        var names = (await BranchesAsync(repositoryKey, query: null, int.MaxValue, cancellationToken)).Select(known => known.Name).ToList();
        throw new RepositoryException($"There is no branch '{branch}'. {SimilarNames.Sentence(branch, names)}");
    }

    /// <summary>A file as it was at a commit: one of the origin's, or a checkpoint.</summary>
    /// <param name="path">Relative to the repository's root, with <c>/</c>. Links are not followed: a link's content is its target.</param>
    /// <param name="maxBytes">A larger file comes without its content.</param>
    public async Task<FileAtCommit> ReadFileAsync(string repositoryKey, string commit, string path, int maxBytes, CancellationToken cancellationToken)
    {
        var checkpoints = RequireCheckpoints(repositoryKey);
        var clean = path.Trim('/');
        if (clean.Contains('\0', StringComparison.Ordinal) || clean.Split('/').Any(part => part is "" or "." or ".."))
        {
            return FileAtCommit.Missing;
        }

        var listing = await git.OutputAsync(new GitCommand(checkpoints, "ls-tree", "-z", "-l", "--full-tree", Commits.Require(commit), "--", clean), cancellationToken);
        if (TreeEntry.Parse(listing) is not { } entry)
        {
            return FileAtCommit.Missing;
        }

        if (entry.Kind is not (FileAtCommitKind.Regular or FileAtCommitKind.Link) || entry.Size > maxBytes)
        {
            return new FileAtCommit(entry.Kind is FileAtCommitKind.Regular ? FileAtCommitKind.TooLarge : entry.Kind, entry.Size, ReadOnlyMemory<byte>.Empty);
        }

        var content = await git.OutputAsync(new GitCommand(checkpoints, "cat-file", "blob", entry.Hash) { MaxOutputBytes = (long)maxBytes + 1 }, cancellationToken);
        return new FileAtCommit(entry.Kind, entry.Size, content);
    }

    /// <summary>The paths of all files at a commit, in Git's order; at most 64 MiB of names.</summary>
    public async Task<IReadOnlyList<string>> ListFilesAsync(string repositoryKey, string commit, CancellationToken cancellationToken)
    {
        var command = new GitCommand(RequireCheckpoints(repositoryKey), "ls-tree", "-r", "-z", "--name-only", "--full-tree", Commits.Require(commit));
        var names = await git.OutputAsync(command, cancellationToken);
        return Encoding.UTF8.GetString(names.Span).Split('\0', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Deletes both copies, checkpoints included. The origin is not touched.</summary>
    public async Task DeleteAsync(string repositoryKey)
    {
        var gate = gates.GetOrAdd(repositoryKey, _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(CancellationToken.None);
        try
        {
            fetched.TryRemove(repositoryKey, out _);
            var folder = paths.RepositoryFolder(repositoryKey);
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task<IReadOnlyList<BranchDescription>> FirstFetchAsync(string repositoryKey, RepositoryUrl address, CancellationToken cancellationToken)
    {
        var isNew = !Directory.Exists(paths.RepositoryFolder(repositoryKey));
        try
        {
            await FetchAsync(repositoryKey, address.Address, force: true, cancellationToken);
            var branches = await BranchesAsync(repositoryKey, query: null, int.MaxValue, cancellationToken);
            return branches.Count > 0
                ? branches
                : throw new RepositoryException($"{address} is empty: nothing is committed there. Commit something first, then connect it again.");
        }
        catch (Exception) when (isNew)
        {
            await DeleteAsync(repositoryKey);
            throw;
        }
    }

    private async Task FetchAsync(string repositoryKey, string url, bool force, CancellationToken cancellationToken)
    {
        var asked = time.GetUtcNow();
        var address = RepositoryUrl.Parse(url);
        var gate = gates.GetOrAdd(WorkspacePaths.Key(repositoryKey), _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(cancellationToken);
        try
        {
            // One that began while this caller waited has seen all that this one could.
            if (fetched.TryGetValue(repositoryKey, out var at) && (at >= asked || (!force && asked - at < FreshFor)))
            {
                return;
            }

            await MakeAsync(repositoryKey, cancellationToken);
            locks.RemoveOnce(paths.OriginOf(repositoryKey));
            var begun = time.GetUtcNow();
            await FetchFromAsync(address, paths.OriginOf(repositoryKey), Everything, cancellationToken);
            fetched[repositoryKey] = begun;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Fetches; of what is not there any more, only the mirror's side of the given references goes.</summary>
    private Task<string> FetchFromAsync(RepositoryUrl address, string mirror, string[] references, CancellationToken cancellationToken) => TalkAsync(
        address,
        access => new GitCommand(
            mirror,
            [
                "fetch", "--quiet", "--prune", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-maintenance", .. access.FetchOptions,
                "--", address.Address, .. references,
            ])
        {
            Timeout = FetchTimeout,
        },
        cancellationToken);

    /// <summary>The branch the origin's HEAD is on; null when it is on none.</summary>
    private async Task<string?> HeadAsync(RepositoryUrl address, CancellationToken cancellationToken)
    {
        var answer = await TalkAsync(
            address,
            access => new GitCommand(Directory: null, ["ls-remote", "--symref", "--quiet", .. access.FetchOptions, "--", address.Address, "HEAD"]),
            cancellationToken);
        const string start = "ref: refs/heads/";
        var line = answer.Split('\n').FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal));
        return line?[start.Length..].Split('\t')[0];
    }

    private async Task<string> TalkAsync(RepositoryUrl address, Func<OriginAccess, GitCommand> make, CancellationToken cancellationToken)
    {
        var answer = await origins.TalkAsync(address, make, cancellationToken);
        return answer.ExitCode == 0 ? answer.Output : throw origins.Failure(address, answer);
    }

    /// <summary>Makes the two bare repositories where they are missing. What the sandboxes' account may read are the origin's objects and, to check files out, the checkpoints' objects.</summary>
    private async Task MakeAsync(string repositoryKey, CancellationToken cancellationToken)
    {
        var checkpoints = paths.CheckpointsOf(repositoryKey);
        if (File.Exists(Path.Combine(checkpoints, "objects/info/alternates")))
        {
            return;
        }

        SharedFolders.MakePassable(paths.Repositories, account);
        SharedFolders.LetPass(paths.DataDirectory, account);
        SharedFolders.MakePassable(paths.RepositoryFolder(repositoryKey), account);
        foreach (var folder in new[] { paths.OriginOf(repositoryKey), checkpoints })
        {
            await git.OutputAsync(new GitCommand(Directory: null, "init", "--quiet", "--bare", "--template=", "--shared=0640", "--initial-branch=none", "--", folder), cancellationToken);
            SharedFolders.LetPass(folder, account);
            foreach (var objects in new[] { "objects", "objects/info", "objects/pack" })
            {
                SharedFolders.LetRead(Path.Combine(folder, objects), account);
            }
        }

        // Last, because it says that the rest is there. Relative, so that the data folder can move.
        await File.WriteAllTextAsync(Path.Combine(checkpoints, "objects/info/alternates"), "../../origin.git/objects\n", cancellationToken);
    }

    private string RequireOrigin(string repositoryKey) => Require(paths.OriginOf(repositoryKey));

    private string RequireCheckpoints(string repositoryKey) => Require(paths.CheckpointsOf(repositoryKey));

    private static string Require(string folder)
        => Directory.Exists(folder) ? folder : throw new RepositoryException("The server has no copy of this repository any more. Connect it again.");

    private static DateTimeOffset UnixTime(string seconds)
        => DateTimeOffset.FromUnixTimeSeconds(long.TryParse(seconds, CultureInfo.InvariantCulture, out var value) ? value : 0);
}

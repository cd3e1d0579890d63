using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Workspaces;

/// <summary>Makes, re-opens and deletes the attempts' workspaces.</summary>
public sealed class WorkspaceStore(WorkspacePaths paths, Git git, ProcessRunner runner, HostAccount account, CheckpointStore checkpoints, TimeProvider time) : IDisposable
{
    private readonly BaseCheckouts bases = new(paths, git, runner, account, time);
    private readonly StaleLocks locks = new();
    private readonly SemaphoreSlim gate = new(1, 1);

    /// <summary>Says why workspaces cannot be reached by sandboxes here, for the page and <c>doctor</c>.</summary>
    /// <returns>A sentence with the remedy; null when they can.</returns>
    public string? Obstacle() => SharedFolders.Obstacle(paths.DataDirectory, account);

    /// <summary>Opens the attempt's workspace: the one that is there, or a new one with the files of the last checkpoint or else of the base commit.</summary>
    /// <exception cref="WorkspaceException">It cannot be made.</exception>
    /// <exception cref="RepositoryException">The mirror lacks the repository or the commit.</exception>
    public async Task<Workspace> OpenAsync(WorkspaceRequest request, CancellationToken cancellationToken)
    {
        var folder = new AttemptFolder(paths.AttemptFolder(request.AttemptId));
        locks.RemoveOnce(paths.CheckpointsOf(request.RepositoryKey));
        string baseName;
        try
        {
            baseName = await EnsureAsync(request, folder, cancellationToken);
        }
        catch (Exception failure) when (failure is GitException or IOException or UnauthorizedAccessException)
        {
            throw new WorkspaceException($"The workspace could not be made: {failure.Message}", failure);
        }

        var baseFolder = Path.Combine(paths.BasesOf(request.RepositoryKey), baseName);
        Directory.SetLastAccessTimeUtc(baseFolder, time.GetUtcNow().UtcDateTime);
        ReadOnlyMount[] mounts =
        [
            new(Path.Combine(paths.OriginOf(request.RepositoryKey), "objects"), BaseCheckouts.ObjectsInside),
            new(Path.Combine(baseFolder, ".git"), BaseCheckouts.PristineInside),
        ];
        return new Workspace(request, folder.Mount(baseFolder), mounts, checkpoints);
    }

    /// <summary>True when the attempt has a workspace on the disk.</summary>
    public bool Has(string attemptId) => Directory.Exists(paths.AttemptFolder(attemptId));

    /// <summary>Deletes the attempt's workspace. Its checkpoints stay. End its sandbox first.</summary>
    public async Task DeleteAsync(string attemptId, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        string trash;
        try
        {
            trash = SetAside(attemptId);
        }
        finally
        {
            gate.Release();
        }

        await RemoveAsync(trash, cancellationToken);
    }

    /// <summary>Takes the workspace of an attempt at rest out of use, at once: the next opening makes it anew from the last checkpoint.</summary>
    /// <returns>What is to be given to <see cref="RemoveAsync"/>, which takes longer.</returns>
    /// <exception cref="IOException">The folder could not be moved.</exception>
    public string SetAside(string attemptId) => Discard(paths.AttemptFolder(attemptId));

    /// <summary>Deletes what was set aside; what is left of it by a crash goes with the next clean-up.</summary>
    public Task RemoveAsync(string setAside, CancellationToken cancellationToken) => Removal.RemoveAsync(runner, account, setAside, cancellationToken);

    /// <summary>Deletes shared checkouts that no workspace uses, the longest unused first, and what earlier deletions left.</summary>
    /// <param name="keep">So many unused ones stay.</param>
    /// <returns>How many were deleted.</returns>
    public async Task<int> DiscardBasesAsync(int keep, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        var discarded = 0;
        try
        {
            var used = AttemptFolder.BasesInUse(paths);
            foreach (var unused in BaseFolders().Where(folder => !used.Contains(folder.FullName)).OrderByDescending(folder => folder.LastAccessTimeUtc).Skip(keep))
            {
                Discard(unused.FullName);
                discarded++;
            }
        }
        finally
        {
            gate.Release();
        }

        await Removal.RemoveAsync(runner, account, paths.Trash, cancellationToken);
        return discarded;
    }

    /// <summary>Ends its use; nothing on disk changes.</summary>
    public void Dispose() => gate.Dispose();

    private async Task<string> EnsureAsync(WorkspaceRequest request, AttemptFolder folder, CancellationToken cancellationToken)
    {
        if (Obstacle() is { } obstacle)
        {
            throw new WorkspaceException(obstacle);
        }

        if (!Directory.Exists(paths.CheckpointsOf(request.RepositoryKey)))
        {
            throw new RepositoryException("The server has no copy of this repository any more. Connect it again.");
        }

        SharedFolders.LetPass(paths.DataDirectory, account);
        SharedFolders.MakePassable(paths.Workspaces, account);
        SharedFolders.MakePassable(paths.Attempts, account);
        while (true)
        {
            var start = Commits.Require(folder.BaseName?.Split('-')[0] ?? request.LastCheckpoint ?? request.BaseCommit);
            var name = await bases.EnsureAsync(request.RepositoryKey, start, Commits.Require(request.BaseCommit), cancellationToken);
            await gate.WaitAsync(cancellationToken);
            try
            {
                // Within the gate nothing is discarded; before it, the checkout just made may have been.
                if (Directory.Exists(Path.Combine(paths.BasesOf(request.RepositoryKey), name)))
                {
                    await MakeAsync(request, folder, name, cancellationToken);
                    return name;
                }
            }
            finally
            {
                gate.Release();
            }
        }
    }

    private async Task MakeAsync(WorkspaceRequest request, AttemptFolder folder, string baseName, CancellationToken cancellationToken)
    {
        if (folder.BaseName is not null)
        {
            return;
        }

        if (Directory.Exists(folder.Path))
        {
            // Half made, by a server that was killed meanwhile.
            Discard(folder.Path);
        }

        SharedFolders.MakePassable(folder.Path, account);
        string gitFolder;
        if (request.CopyOnWrite)
        {
            gitFolder = folder.MakeLayer(account);
        }
        else
        {
            gitFolder = await folder.CopyAsync(runner, account, Path.Combine(paths.BasesOf(request.RepositoryKey), baseName), cancellationToken);
        }

        WriteBranches(request, gitFolder);
        folder.Complete(request.RepositoryKey, baseName);
    }

    private void WriteBranches(WorkspaceRequest request, string gitFolder)
    {
        var baseBranch = BranchName.Require(request.BaseBranch);
        var workBranch = BranchName.Require(request.WorkBranch ?? baseBranch);
        var skeleton = new GitSkeleton(account);
        account.MakeFolder(gitFolder);
        skeleton.WriteRef(gitFolder, $"refs/remotes/origin/{baseBranch}", request.BaseCommit);
        skeleton.WriteRef(gitFolder, $"refs/heads/{workBranch}", request.BaseCommit);

        // Git cannot hold a branch and another one "below" it.
        if (baseBranch != workBranch && !workBranch.StartsWith(baseBranch + "/", StringComparison.Ordinal) && !baseBranch.StartsWith(workBranch + "/", StringComparison.Ordinal))
        {
            skeleton.WriteRef(gitFolder, $"refs/heads/{baseBranch}", request.BaseCommit);
        }

        skeleton.Write(Path.Combine(gitFolder, "HEAD"), $"ref: refs/heads/{workBranch}\n");
    }

    /// <summary>Takes a folder out of use at once; deleting it takes longer.</summary>
    private string Discard(string folder)
    {
        var trash = Path.Combine(paths.Trash, Guid.NewGuid().ToString("N"));
        if (Directory.Exists(folder))
        {
            Directory.CreateDirectory(paths.Trash, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            Directory.Move(folder, trash);
        }

        return trash;
    }

    private IEnumerable<DirectoryInfo> BaseFolders()
        => Directory.Exists(paths.Bases)
            ? new DirectoryInfo(paths.Bases).EnumerateDirectories().SelectMany(repository => repository.EnumerateDirectories()).Where(folder => folder.Name[0] != '.')
            : [];
}

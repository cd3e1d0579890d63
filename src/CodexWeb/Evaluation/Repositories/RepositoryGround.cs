using System.Security.Cryptography;
using System.Text;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Workspaces;

namespace CodexWeb.Evaluation.Repositories;

/// <summary>The repositories and workspaces of evaluations: a folder of their own, apart from those of a server that may be running on the same data.</summary>
internal sealed class RepositoryGround : IDisposable
{
    private readonly SemaphoreSlim _getting = new(1, 1);
    private readonly WorkspacePaths _paths;
    private readonly ISandboxDriver _driver;
    private readonly HistoryCut _cut;
    private readonly WorkspaceStore _store;
    private readonly bool _copyOnWrite;

    /// <summary>Makes it; nothing is written yet.</summary>
    /// <param name="folder">Where everything is kept, in the server's data folder.</param>
    /// <param name="credentials">How repositories of hosts are reached.</param>
    /// <param name="copyOnWrite">As the driver's check found.</param>
    public RepositoryGround(string folder, ISandboxDriver driver, HostAccount account, ProcessRunner runner, IGitCredentials credentials, bool copyOnWrite, TimeProvider time)
    {
        (_paths, _driver, _copyOnWrite) = (new WorkspacePaths(folder), driver, copyOnWrite);
        var git = new Git(runner);
        Mirrors = new RepositoryMirrors(_paths, git, new Origins(runner, git, _paths, credentials), account, time);
        Files = new CommitFiles(_paths, git, time);
        Changes = new Changes(_paths, git, time);
        _cut = new HistoryCut(_paths, git);
        _store = new WorkspaceStore(_paths, git, runner, account, new CheckpointStore(_paths, git, time), time);
    }

    /// <summary>What is known of the repositories.</summary>
    public RepositoryMirrors Mirrors { get; }

    /// <summary>Puts commits together.</summary>
    public CommitFiles Files { get; }

    /// <summary>What lies between commits.</summary>
    public Changes Changes { get; }

    /// <summary>Gets a repository as it was at a commit, with nothing that came later: neither the right solution nor its tests are to be found in it.</summary>
    /// <param name="commit">A hash, a branch or a tag.</param>
    /// <returns>The key it is known by here, and the commit's full hash.</returns>
    /// <exception cref="RepositoryException">It cannot be had, or lacks the commit.</exception>
    public async Task<(string Key, string Commit)> GetAsync(string address, string commit, CancellationToken cancellationToken)
    {
        // Problems share repositories, and the first of them makes what the others find.
        await _getting.WaitAsync(cancellationToken);
        try
        {
            var whole = $"w{Hash(address)}";
            await Mirrors.ConnectAsync(whole, address, cancellationToken);
            var hash = await _cut.ResolveAsync(whole, commit, cancellationToken);
            var key = $"c{Hash(address)}-{hash[..16]}";
            var folder = Path.Combine(_paths.DataDirectory, "cut", key);
            Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
            await _cut.CutAsync(whole, hash, folder, cancellationToken);
            await Mirrors.ConnectAsync(key, folder, cancellationToken);
            return (key, hash);
        }
        finally
        {
            _getting.Release();
        }
    }

    /// <summary>Opens a workspace with the files of a commit and a sandbox around it.</summary>
    /// <param name="start">The commit whose files it has; null for the base.</param>
    /// <exception cref="WorkspaceException">It cannot be made.</exception>
    /// <exception cref="SandboxException">The sandbox cannot be started.</exception>
    public async Task<EnclosedWorkspace> EncloseAsync(string key, string baseCommit, string? start, CancellationToken cancellationToken)
    {
        var id = $"e{Guid.NewGuid():N}";
        var request = new WorkspaceRequest { AttemptId = id, RepositoryKey = key, BaseBranch = "main", BaseCommit = baseCommit, LastCheckpoint = start, CopyOnWrite = _copyOnWrite };
        var workspace = await _store.OpenAsync(request, cancellationToken);
        try
        {
            var sandbox = await _driver.StartAsync(new SandboxSpec { Workspace = workspace.Mount, ReadOnlyMounts = workspace.ReadOnlyMounts }, cancellationToken);
            return new EnclosedWorkspace(id, workspace, sandbox, _store);
        }
        catch
        {
            workspace.Dispose();
            await _store.DeleteAsync(id, CancellationToken.None);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _store.Dispose();
        _getting.Dispose();
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
}

/// <summary>A workspace with a live sandbox around it; disposing it ends both and deletes the files. Checkpoints stay.</summary>
internal sealed class EnclosedWorkspace(string id, Workspace workspace, ISandbox sandbox, WorkspaceStore store) : IAsyncDisposable
{
    /// <summary>Names it.</summary>
    public string Id => id;

    /// <summary>The working copy.</summary>
    public Workspace Workspace => workspace;

    /// <summary>What surrounds it.</summary>
    public ISandbox Sandbox => sandbox;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await sandbox.DisposeAsync();
        workspace.Dispose();
        await store.DeleteAsync(id, CancellationToken.None);
    }
}

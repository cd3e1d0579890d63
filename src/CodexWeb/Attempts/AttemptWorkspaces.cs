using CodexWeb.Agent.Models;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Data;
using CodexWeb.Health;
using CodexWeb.Tasks;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Attempts;

/// <summary>Opens an attempt's workspace and the sandbox around it.</summary>
public sealed class AttemptWorkspaces(
    IDbContextFactory<CodexDb> databases,
    WriteGate gate,
    RepositoryMirrors mirrors,
    WorkspaceStore store,
    Changes changes,
    ISandboxDriver driver,
    Doctor doctor,
    WorkspacePaths paths,
    AttachmentFiles attachments)
{
    /// <summary>Fetches what is new, and fixes the commit that all attempts of the task start from.</summary>
    /// <exception cref="RepositoryException">The repository or the branch is not there; the message says what to do.</exception>
    public async Task<string> BaseCommitAsync(CodexTask task, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(task);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await FixedAsync(db, task.Id, cancellationToken) is { } known)
        {
            return known;
        }

        await mirrors.FetchAsync(task.Repository.Key, task.Repository.Url, cancellationToken);
        var commit = await mirrors.ResolveAsync(task.Repository.Key, task.Branch, cancellationToken);
        using (await gate.EnterAsync(cancellationToken))
        {
            // The first attempt of several decides.
            await db.Tasks.Where(t => t.Id == task.Id && t.BaseCommit == null).ExecuteUpdateAsync(set => set.SetProperty(t => t.BaseCommit, commit), cancellationToken);
        }

        return await FixedAsync(db, task.Id, cancellationToken) ?? commit;
    }

    /// <summary>Opens the workspace: the one that is there, or a new one.</summary>
    /// <exception cref="RepositoryException">The mirror lacks the repository or the commit.</exception>
    /// <exception cref="WorkspaceException">It cannot be made.</exception>
    public Task<Workspace> OpenAsync(CodexTask task, Attempt attempt, string baseCommit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(attempt);
        return store.OpenAsync(
            new WorkspaceRequest
            {
                AttemptId = attempt.Id.ToString(),
                RepositoryKey = task.Repository.Key,
                BaseBranch = task.Branch,
                BaseCommit = baseCommit,
                WorkBranch = task.Mode is TaskMode.Code ? task.WorkBranch : null,
                LastCheckpoint = attempt.Checkpoint,
                CopyOnWrite = doctor.Last.CopyOnWrite,
            },
            cancellationToken);
    }

    /// <summary>Starts the sandbox around a workspace.</summary>
    /// <exception cref="SandboxException">It cannot be started; the message says what to do.</exception>
    public Task<ISandbox> EncloseAsync(Workspace workspace, CodexTask task, IReadOnlyDictionary<string, string> variables, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(task);
        return driver.StartAsync(
            new SandboxSpec
            {
                Workspace = workspace.Mount,
                ReadOnlyWorkspace = task.Mode is TaskMode.Ask,
                ReadOnlyMounts = [.. workspace.ReadOnlyMounts, attachments.Mount(task.Id), .. ServerSkills()],
                Environment = variables,
            },
            cancellationToken);
    }

    /// <summary>What lies between the base and a checkpoint.</summary>
    public Task<DiffSummary> SummariseAsync(CodexTask task, string from, string to, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(task);
        return changes.SummariseAsync(task.Repository.Key, from, to, cancellationToken);
    }

    /// <summary>The server's own instructions for all repositories: <c>AGENTS.md</c> in the data folder; null when there is none.</summary>
    public string? GlobalInstructions()
    {
        var file = Path.Combine(paths.DataDirectory, "AGENTS.md");
        return File.Exists(file) ? File.ReadAllText(file) : null;
    }

    // The administrator's folder, as it is: what the sandboxes' account may not read is named to people as left out.
    private IEnumerable<ReadOnlyMount> ServerSkills() =>
        Directory.Exists(paths.Skills) ? [new ReadOnlyMount(paths.Skills, Skills.ServerPath)] : [];

    private static Task<string?> FixedAsync(CodexDb db, TaskId task, CancellationToken cancellationToken) =>
        db.Tasks.AsNoTracking().Where(t => t.Id == task).Select(t => t.BaseCommit).SingleAsync(cancellationToken);
}

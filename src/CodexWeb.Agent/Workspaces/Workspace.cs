using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Workspaces;

/// <summary>An attempt's working copy. The agent rules in it: the server only mounts it into a sandbox and takes checkpoints through that sandbox.</summary>
public sealed class Workspace : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly WorkspaceRequest request;
    private readonly CheckpointStore checkpoints;
    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly HashSet<string> said = new(StringComparer.Ordinal);
    private string? lastTree;
    private int lastNumber;

    internal Workspace(WorkspaceRequest request, WorkspaceMount mount, IReadOnlyList<ReadOnlyMount> readOnlyMounts, CheckpointStore checkpoints)
    {
        this.request = request;
        this.checkpoints = checkpoints;
        Mount = mount;
        ReadOnlyMounts = readOnlyMounts;
        LastCommit = request.LastCheckpoint ?? request.BaseCommit;
    }

    /// <summary>Where the files lie on the host, for <see cref="SandboxSpec.Workspace"/>.</summary>
    public WorkspaceMount Mount { get; }

    /// <summary>What Git inside needs, for <see cref="SandboxSpec.ReadOnlyMounts"/>.</summary>
    public IReadOnlyList<ReadOnlyMount> ReadOnlyMounts { get; }

    /// <summary>The last checkpoint's commit, or the base commit.</summary>
    public string LastCommit { get; private set; }

    /// <summary>Records the files as they are now, unless they are as they were. Ignored files (.gitignore) are no part of it.</summary>
    /// <param name="sandbox">The live sandbox around this workspace.</param>
    /// <param name="message">The commit's message.</param>
    /// <returns>Null when nothing changed and nothing is to be said.</returns>
    /// <exception cref="WorkspaceException">The files cannot be recorded; the workspace is as it was, and a later checkpoint will have them.</exception>
    public async Task<Checkpoint?> CheckpointAsync(ISandbox sandbox, string message, CancellationToken cancellationToken)
    {
        if (request.ReadOnly)
        {
            return null;
        }

        await gate.WaitAsync(cancellationToken);
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(Deadline);
            return await CheckpointWithinAsync(sandbox, message, deadline.Token);
        }
        catch (GitException failure)
        {
            throw new WorkspaceException($"The changes could not be recorded: {failure.Message}", failure);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WorkspaceException("Recording the changes took longer than two minutes and was given up. Are there very many new files? Ignore what is generated with .gitignore.");
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Ends its use here; the files stay.</summary>
    public void Dispose() => gate.Dispose();

    private async Task<Checkpoint?> CheckpointWithinAsync(ISandbox sandbox, string message, CancellationToken cancellationToken)
    {
        if (lastTree is null)
        {
            lastNumber = await checkpoints.LastNumberAsync(request.RepositoryKey, request.AttemptId, cancellationToken);
            lastTree = await checkpoints.TreeAsync(request.RepositoryKey, LastCommit, cancellationToken);
        }

        try
        {
            return await TakeAsync(sandbox, lastTree, message, afresh: false, cancellationToken);
        }
        catch (Exception failure) when (failure is GitException or WorkspaceException)
        {
            // The agent may have damaged what an earlier run left there. A second try starts from the checkout as it was made.
            return await TakeAsync(sandbox, lastTree, message, afresh: true, cancellationToken);
        }
    }

    private async Task<Checkpoint?> TakeAsync(ISandbox sandbox, string tree, string message, bool afresh, CancellationToken cancellationToken)
    {
        await using var script = await CheckpointScript.StartAsync(sandbox, tree, afresh, cancellationToken);
        var notices = script.Skipped.Select(CheckpointNotice.Sentence).Where(said.Add).ToList();
        if (script.Tree is not { } newTree)
        {
            return notices.Count > 0 ? new Checkpoint(LastCommit, lastNumber, Changed: false, notices) : null;
        }

        await checkpoints.ImportAsync(request.RepositoryKey, script.PackAsync(cancellationToken), cancellationToken);
        var commit = await checkpoints.RecordAsync(request.RepositoryKey, request.AttemptId, lastNumber + 1, newTree, LastCommit, message, cancellationToken);
        (LastCommit, lastTree, lastNumber) = (commit, newTree, lastNumber + 1);
        return new Checkpoint(commit, lastNumber, Changed: true, notices);
    }
}

/// <summary>Words for what a checkpoint leaves out.</summary>
internal static class CheckpointNotice
{
    private const int MaxLength = 300;

    internal static string Sentence((string Kind, string Text) skipped)
    {
        var text = string.Concat(skipped.Text.Take(MaxLength).Select(character => char.IsControl(character) ? ' ' : character)).Trim();
        return skipped.Kind switch
        {
            "large" => $"{text} is larger than 100 MB and is not part of the change.",
            "repository" => $"{text} is a Git repository of its own; what is in it is not part of the change.",
            _ => $"Some files could not be recorded: {text}",
        };
    }
}

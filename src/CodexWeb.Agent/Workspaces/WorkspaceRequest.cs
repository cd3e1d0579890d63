namespace CodexWeb.Agent.Workspaces;

/// <summary>Which workspace to open.</summary>
public sealed record WorkspaceRequest
{
    /// <summary>Names the attempt's folder and its checkpoints: ASCII letters, digits, <c>-</c> and <c>_</c>, at most 64.</summary>
    public required string AttemptId { get; init; }

    /// <summary>The repository, as <see cref="RepositoryMirrors"/> knows it.</summary>
    public required string RepositoryKey { get; init; }

    /// <summary>The branch the work starts from.</summary>
    public required string BaseBranch { get; init; }

    /// <summary>The commit of <see cref="BaseBranch"/> the work starts from: its full hash.</summary>
    public required string BaseCommit { get; init; }

    /// <summary>The branch that is checked out in the workspace, for example <c>codexweb/fix-rounding</c>. Null (Ask): the base branch.</summary>
    public string? WorkBranch { get; init; }

    /// <summary>The commit of the attempt's last recorded checkpoint. Files are restored from it when the workspace is gone. Null: there is none yet.</summary>
    public string? LastCheckpoint { get; init; }

    /// <summary>True in Ask mode: nothing is recorded.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>
    /// True for a layer over the shared checkout; false for a copy, where the kernel allows no layers (the sandbox driver's check says so). A workspace that is there stays as it was made.
    /// </summary>
    public bool CopyOnWrite { get; init; } = true;
}

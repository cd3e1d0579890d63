namespace CodexWeb.Agent.Workspaces;

/// <summary>A repository cannot be had as asked; the message says what happened and what to do, in words for the person who asked.</summary>
public sealed class RepositoryException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>In which way the origin's host refused; null when it did not, or did not say.</summary>
    public OriginRefusal? Refusal { get; init; }

    /// <summary>What the host itself said, at most 300 characters; null when it said nothing.</summary>
    public string? HostSaid { get; init; }
}

/// <summary>How a host refuses.</summary>
public enum OriginRefusal
{
    /// <summary>It wants a sign-in, and the server has none for it.</summary>
    WantsSignIn,

    /// <summary>It does not take the sign-in it was shown.</summary>
    WrongSignIn,

    /// <summary>It knows who asks, and does not allow it.</summary>
    NotAllowed,

    /// <summary>It has no such repository, or does not show it to who asks.</summary>
    NotFound,

    /// <summary>It took the connection but not the branch.</summary>
    Branch,
}

/// <summary>A workspace cannot be made, opened or recorded; the message says what happened and what to do.</summary>
public sealed class WorkspaceException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A Git command of the server's own failed where it should not.</summary>
/// <param name="command">The subcommand, for example <c>commit-tree</c>.</param>
/// <param name="exitCode">Its exit code.</param>
/// <param name="error">What it said.</param>
public sealed class GitException(string command, int exitCode, string error)
    : Exception($"git {command} ended with exit code {exitCode}: {GitMessage.Shorten(error)}")
{
    /// <summary>What Git said on standard error.</summary>
    public string Error { get; } = error;
}

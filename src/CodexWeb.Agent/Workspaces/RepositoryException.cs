namespace CodexWeb.Agent.Workspaces;

/// <summary>A repository cannot be had as asked; the message says what happened and what to do, in words for the person who asked.</summary>
public sealed class RepositoryException(string message, Exception? inner = null) : Exception(message, inner);

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

using CodexWeb.Agent.Workspaces;

namespace CodexWeb.GitHosts;

/// <summary>What keeps a repository's origin: where a task's branch goes.</summary>
public interface IGitHost
{
    /// <summary>True when a pushed branch can be offered as a pull request.</summary>
    bool CanOpenPullRequests { get; }

    /// <summary>Makes the branch at the origin, or moves it forward. Doing it again changes nothing.</summary>
    /// <param name="repositoryKey">The repository's name in the server's mirror.</param>
    /// <param name="url">The origin's address.</param>
    /// <param name="commit">A commit of the mirror: its full hash.</param>
    /// <param name="branch">Begins with <c>codexweb/</c>.</param>
    /// <exception cref="RepositoryException">The origin is gone or refuses; the message says why, in Git's or the host's own words.</exception>
    Task PushAsync(string repositoryKey, string url, string commit, string branch, CancellationToken cancellationToken);
}

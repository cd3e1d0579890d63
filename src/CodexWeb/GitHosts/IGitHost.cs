using CodexWeb.Agent.Workspaces;
using CodexWeb.Data;

namespace CodexWeb.GitHosts;

/// <summary>What keeps a repository's origin: where a task's branch goes.</summary>
public interface IGitHost
{
    /// <summary>What it is, in one word: <c>github</c>, <c>git</c>.</summary>
    string Kind { get; }

    /// <summary>True when a pushed branch can be offered as a pull request.</summary>
    bool CanOpenPullRequests { get; }

    /// <summary>True when an address is of a repository it keeps.</summary>
    bool Owns(string url);

    /// <summary>What the host itself knows of a repository; null when it knows nothing, does not tell the server, or cannot be asked now.</summary>
    Task<HostRepository?> FindAsync(string url, CancellationToken cancellationToken);

    /// <summary>Makes the branch at the origin, or moves it forward. Doing it again changes nothing.</summary>
    /// <param name="repositoryKey">The repository's name in the server's mirror.</param>
    /// <param name="url">The origin's address.</param>
    /// <param name="commit">A commit of the mirror: its full hash.</param>
    /// <param name="branch">Begins with <c>codexweb/</c>.</param>
    /// <exception cref="RepositoryException">The origin is gone or refuses; the message says why, in Git's or the host's own words.</exception>
    Task PushAsync(string repositoryKey, string url, string commit, string branch, CancellationToken cancellationToken);
}

/// <summary>A repository as its host knows it.</summary>
/// <param name="Id">The host's number of it, which stays when it is renamed.</param>
/// <param name="Name">As people call it there: <c>owner/name</c>.</param>
/// <param name="CloneUrl">Its address over HTTP, as the host writes it.</param>
/// <param name="Account">The person's connection it is reached by; null when that is none.</param>
public sealed record HostRepository(long Id, string Name, string CloneUrl, GitHubAccountId? Account);

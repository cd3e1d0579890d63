using CodexWeb.Agent.Workspaces;

namespace CodexWeb.GitHosts;

/// <summary>Any Git URL or folder of the server: branches can be pushed, and that is all.</summary>
public sealed class PlainGit(BranchPush push) : IGitHost
{
    /// <inheritdoc/>
    public string Kind => "git";

    /// <inheritdoc/>
    public bool CanOpenPullRequests => false;

    /// <inheritdoc/>
    public bool Owns(string url) => true;

    /// <inheritdoc/>
    public Task<HostRepository?> FindAsync(string url, CancellationToken cancellationToken) => Task.FromResult<HostRepository?>(null);

    /// <inheritdoc/>
    public Task PushAsync(string repositoryKey, string url, string commit, string branch, CancellationToken cancellationToken) =>
        push.PushAsync(repositoryKey, url, commit, branch, cancellationToken);
}

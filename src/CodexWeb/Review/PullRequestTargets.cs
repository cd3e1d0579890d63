using CodexWeb.GitHosts.GitHub;

namespace CodexWeb.Review;

/// <summary>A repository at GitHub, with a token for one piece of work there.</summary>
/// <param name="Page">The repository's page, without a slash at the end.</param>
public sealed record PullRequestTarget(GitHubRepositoryName Repository, GitHubToken Token, string Page);

/// <summary>Finds where a repository's pull requests are.</summary>
public sealed class PullRequestTargets(GitHubAddresses addresses, GitHubAccess access)
{
    /// <summary>The repository's name at GitHub; null when it is kept elsewhere.</summary>
    public GitHubRepositoryName? NameOf(string repositoryUrl) => addresses.NameOf(repositoryUrl);

    /// <summary>The repository with a token for it.</summary>
    /// <exception cref="GitHubException">GitHub could not be asked for one.</exception>
    public async Task<CommandResult<PullRequestTarget>> FindAsync(string repositoryUrl, CancellationToken cancellationToken)
    {
        if (NameOf(repositoryUrl) is not { } name)
        {
            return new CommandResult<PullRequestTarget>.Refused("The repository is not at GitHub: its host takes branches, not pull requests. Push the branch.");
        }

        return await access.ForRepositoryAsync(name, cancellationToken) is { } token
            ? new CommandResult<PullRequestTarget>.Done(new PullRequestTarget(name, token, $"{addresses.Web.ToString().TrimEnd('/')}/{name}"))
            : new CommandResult<PullRequestTarget>.Refused($"No connection to GitHub reaches {name}. Connect one in Settings › GitHub, then try again.");
    }
}

using CodexWeb.Agent.Workspaces;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.Repositories;
using CodexWeb.Review;

namespace CodexWeb.CodeReviews;

/// <summary>The commits of pull requests in the server's mirror, and what lies between them.</summary>
public sealed class ReviewCommits(RepositoryMirrors mirrors, Changes changes)
{
    /// <summary>Fetches a pull request's newest commit; that of a fork too.</summary>
    /// <exception cref="RepositoryException">It cannot be fetched; the message says what to do.</exception>
    public Task<string> FetchHeadAsync(Repository repository, int number, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(repository);
        return mirrors.FetchPullAsync(repository.Key, repository.Url, number, cancellationToken);
    }

    /// <summary>Fetches what a pull request changes: from the merge base of head and base branch to its newest commit.</summary>
    /// <exception cref="RepositoryException">It cannot be fetched, or head and base have nothing in common.</exception>
    public async Task<(string Base, string Head)> FetchAsync(Repository repository, GitHubPull pull, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(pull);
        await mirrors.FetchAnewAsync(repository.Key, repository.Url, cancellationToken);
        var head = await FetchHeadAsync(repository, pull.Number, cancellationToken);
        var target = await mirrors.ResolveAsync(repository.Key, pull.BaseBranch, cancellationToken);
        return await mirrors.MergeBaseAsync(repository.Key, target, head, cancellationToken) is { } common
            ? (common, head)
            : throw new RepositoryException($"The pull request and its base branch '{pull.BaseBranch}' have no common history, so there is no change to review.");
    }

    /// <summary>Lets a sandbox see a task's checkpoint as a commit.</summary>
    /// <exception cref="RepositoryException">The server has no copy of the repository any more.</exception>
    /// <exception cref="GitException">A commit is not there, or there is too much between them.</exception>
    public Task ShareAsync(Repository repository, string from, string checkpoint, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(repository);
        return mirrors.ShareCheckpointAsync(repository.Key, from, checkpoint, cancellationToken);
    }

    /// <summary>The change between two commits.</summary>
    /// <exception cref="RepositoryException">The server has no copy of the repository any more.</exception>
    /// <exception cref="GitException">A commit is not there.</exception>
    public async Task<ChangedLines> ReadAsync(Repository repository, string from, string to, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(repository);
        var parser = new DiffParser();
        await using var patch = new PatchStream(parser);
        await changes.WritePatchAsync(repository.Key, from, to, patch, cancellationToken);
        return new ChangedLines(parser.Finish());
    }
}

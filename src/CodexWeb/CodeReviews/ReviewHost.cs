using System.Globalization;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.Repositories;

namespace CodexWeb.CodeReviews;

/// <summary>A repository of GitHub and what opens it.</summary>
public sealed record ReviewedRepository(GitHubRepositoryName Name, GitHubToken Token);

/// <summary>Finds the way from a connected repository to GitHub.</summary>
public sealed class ReviewHost(GitHubAddresses addresses, GitHubAccess access, GitHubPulls pulls)
{
    /// <summary>Its pull requests.</summary>
    public GitHubPulls Pulls => pulls;

    /// <summary>The name of a repository at GitHub; null when it is not there.</summary>
    public GitHubRepositoryName? NameOf(Repository repository)
    {
        ArgumentNullException.ThrowIfNull(repository);
        return addresses.NameOf(repository.Url);
    }

    /// <summary>Reads the address of a pull request's page, <c>https://github.com/acme/shop/pull/12</c>; what follows the number does not count.</summary>
    /// <returns>Null for any other address.</returns>
    public (GitHubRepositoryName Repository, int Number)? PullOf(string url)
    {
        if (!Uri.TryCreate(url?.Trim(), UriKind.Absolute, out var page) || !addresses.Web.IsBaseOf(page))
        {
            return null;
        }

        return addresses.Web.MakeRelativeUri(page).OriginalString.Split('?', '#')[0].Split('/') is [var owner, var name, "pull", var text, ..]
            && GitHubRepositoryName.TryParse($"{owner}/{name}", out var repository) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? (repository, number)
            : null;
    }

    /// <summary>The repository at GitHub, or why it cannot be reached.</summary>
    public async Task<CommandResult<ReviewedRepository>> OpenAsync(Repository repository, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(repository);
        if (NameOf(repository) is not { } name)
        {
            return new CommandResult<ReviewedRepository>.Refused($"{repository.Name} is not a repository of GitHub ({addresses.Web.Host}), and only its pull requests can be reviewed.");
        }

        try
        {
            return await access.ForRepositoryAsync(name, cancellationToken) is { } token
                ? new CommandResult<ReviewedRepository>.Done(new ReviewedRepository(name, token))
                : new CommandResult<ReviewedRepository>.Refused($"This server may not act on {name} at GitHub. Connect GitHub in Settings, or give the GitHub App this repository.");
        }
        catch (GitHubException exception)
        {
            return new CommandResult<ReviewedRepository>.Refused(exception.Message);
        }
    }
}

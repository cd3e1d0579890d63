using System.Collections.Concurrent;
using CodexWeb.Agent.Workspaces;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>Signs Git in at GitHub with the token that reaches the repository, and nowhere else.</summary>
public sealed class GitHubGitCredentials(GitHubAddresses addresses, GitHubAccess access) : IGitCredentials
{
    // The same for tokens of every kind: https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation
    private const string UserName = "x-access-token";

    private static readonly NoCredentials Others = new();

    // What to say about a repository when Git is refused; as many as there are repositories.
    private readonly ConcurrentDictionary<GitHubRepositoryName, string> _advice = new();

    /// <inheritdoc/>
    public async ValueTask<GitCredential?> FindAsync(string url, CancellationToken cancellationToken)
    {
        if (addresses.NameOf(url) is not { } repository)
        {
            return null;
        }

        try
        {
            var token = await access.ForRepositoryAsync(repository, cancellationToken);
            _advice[repository] = token is null
                ? "Connect GitHub in Settings with an account that reaches this repository, or use an SSH address with a key of the server's user."
                : "Reconnect GitHub in Settings, or give the connection the right to this repository.";
            return token is { } secret ? new GitCredential(UserName, secret.Value) : null;
        }
        catch (GitHubException exception)
        {
            // A public repository can be had all the same; what is wrong is said when Git is refused.
            _advice[repository] = $"The server could not get a token for it: {exception.Message}";
            return null;
        }
    }

    /// <inheritdoc/>
    public string Advice(string url) =>
        addresses.NameOf(url) is not { } repository ? Others.Advice(url) : _advice.GetValueOrDefault(repository, "Connect GitHub in Settings, or use an SSH address with a key of the server's user.");
}

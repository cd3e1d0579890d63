using CodexWeb.Agent.Workspaces;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>Repositories of GitHub: branches are pushed with the connection's token, and can be offered as pull requests.</summary>
public sealed class GitHubGit(BranchPush push, GitHubAddresses addresses, GitHubAccess access, GitHubRepositories repositories) : IGitHost
{
    /// <inheritdoc/>
    public string Kind => "github";

    /// <inheritdoc/>
    public bool CanOpenPullRequests => true;

    /// <inheritdoc/>
    public bool Owns(string url) => addresses.Owns(url);

    /// <inheritdoc/>
    public async Task<HostRepository?> FindAsync(string url, CancellationToken cancellationToken)
    {
        if (addresses.NameOf(url) is not { } name)
        {
            return null;
        }

        try
        {
            if (await access.ForRepositoryAsync(name, cancellationToken) is not { } token)
            {
                return null;
            }

            var repository = await repositories.GetAsync(token, name, cancellationToken);
            return new HostRepository(repository.Id, repository.FullName.ToString(), addresses.CloneUrl(repository.FullName), await access.AccountForAsync(name, cancellationToken));
        }
        catch (GitHubException)
        {
            // Git itself may reach it; when it does not, it says why.
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task PushAsync(string repositoryKey, string url, string commit, string branch, CancellationToken cancellationToken)
    {
        try
        {
            await push.PushAsync(repositoryKey, url, commit, branch, cancellationToken);
        }
        catch (RepositoryException exception) when (exception.Refusal is { } refusal)
        {
            var name = addresses.NameOf(url)?.ToString() ?? url;
            throw new RepositoryException(Explain(refusal, name, branch, exception.HostSaid), exception) { Refusal = refusal, HostSaid = exception.HostSaid };
        }
    }

    private static string Explain(OriginRefusal refusal, string name, string branch, string? said)
    {
        var words = said is null ? "" : $" (GitHub said: {said})";
        bool Says(string text) => said?.Contains(text, StringComparison.OrdinalIgnoreCase) is true;

        return refusal switch
        {
            _ when Says("SAML") || Says("single sign-on") => $"GitHub refused the push: the organisation of `{name}` wants single sign-on for the token. Let the token in on GitHub's page of your tokens, then push again.{words}",
            _ when Says("archived") => $"GitHub refused the push: `{name}` is archived and cannot be changed. Unarchive it on GitHub, or copy the patch.{words}",
            _ when Says("workflow") => $"GitHub refused the push: the change touches .github/workflows, and the token may not. Connect with a token that has the scope workflow, or copy the patch.{words}",
            OriginRefusal.WantsSignIn => $"GitHub refused the push: the server has no connection that reaches `{name}`. Connect GitHub in Settings, or copy the patch.",
            OriginRefusal.WrongSignIn => $"GitHub refused the push: it does not take the token any more. Reconnect GitHub in Settings, or copy the patch.{words}",
            OriginRefusal.NotAllowed or OriginRefusal.NotFound => $"GitHub refused the push: the token may not write to `{name}`. Reconnect GitHub in Settings, or copy the patch.{words}",
            _ when Says("GH006") || Says("GH013") || Says("protected branch") || Says("rule violations") =>
                $"GitHub refused the push: a rule of `{name}` does not allow `{branch}`. Choose another branch name, ask somebody who sets the rules, or copy the patch.{words}",
            _ => $"GitHub refused `{branch}` at `{name}`. Change what it says, choose another branch name, or copy the patch.{words}",
        };
    }
}

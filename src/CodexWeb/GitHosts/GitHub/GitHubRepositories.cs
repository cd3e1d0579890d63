using System.Runtime.CompilerServices;
using System.Text;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>Repositories, their branches, commits and files, and who may do what with them.</summary>
public sealed class GitHubRepositories(GitHubHttp http)
{
    // https://docs.github.com/en/rest/search/search#limitations-on-query-length
    private const int LongestSearch = 256;

    /// <summary>All repositories a person's token reaches, those pushed to last first; at most <see cref="GitHubHttp.MostItems"/>.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public IAsyncEnumerable<GitHubRepository> ListAsync(GitHubToken token, CancellationToken cancellationToken) =>
        RepositoriesAsync(http.ListAsync(token, $"user/repos?affiliation=owner,collaborator,organization_member&sort=pushed&per_page=100", property: null, cancellationToken), cancellationToken);

    /// <summary>All repositories a token of an installation reaches; at most <see cref="GitHubHttp.MostItems"/>.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public IAsyncEnumerable<GitHubRepository> ListForInstallationAsync(GitHubToken token, CancellationToken cancellationToken) =>
        RepositoriesAsync(http.ListAsync(token, $"installation/repositories?per_page=100", "repositories", cancellationToken), cancellationToken);

    /// <summary>Repositories whose name fits, among all the token may see, public ones of strangers too.</summary>
    /// <param name="text">As typed; may use GitHub's qualifiers such as <c>org:acme</c>. Empty finds nothing; more than 256 characters are cut.</param>
    /// <param name="limit">The most that are wanted, 1 to 100.</param>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public async Task<IReadOnlyList<GitHubRepository>> SearchAsync(GitHubToken token, string text, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        const string rest = " in:name fork:true";
        var typed = text.Trim();
        if (typed.Length == 0)
        {
            return [];
        }

        var query = typed[..Math.Min(typed.Length, LongestSearch - rest.Length)] + rest;
        var found = await http.GetAsync(token, $"search/repositories?q={query}&per_page={Math.Clamp(limit, 1, 100)}", cancellationToken);
        return [.. found["items"].Items.Select(GitHubRepository.TryFrom).OfType<GitHubRepository>()];
    }

    /// <summary>One repository.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public async Task<GitHubRepository> GetAsync(GitHubToken token, GitHubRepositoryName repository, CancellationToken cancellationToken) =>
        GitHubRepository.From(await http.GetAsync(token, $"repos/{repository}", cancellationToken));

    /// <summary>Its branches.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public Task<IReadOnlyList<GitHubBranch>> BranchesAsync(GitHubToken token, GitHubRepositoryName repository, CancellationToken cancellationToken) =>
        http.ListAsync(token, $"repos/{repository}/branches?per_page=100", GitHubBranch.From, cancellationToken);

    /// <summary>What a person may do with it. Somebody GitHub does not know may do nothing.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public async Task<GitHubPermission> PermissionAsync(GitHubToken token, GitHubRepositoryName repository, string login, CancellationToken cancellationToken)
    {
        if (await http.FindAsync(token, $"repos/{repository}/collaborators/{login}/permission", cancellationToken) is not { } answer)
        {
            return GitHubPermission.None;
        }

        // An organisation's own roles are named anyhow; permission then has what they are built on, with maintain as write and triage as read.
        var role = PermissionOf(answer["role_name"].Text);
        return role == GitHubPermission.None ? PermissionOf(answer["permission"].Text) : role;
    }

    /// <summary>A branch's commits, newest first; at most <see cref="GitHubHttp.MostItems"/>, and none of an empty repository.</summary>
    /// <param name="since">Only those committed then or later.</param>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public async Task<IReadOnlyList<GitHubCommit>> CommitsAsync(GitHubToken token, GitHubRepositoryName repository, string branch, DateTimeOffset since, CancellationToken cancellationToken)
    {
        try
        {
            return await http.ListAsync(token, $"repos/{repository}/commits?sha={branch}&since={since}&per_page=100", GitHubCommit.From, cancellationToken);
        }
        catch (GitHubException exception) when (exception.Failure == GitHubFailure.Conflict)
        {
            // 409 "Git Repository is empty."
            return [];
        }
    }

    /// <summary>How far two branches or commits are apart.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public async Task<GitHubComparison> CompareAsync(GitHubToken token, GitHubRepositoryName repository, string baseBranch, string headBranch, CancellationToken cancellationToken) =>
        GitHubComparison.From(await http.GetAsync(token, $"repos/{repository}/compare/{baseBranch}...{headBranch}?per_page=1", cancellationToken));

    /// <summary>A file's text; null when there is no such file, or it is a folder, longer than 1 MB or no text.</summary>
    /// <param name="path">From the repository's root, without a slash at its beginning.</param>
    /// <param name="reference">A branch or commit.</param>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public async Task<string?> FileAsync(GitHubToken token, GitHubRepositoryName repository, string path, string reference, CancellationToken cancellationToken)
    {
        var file = new GitHubFilePath(path);
        if (!file.IsPossible || await http.FindAsync(token, $"repos/{repository}/contents/{file}?ref={reference}", cancellationToken) is not { } answer
            || answer["encoding"].Text != "base64" || answer["content"].Text is not { } content)
        {
            return null;
        }

        var bytes = new byte[content.Length];
        // GitHub breaks the lines; decoding leaves white space out.
        return Convert.TryFromBase64String(content, bytes, out var length) && !bytes.AsSpan(0, length).Contains((byte)0) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }

    private static GitHubPermission PermissionOf(string? role) => role?.ToUpperInvariant() switch
    {
        "ADMIN" => GitHubPermission.Admin,
        "MAINTAIN" => GitHubPermission.Maintain,
        "WRITE" => GitHubPermission.Write,
        "TRIAGE" => GitHubPermission.Triage,
        "READ" => GitHubPermission.Read,
        _ => GitHubPermission.None,
    };

    private static async IAsyncEnumerable<GitHubRepository> RepositoriesAsync(IAsyncEnumerable<GitHubJson> items, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in items.WithCancellation(cancellationToken))
        {
            if (GitHubRepository.TryFrom(item) is { } repository)
            {
                yield return repository;
            }
        }
    }
}

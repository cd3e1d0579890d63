namespace CodexWeb.GitHosts.GitHub;

/// <summary>A person or robot.</summary>
/// <param name="Id">Stays when the login changes.</param>
/// <param name="Login">The name in addresses and mentions.</param>
/// <param name="Name">As the person writes it; null when not told.</param>
/// <param name="AvatarUrl">A picture on another server; null for none.</param>
public sealed record GitHubUser(long Id, string Login, string? Name, string? AvatarUrl)
{
    internal static GitHubUser From(GitHubJson user) => new(
        GitHubFields.Needed(user["id"].Number, "user", "id"),
        GitHubFields.Needed(user["login"].Text, "user", "login"),
        user["name"].Text,
        user["avatar_url"].Text);
}

/// <summary>An organisation.</summary>
/// <param name="Id">Stays when the login changes.</param>
/// <param name="Login">The name in addresses.</param>
/// <param name="AvatarUrl">A picture on another server; null for none.</param>
public sealed record GitHubOrganisation(long Id, string Login, string? AvatarUrl)
{
    internal static GitHubOrganisation? From(GitHubJson organisation) =>
        organisation["id"].Number is { } id && organisation["login"].Text is { } login ? new GitHubOrganisation(id, login, organisation["avatar_url"].Text) : null;
}

/// <summary>Who a token belongs to.</summary>
public sealed class GitHubUsers(GitHubHttp http)
{
    /// <summary>The token's owner, and what the token may.</summary>
    /// <returns>The scopes are null for tokens that have none: those of Apps and fine-grained ones.</returns>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public async Task<(GitHubUser User, IReadOnlyList<string>? Scopes)> CurrentAsync(GitHubToken token, CancellationToken cancellationToken)
    {
        var answer = await http.SendAsync(http.To(HttpMethod.Get, token, $"user"), cancellationToken);
        return (GitHubUser.From(GitHubHttp.Read(answer)), answer.Scopes);
    }

    /// <summary>The organisations the token's owner is a member of, as far as the token shows them.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public Task<IReadOnlyList<GitHubOrganisation>> OrganisationsAsync(GitHubToken token, CancellationToken cancellationToken) =>
        http.ListAsync(token, $"user/orgs?per_page=100", GitHubOrganisation.From, cancellationToken);
}

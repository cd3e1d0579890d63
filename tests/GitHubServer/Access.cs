namespace CodexWeb.EmulatedGitHub;

/// <summary>What a caller may do: the account's role, cut down to what the token allows.</summary>
internal static class Access
{
    public static RepositoryRole RoleOf(Caller caller, HostedRepository repository) => caller switch
    {
        Caller.Person { Scopes: { } scopes } person => ByScopes(person.Account, scopes, repository),
        Caller.Person { Only: { } only } person => only.Contains(repository) ? repository.RoleOf(person.Account) : Public(repository),
        // A user token of an App reaches what both the person and the App reach.
        Caller.Person { App: { } app } person => Least(repository.RoleOf(person.Account), app.InstallationFor(repository) is { } installation ? installation.RoleIn(repository) : Public(repository)),
        Caller.Installed installed => installed.Repositories?.Contains(repository.Id) is false ? Public(repository) : installed.Installation.RoleIn(repository),
        _ => Public(repository),
    };

    /// <summary>Whether a token made for one of several purposes reaches organisations.</summary>
    public static bool ReadsOrganisations(Caller.Person person) => person.Scopes is null || person.Scopes.Any(static scope => scope is "read:org" or "write:org" or "admin:org" or "user");

    private static RepositoryRole ByScopes(HostedAccount account, IReadOnlyList<string> scopes, HostedRepository repository)
    {
        var role = repository.RoleOf(account);
        var reaches = scopes.Contains("repo", StringComparer.Ordinal) || (!repository.Private && scopes.Contains("public_repo", StringComparer.Ordinal));
        return reaches ? role : Least(role, Public(repository));
    }

    private static RepositoryRole Public(HostedRepository repository) => repository.Private ? RepositoryRole.None : RepositoryRole.Read;

    private static RepositoryRole Least(RepositoryRole one, RepositoryRole other) => one < other ? one : other;
}

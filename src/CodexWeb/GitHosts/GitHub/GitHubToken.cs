namespace CodexWeb.GitHosts.GitHub;

/// <summary>Anything that is sent as <c>Authorization: Bearer</c>: a person's token, an installation's, or an App's signed statement of who it is.</summary>
/// <param name="Value">The secret itself. Only the header of a request may hold it.</param>
public readonly record struct GitHubToken(string Value)
{
    /// <summary>Never the secret.</summary>
    public override string ToString() => "[token]";
}

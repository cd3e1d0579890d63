namespace CodexWeb.GitHosts.GitHub;

/// <summary>What tokens with scopes must be allowed: https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps</summary>
public static class GitHubScopes
{
    /// <summary>What is asked for: repositories, the teams that can review, and changes of workflow files.</summary>
    public static IReadOnlyList<string> Wanted { get; } = ["repo", "read:org", "workflow"];

    /// <summary>Why a token is of no use, with what to do; null when it is of use.</summary>
    /// <param name="scopes">Null for tokens that have none: fine-grained ones, whose rights GitHub does not tell.</param>
    public static string? Obstacle(string login, IReadOnlyList<string>? scopes) =>
        scopes is null || Has(scopes, "repo") || Has(scopes, "public_repo")
            ? null
            : $"The token of {login} lacks the scope repo, so it can neither read private repositories nor push. Tick repo on GitHub's page of the token, then connect again.";

    /// <summary>What will not work with a token that is of use otherwise; null when all does.</summary>
    public static string? Remark(IReadOnlyList<string>? scopes) => scopes switch
    {
        null => "GitHub does not tell what this token may do. It needs read and write of Contents, Issues and Pull requests, and read of Checks and Commit statuses, for each repository.",
        _ when !Has(scopes, "repo") => "Without the scope repo, private repositories cannot be used.",
        _ when !Has(scopes, "workflow") => "Without the scope workflow, changes below .github/workflows cannot be pushed.",
        _ => null,
    };

    private static bool Has(IReadOnlyList<string> scopes, string scope) => scopes.Contains(scope, StringComparer.OrdinalIgnoreCase);
}

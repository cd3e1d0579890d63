namespace CodexWeb.GitHosts.GitHub;

/// <summary>A repository as GitHub describes it.</summary>
/// <param name="Id">Stays when it is renamed or moved.</param>
/// <param name="DefaultBranch">Empty for a repository without commits on an old server.</param>
/// <param name="CloneUrl">Over HTTP.</param>
/// <param name="PushedAt">When anything was pushed last; null when not told.</param>
/// <param name="CanPush">True when the token may write to it. Tokens of an installation are not told, and have what the App was given.</param>
/// <param name="OwnerKind"><c>User</c> or <c>Organization</c>.</param>
public sealed record GitHubRepository(
    long Id, GitHubRepositoryName FullName, bool Private, bool Archived, string DefaultBranch, string CloneUrl, string? Description, DateTimeOffset? PushedAt, bool CanPush, string OwnerKind)
{
    internal static GitHubRepository From(GitHubJson repository) =>
        TryFrom(repository) ?? throw new GitHubException(GitHubFailure.Unexpected, "GitHub's answer is of no use: its repository has no id or no name. Check that GitHub:ApiUrl is GitHub's interface.");

    internal static GitHubRepository? TryFrom(GitHubJson repository) =>
        repository["id"].Number is { } id && GitHubRepositoryName.TryParse(repository["full_name"].Text, out var name)
            ? new GitHubRepository(
                id,
                name,
                // What is not told is taken to be private.
                repository["private"].Flag ?? true,
                repository["archived"].Flag ?? false,
                repository["default_branch"].Text ?? "",
                repository["clone_url"].Text ?? "",
                repository["description"].Text,
                repository["pushed_at"].Time,
                CanPushTo(repository["permissions"]),
                repository["owner"]["type"].Text ?? "User")
            : null;

    private static bool CanPushTo(GitHubJson permissions) => (permissions["push"].Flag ?? false) || (permissions["maintain"].Flag ?? false) || (permissions["admin"].Flag ?? false);
}

/// <summary>A branch and its newest commit.</summary>
/// <param name="Name">Without <c>refs/heads/</c>.</param>
/// <param name="Sha">The commit's full hash.</param>
/// <param name="Protected">True when rules guard it.</param>
public sealed record GitHubBranch(string Name, string Sha, bool Protected)
{
    internal static GitHubBranch? From(GitHubJson branch) =>
        branch["name"].Text is { Length: > 0 } name && branch["commit"]["sha"].Text is { Length: > 0 } sha ? new GitHubBranch(name, sha, branch["protected"].Flag ?? false) : null;
}

/// <summary>A commit.</summary>
/// <param name="Sha">The full hash.</param>
/// <param name="Message">The whole message.</param>
public sealed record GitHubCommit(string Sha, string Message)
{
    internal static GitHubCommit? From(GitHubJson commit) => commit["sha"].Text is { Length: > 0 } sha ? new GitHubCommit(sha, commit["commit"]["message"].Text ?? "") : null;
}

/// <summary>How far two branches are apart.</summary>
/// <param name="AheadBy">Commits of the head the base lacks.</param>
/// <param name="BehindBy">Commits of the base the head lacks.</param>
/// <param name="MergeBaseSha">Where they parted; null when not told.</param>
public sealed record GitHubComparison(int AheadBy, int BehindBy, string? MergeBaseSha)
{
    internal static GitHubComparison From(GitHubJson comparison) => new(
        (int)GitHubFields.Needed(GitHubFields.Small(comparison["ahead_by"].Number), "comparison", "ahead_by"),
        (int)GitHubFields.Needed(GitHubFields.Small(comparison["behind_by"].Number), "comparison", "behind_by"),
        comparison["merge_base_commit"]["sha"].Text);
}

/// <summary>What a person may do with a repository, least first.</summary>
public enum GitHubPermission
{
    /// <summary>Nothing, or not known.</summary>
    None,

    /// <summary>See it.</summary>
    Read,

    /// <summary>Manage issues and pull requests without writing code.</summary>
    Triage,

    /// <summary>Push.</summary>
    Write,

    /// <summary>Push, and manage it without what is dangerous.</summary>
    Maintain,

    /// <summary>Everything.</summary>
    Admin,
}

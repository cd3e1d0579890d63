namespace CodexWeb.GitHosts.GitHub;

/// <summary>Whether a pull request is open.</summary>
public enum GitHubPullState
{
    /// <summary>A word this version does not know.</summary>
    Unknown,

    /// <summary>Open, a draft perhaps.</summary>
    Open,

    /// <summary>Closed, merged perhaps.</summary>
    Closed,
}

/// <summary>A pull request.</summary>
/// <param name="NodeId">Its name in GraphQL.</param>
/// <param name="Body">Markdown of anybody; null for none.</param>
/// <param name="MergeCommit">When merged: the commit it became. Before: a trial merge, or null.</param>
/// <param name="Mergeable">Null while GitHub works it out, and in lists.</param>
/// <param name="MergeableState">GitHub's word: <c>clean</c>, <c>dirty</c>, <c>blocked</c>, <c>behind</c>, <c>unstable</c> and others; null in lists.</param>
/// <param name="HeadRepository"><c>owner/name</c>; null when the fork is gone.</param>
/// <param name="AuthorLogin">Empty when the account is gone.</param>
public sealed record GitHubPull(
    long Id, string NodeId, int Number, string Title, string? Body, GitHubPullState State, bool Draft, bool Merged, DateTimeOffset? MergedAt, string? MergeCommit, bool? Mergeable, string? MergeableState,
    string HtmlUrl, string BaseBranch, string BaseSha, string HeadBranch, string HeadSha, string? HeadRepository, string AuthorLogin, DateTimeOffset UpdatedAt,
    IReadOnlyList<string> Labels, IReadOnlyList<string> RequestedReviewers)
{
    internal static GitHubPull From(GitHubJson pull) => new(
        GitHubFields.Needed(pull["id"].Number, "pull request", "id"),
        pull["node_id"].Text ?? "",
        (int)GitHubFields.Needed(GitHubFields.Small(pull["number"].Number), "pull request", "number"),
        pull["title"].Text ?? "",
        pull["body"].Text,
        pull["state"].Text switch { "open" => GitHubPullState.Open, "closed" => GitHubPullState.Closed, _ => GitHubPullState.Unknown },
        pull["draft"].Flag ?? false,
        // Lists leave "merged" out.
        pull["merged"].Flag ?? pull["merged_at"].Time is not null,
        pull["merged_at"].Time,
        pull["merge_commit_sha"].Text,
        pull["mergeable"].Flag,
        pull["mergeable_state"].Text,
        pull["html_url"].Text ?? "",
        pull["base"]["ref"].Text ?? "",
        pull["base"]["sha"].Text ?? "",
        pull["head"]["ref"].Text ?? "",
        GitHubFields.Needed(pull["head"]["sha"].Text, "pull request", "head commit"),
        pull["head"]["repo"]["full_name"].Text,
        pull["user"]["login"].Text ?? "",
        pull["updated_at"].Time ?? DateTimeOffset.UnixEpoch,
        pull["labels"].Texts("name"),
        pull["requested_reviewers"].Texts("login"));

    internal static GitHubPull? TryFrom(GitHubJson pull) => pull["number"].Number is > 0 and <= int.MaxValue && pull["id"].Number is not null && pull["head"]["sha"].Text is { Length: > 0 } ? From(pull) : null;
}

/// <summary>A pull request to be opened.</summary>
/// <param name="Head">The branch with the changes; <c>owner:branch</c> for one of a fork.</param>
/// <param name="Base">The branch they go to.</param>
public sealed record NewPull(string Title, string Body, string Head, string Base, bool Draft);

/// <summary>What to change of a pull request; null for what stays.</summary>
/// <param name="State"><c>open</c> or <c>closed</c>.</param>
public sealed record PullChange(string? Title = null, string? Body = null, string? State = null, string? Base = null);

/// <summary>A changed file.</summary>
/// <param name="Status">GitHub's word: <c>added</c>, <c>removed</c>, <c>modified</c>, <c>renamed</c> and others.</param>
/// <param name="Patch">The hunks; null for a binary or very large one.</param>
/// <param name="PreviousName">What a renamed file was called; null for others.</param>
public sealed record GitHubPullFile(string Name, string Status, string? Patch, string? PreviousName)
{
    internal static GitHubPullFile? From(GitHubJson file) =>
        file["filename"].Text is { Length: > 0 } name ? new GitHubPullFile(name, file["status"].Text ?? "", file["patch"].Text, file["previous_filename"].Text) : null;
}

namespace CodexWeb.GitHosts.GitHub;

/// <summary>A check run.</summary>
/// <param name="Status">GitHub's word: <c>queued</c>, <c>in_progress</c>, <c>completed</c> and others.</param>
/// <param name="Conclusion"><c>success</c>, <c>failure</c>, <c>neutral</c>, <c>cancelled</c>, <c>skipped</c>, <c>timed_out</c>, <c>action_required</c> and others; null before it is completed.</param>
/// <param name="HtmlUrl">Its page; null for none.</param>
/// <param name="Title">Of its output; null for none.</param>
/// <param name="Summary">Markdown of its output; null for none.</param>
/// <param name="AnnotationsCount">How many annotations it has.</param>
public sealed record GitHubCheckRun(long Id, string Name, string Status, string? Conclusion, string? HtmlUrl, string? Title, string? Summary, int AnnotationsCount)
{
    internal static GitHubCheckRun? From(GitHubJson run) => run["id"].Number is { } id
        ? new GitHubCheckRun(
            id,
            run["name"].Text ?? "",
            run["status"].Text ?? "",
            run["conclusion"].Text,
            run["html_url"].Text,
            run["output"]["title"].Text,
            run["output"]["summary"].Text,
            GitHubFields.Small(run["output"]["annotations_count"].Number) ?? 0)
        : null;
}

/// <summary>What a check run says about lines of a file.</summary>
/// <param name="Level"><c>notice</c>, <c>warning</c> or <c>failure</c>.</param>
public sealed record GitHubAnnotation(string Path, int StartLine, int EndLine, string Level, string Message, string? Title)
{
    internal static GitHubAnnotation? From(GitHubJson annotation) => annotation["path"].Text is { } path
        ? new GitHubAnnotation(
            path,
            GitHubFields.Small(annotation["start_line"].Number) ?? 0,
            GitHubFields.Small(annotation["end_line"].Number) ?? GitHubFields.Small(annotation["start_line"].Number) ?? 0,
            annotation["annotation_level"].Text ?? "",
            annotation["message"].Text ?? "",
            annotation["title"].Text)
        : null;
}

/// <summary>A commit status, the older kind of check.</summary>
/// <param name="Context">Its name.</param>
/// <param name="State"><c>success</c>, <c>failure</c>, <c>error</c> or <c>pending</c>.</param>
/// <param name="TargetUrl">Its page; null for none.</param>
public sealed record GitHubStatus(string Context, string State, string? Description, string? TargetUrl)
{
    internal static GitHubStatus? From(GitHubJson status) => status["context"].Text is { } context
        ? new GitHubStatus(context, status["state"].Text ?? "", status["description"].Text, status["target_url"].Text)
        : null;
}

/// <summary>Checks of a commit, of both kinds.</summary>
public sealed class GitHubChecks(GitHubHttp http)
{
    /// <summary>The newest check run of each name.</summary>
    /// <param name="commit">A full hash.</param>
    /// <exception cref="GitHubException">GitHub refused or could not be asked; a token without the permission for checks is <see cref="GitHubFailure.Forbidden"/>.</exception>
    public Task<IReadOnlyList<GitHubCheckRun>> RunsAsync(GitHubToken token, GitHubRepositoryName repository, string commit, CancellationToken cancellationToken) =>
        http.ListAsync(token, $"repos/{repository}/commits/{commit}/check-runs?per_page=100", GitHubCheckRun.From, cancellationToken, "check_runs");

    /// <summary>A check run's annotations.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public Task<IReadOnlyList<GitHubAnnotation>> AnnotationsAsync(GitHubToken token, GitHubRepositoryName repository, long checkRunId, CancellationToken cancellationToken) =>
        http.ListAsync(token, $"repos/{repository}/check-runs/{checkRunId}/annotations?per_page=100", GitHubAnnotation.From, cancellationToken);

    /// <summary>The newest status of each context.</summary>
    /// <param name="commit">A full hash.</param>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public Task<IReadOnlyList<GitHubStatus>> StatusAsync(GitHubToken token, GitHubRepositoryName repository, string commit, CancellationToken cancellationToken) =>
        http.ListAsync(token, $"repos/{repository}/commits/{commit}/status?per_page=100", GitHubStatus.From, cancellationToken, "statuses");
}

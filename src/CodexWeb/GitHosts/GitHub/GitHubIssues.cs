namespace CodexWeb.GitHosts.GitHub;

/// <summary>Issues, and what pull requests share with them: comments, reactions, labels, people.</summary>
public sealed class GitHubIssues(GitHubHttp http)
{
    /// <summary>An issue, or a pull request as one.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public async Task<GitHubIssue> GetAsync(GitHubToken token, GitHubRepositoryName repository, int number, CancellationToken cancellationToken) =>
        GitHubIssue.From(await http.GetAsync(token, $"repos/{repository}/issues/{number}", cancellationToken));

    /// <summary>Comments on it.</summary>
    /// <param name="body">Markdown.</param>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public async Task<GitHubComment> CommentAsync(GitHubToken token, GitHubRepositoryName repository, int number, string body, CancellationToken cancellationToken) =>
        GitHubComment.From(await http.SendAsync(HttpMethod.Post, token, $"repos/{repository}/issues/{number}/comments", new CommentBody(body), GitHubBodies.Default.CommentBody, cancellationToken));

    /// <summary>Changes a comment.</summary>
    /// <param name="body">The new text, whole.</param>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public async Task<GitHubComment> EditCommentAsync(GitHubToken token, GitHubRepositoryName repository, long commentId, string body, CancellationToken cancellationToken) =>
        GitHubComment.From(await http.SendAsync(HttpMethod.Patch, token, $"repos/{repository}/issues/comments/{commentId}", new CommentBody(body), GitHubBodies.Default.CommentBody, cancellationToken));

    /// <summary>The comments, oldest first.</summary>
    /// <param name="since">Only those changed then or later; null for all.</param>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public Task<IReadOnlyList<GitHubComment>> CommentsAsync(GitHubToken token, GitHubRepositoryName repository, int number, DateTimeOffset? since, CancellationToken cancellationToken) =>
        http.ListAsync(token, $"repos/{repository}/issues/{number}/comments?since={since ?? DateTimeOffset.UnixEpoch}&per_page=100", GitHubComment.TryFrom, cancellationToken);

    /// <summary>Reacts to a comment on an issue or pull request as a whole. Doing it again changes nothing.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public Task ReactToCommentAsync(GitHubToken token, GitHubRepositoryName repository, long commentId, GitHubReaction reaction, CancellationToken cancellationToken) =>
        ReactAsync(token, $"repos/{repository}/issues/comments/{commentId}/reactions", reaction, cancellationToken);

    /// <summary>Reacts to a comment on lines of a pull request. Doing it again changes nothing.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public Task ReactToReviewCommentAsync(GitHubToken token, GitHubRepositoryName repository, long commentId, GitHubReaction reaction, CancellationToken cancellationToken) =>
        ReactAsync(token, $"repos/{repository}/pulls/comments/{commentId}/reactions", reaction, cancellationToken);

    /// <summary>Reacts to an issue or pull request itself. Doing it again changes nothing.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public Task ReactToIssueAsync(GitHubToken token, GitHubRepositoryName repository, int number, GitHubReaction reaction, CancellationToken cancellationToken) =>
        ReactAsync(token, $"repos/{repository}/issues/{number}/reactions", reaction, cancellationToken);

    /// <summary>The labels there are to choose from.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public Task<IReadOnlyList<GitHubLabel>> LabelsAsync(GitHubToken token, GitHubRepositoryName repository, CancellationToken cancellationToken) =>
        http.ListAsync(token, $"repos/{repository}/labels?per_page=100", GitHubLabel.From, cancellationToken);

    /// <summary>Adds labels. A label GitHub does not know is made; those there are stay.</summary>
    /// <param name="labels">Their names; with none, nothing is asked.</param>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public async Task AddLabelsAsync(GitHubToken token, GitHubRepositoryName repository, int number, IReadOnlyList<string> labels, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Count > 0)
        {
            await http.SendAsync(HttpMethod.Post, token, $"repos/{repository}/issues/{number}/labels", new LabelsBody(labels), GitHubBodies.Default.LabelsBody, cancellationToken);
        }
    }

    /// <summary>The logins of people an issue can be given to and a review asked of.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public Task<IReadOnlyList<string>> AssigneesAsync(GitHubToken token, GitHubRepositoryName repository, CancellationToken cancellationToken) =>
        http.ListAsync(token, $"repos/{repository}/assignees?per_page=100", static user => user["login"].Text, cancellationToken);

    private async Task ReactAsync(GitHubToken token, GitHubPath path, GitHubReaction reaction, CancellationToken cancellationToken)
    {
        var content = reaction switch
        {
            GitHubReaction.ThumbsUp => "+1",
            GitHubReaction.ThumbsDown => "-1",
            GitHubReaction.Confused => "confused",
            GitHubReaction.Rocket => "rocket",
            GitHubReaction.Hooray => "hooray",
            _ => "eyes",
        };
        await http.SendAsync(HttpMethod.Post, token, path, new ReactionBody(content), GitHubBodies.Default.ReactionBody, cancellationToken);
    }
}

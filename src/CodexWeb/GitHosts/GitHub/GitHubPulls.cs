using System.Text.Json.Nodes;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>Pull requests: read, opened, changed, reviewed.</summary>
public sealed class GitHubPulls(GitHubHttp http, GitHubGraphQl graphQl)
{
    // The node's name is not a number of the REST interface; fullDatabaseId is, as a string: newer comments do not fit the field databaseId.
    private const string ThreadsDocument = """
        query($owner: String!, $name: String!, $number: Int!, $after: String) {
          repository(owner: $owner, name: $name) {
            pullRequest(number: $number) {
              reviewThreads(first: 100, after: $after) {
                pageInfo { hasNextPage endCursor }
                nodes { id isResolved isOutdated comments(first: 1) { nodes { fullDatabaseId } } }
              }
            }
          }
        }
        """;

    /// <summary>One pull request, whole.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public async Task<GitHubPull> GetAsync(GitHubToken token, GitHubRepositoryName repository, int number, CancellationToken cancellationToken) =>
        GitHubPull.From(await http.GetAsync(token, $"repos/{repository}/pulls/{number}", cancellationToken));

    /// <summary>The newest pull request of a branch, open or not; null for none. As in a list: what needs working out is null.</summary>
    /// <param name="headOwner">Whose repository the branch is in.</param>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public async Task<GitHubPull?> FindAsync(GitHubToken token, GitHubRepositoryName repository, string headOwner, string headBranch, CancellationToken cancellationToken)
    {
        var found = await http.GetAsync(token, $"repos/{repository}/pulls?head={headOwner}:{headBranch}&state=all&sort=created&direction=desc&per_page=10", cancellationToken);
        // A server that does not know the owner leaves the filter out.
        return found.Items.Select(GitHubPull.TryFrom).OfType<GitHubPull>().FirstOrDefault(pull => pull.HeadBranch == headBranch);
    }

    /// <summary>The open ones, changed last first; as in a list.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public Task<IReadOnlyList<GitHubPull>> ListOpenAsync(GitHubToken token, GitHubRepositoryName repository, CancellationToken cancellationToken) =>
        http.ListAsync(token, $"repos/{repository}/pulls?state=open&sort=updated&direction=desc&per_page=100", GitHubPull.TryFrom, cancellationToken);

    /// <summary>Opens one.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked; <see cref="GitHubFailure.Invalid"/> when there is one already or nothing to merge.</exception>
    public async Task<GitHubPull> OpenAsync(GitHubToken token, GitHubRepositoryName repository, NewPull pull, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pull);
        var body = new PullBody(pull.Title, pull.Body, pull.Head, pull.Base, pull.Draft);
        return GitHubPull.From(await http.SendAsync(HttpMethod.Post, token, $"repos/{repository}/pulls", body, GitHubBodies.Default.PullBody, cancellationToken));
    }

    /// <summary>Changes title, text, state or base.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public async Task<GitHubPull> ChangeAsync(GitHubToken token, GitHubRepositoryName repository, int number, PullChange change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        var body = new PullChangeBody(change.Title, change.Body, change.State, change.Base);
        return GitHubPull.From(await http.SendAsync(HttpMethod.Patch, token, $"repos/{repository}/pulls/{number}", body, GitHubBodies.Default.PullChangeBody, cancellationToken));
    }

    /// <summary>Makes a draft ready for review. One that is ready stays so.</summary>
    /// <param name="nodeId">The pull request's <see cref="GitHubPull.NodeId"/>.</param>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public Task MarkReadyAsync(GitHubToken token, string nodeId, CancellationToken cancellationToken) =>
        graphQl.RunAsync(token, "mutation($id: ID!) { markPullRequestReadyForReview(input: { pullRequestId: $id }) { pullRequest { id isDraft } } }", new JsonObject { ["id"] = nodeId }, isRepeatable: true, cancellationToken);

    /// <summary>Makes it a draft. A draft stays one.</summary>
    /// <param name="nodeId">The pull request's <see cref="GitHubPull.NodeId"/>.</param>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public Task ConvertToDraftAsync(GitHubToken token, string nodeId, CancellationToken cancellationToken) =>
        graphQl.RunAsync(token, "mutation($id: ID!) { convertPullRequestToDraft(input: { pullRequestId: $id }) { pullRequest { id isDraft } } }", new JsonObject { ["id"] = nodeId }, isRepeatable: true, cancellationToken);

    /// <summary>Asks people and teams for a review. Who was asked already stays so.</summary>
    /// <param name="users">Logins; not the author's own, which GitHub refuses.</param>
    /// <param name="teams">Slugs of the organisation's teams.</param>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public Task RequestReviewersAsync(GitHubToken token, GitHubRepositoryName repository, int number, IReadOnlyList<string> users, IReadOnlyList<string> teams, CancellationToken cancellationToken) =>
        http.SendAsync(HttpMethod.Post, token, $"repos/{repository}/pulls/{number}/requested_reviewers", new ReviewersBody(users, teams), GitHubBodies.Default.ReviewersBody, cancellationToken);

    /// <summary>The changed files; GitHub names at most 3,000.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public Task<IReadOnlyList<GitHubPullFile>> FilesAsync(GitHubToken token, GitHubRepositoryName repository, int number, CancellationToken cancellationToken) =>
        http.ListAsync(token, $"repos/{repository}/pulls/{number}/files?per_page=100", GitHubPullFile.From, cancellationToken);

    /// <summary>The reviews, oldest first.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public Task<IReadOnlyList<GitHubReview>> ReviewsAsync(GitHubToken token, GitHubRepositoryName repository, int number, CancellationToken cancellationToken) =>
        http.ListAsync(token, $"repos/{repository}/pulls/{number}/reviews?per_page=100", GitHubReview.TryFrom, cancellationToken);

    /// <summary>The comments on lines.</summary>
    /// <param name="since">Only those changed then or later; null for all.</param>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public Task<IReadOnlyList<GitHubReviewComment>> ReviewCommentsAsync(GitHubToken token, GitHubRepositoryName repository, int number, DateTimeOffset? since, CancellationToken cancellationToken) =>
        http.ListAsync(token, $"repos/{repository}/pulls/{number}/comments?since={since ?? DateTimeOffset.UnixEpoch}&per_page=100", GitHubReviewComment.TryFrom, cancellationToken);

    /// <summary>Makes a review and submits it.</summary>
    /// <param name="commit">The commit it is about: its full hash.</param>
    /// <param name="body">Markdown; needed for anything but an approval.</param>
    /// <param name="comments">Each on lines of the diff: GitHub refuses the whole review when one is not.</param>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public async Task<GitHubReview> CreateReviewAsync(
        GitHubToken token, GitHubRepositoryName repository, int number, string commit, GitHubReviewEvent kind, string body, IReadOnlyList<NewReviewComment> comments, CancellationToken cancellationToken)
    {
        var review = new ReviewBody(
            commit,
            kind switch { GitHubReviewEvent.Approve => "APPROVE", GitHubReviewEvent.RequestChanges => "REQUEST_CHANGES", _ => "COMMENT" },
            body.Length == 0 ? null : body,
            [.. comments.Select(static comment => new ReviewCommentBody(comment.Path, comment.Line, comment.Side, comment.StartLine, comment.StartSide, comment.Body))]);
        var made = await http.SendAsync(HttpMethod.Post, token, $"repos/{repository}/pulls/{number}/reviews", review, GitHubBodies.Default.ReviewBody, cancellationToken);
        return GitHubReview.TryFrom(made) ?? throw new GitHubException(GitHubFailure.Unexpected, "GitHub took the review, but its answer has no id.");
    }

    /// <summary>Answers in a thread.</summary>
    /// <param name="commentId">The thread's first comment.</param>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public async Task<GitHubReviewComment> ReplyAsync(GitHubToken token, GitHubRepositoryName repository, int number, long commentId, string body, CancellationToken cancellationToken) =>
        GitHubReviewComment.From(await http.SendAsync(HttpMethod.Post, token, $"repos/{repository}/pulls/{number}/comments/{commentId}/replies", new CommentBody(body), GitHubBodies.Default.CommentBody, cancellationToken));

    /// <summary>The threads.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public async Task<IReadOnlyList<GitHubReviewThread>> ThreadsAsync(GitHubToken token, GitHubRepositoryName repository, int number, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(repository);
        var threads = new List<GitHubReviewThread>();
        string? after = null;
        var seen = new HashSet<string?>(StringComparer.Ordinal);
        while (threads.Count < GitHubHttp.MostItems && seen.Add(after))
        {
            var variables = new JsonObject { ["owner"] = repository.Owner, ["name"] = repository.Name, ["number"] = number, ["after"] = after };
            var page = (await graphQl.RunAsync(token, ThreadsDocument, variables, isRepeatable: true, cancellationToken))["repository"]["pullRequest"]["reviewThreads"];
            threads.AddRange(page["nodes"].Items.Select(GitHubReviewThread.From).OfType<GitHubReviewThread>());
            // Back at the first page, or at one that was read, it ends.
            after = page["nodes"].Items.Any() && page["pageInfo"]["hasNextPage"].Flag == true ? page["pageInfo"]["endCursor"].Text : null;
        }

        return threads;
    }

    /// <summary>Marks a thread as resolved. A resolved one stays so.</summary>
    /// <param name="threadId"><see cref="GitHubReviewThread.Id"/>.</param>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public Task ResolveThreadAsync(GitHubToken token, string threadId, CancellationToken cancellationToken) =>
        graphQl.RunAsync(token, "mutation($id: ID!) { resolveReviewThread(input: { threadId: $id }) { thread { id isResolved } } }", new JsonObject { ["id"] = threadId }, isRepeatable: true, cancellationToken);
}

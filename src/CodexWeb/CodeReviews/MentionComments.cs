using CodexWeb.Data;
using CodexWeb.GitHosts.GitHub;

namespace CodexWeb.CodeReviews;

/// <summary>A place at GitHub where somebody named us.</summary>
/// <param name="Repository">Our repository.</param>
/// <param name="Url">Its address here.</param>
/// <param name="Name">Its name at GitHub.</param>
internal sealed record MentionPlace(RepositoryId Repository, string Url, GitHubRepositoryName Name, GitHubToken Token, int Number)
{
    /// <summary><c>acme/shop#12</c>.</summary>
    public string Label => FormattableString.Invariant($"{Name}#{Number}");
}

/// <summary>Our words at GitHub: a reaction, and one comment for each text that named us, found again by a hidden mark.</summary>
internal sealed class MentionComments(GitHubIssues issues, GitHubUsers users)
{
    /// <summary>With what the hidden mark of our comments begins.</summary>
    public const string MarkerStart = "<!-- codexweb:";

    /// <summary>Shows that the text was seen. It is no more than a courtesy: without the right to react the work goes on.</summary>
    public async Task SeenAsync(MentionSource source, MentionPlace place, CancellationToken cancellationToken)
    {
        try
        {
            await (source.Kind switch
            {
                MentionKind.Issue => issues.ReactToIssueAsync(place.Token, place.Name, place.Number, GitHubReaction.Eyes, cancellationToken),
                MentionKind.Comment => issues.ReactToCommentAsync(place.Token, place.Name, source.Id, GitHubReaction.Eyes, cancellationToken),
                MentionKind.ReviewComment => issues.ReactToReviewCommentAsync(place.Token, place.Name, source.Id, GitHubReaction.Eyes, cancellationToken),
                // GitHub takes none on the text of a review.
                _ => issues.ReactToIssueAsync(place.Token, place.Name, place.Number, GitHubReaction.Eyes, cancellationToken),
            });
        }
        catch (GitHubException exception) when (exception.RetryAt is null && exception.Failure is not GitHubFailure.Unavailable)
        {
            // The comment will say whatever is to be said.
        }
    }

    /// <summary>The conversation, oldest first.</summary>
    public Task<IReadOnlyList<GitHubComment>> ReadAsync(MentionPlace place, CancellationToken cancellationToken) =>
        issues.CommentsAsync(place.Token, place.Name, place.Number, since: null, cancellationToken);

    /// <summary>Writes our comment on a text, unless it is there already.</summary>
    /// <param name="key">The text's <see cref="Mention.Key"/>.</param>
    /// <param name="since">When the text was written: our comment is not older.</param>
    /// <returns>GitHub's number of the comment.</returns>
    public async Task<long> WriteOnceAsync(MentionPlace place, string key, string text, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var marker = MarkerOf(key);
        foreach (var comment in await issues.CommentsAsync(place.Token, place.Name, place.Number, since, cancellationToken))
        {
            if (comment.Body.Contains(marker, StringComparison.Ordinal) && await IsOursAsync(comment, place.Token, cancellationToken))
            {
                return comment.Id;
            }
        }

        return (await issues.CommentAsync(place.Token, place.Name, place.Number, $"{text}\n\n{marker}", cancellationToken)).Id;
    }

    /// <summary>Gives our comment another text.</summary>
    public Task EditAsync(MentionPlace place, string key, long comment, string text, CancellationToken cancellationToken) =>
        issues.EditCommentAsync(place.Token, place.Name, comment, $"{text}\n\n{MarkerOf(key)}", cancellationToken);

    private static string MarkerOf(string key) => $"{MarkerStart}{key} -->";

    // Anybody could write the mark into a comment of theirs.
    private async Task<bool> IsOursAsync(GitHubComment comment, GitHubToken token, CancellationToken cancellationToken)
    {
        try
        {
            var (user, _) = await users.CurrentAsync(token, cancellationToken);
            return string.Equals(user.Login, comment.AuthorLogin, StringComparison.OrdinalIgnoreCase);
        }
        catch (GitHubException exception) when (exception.Failure is GitHubFailure.Forbidden or GitHubFailure.NotFound)
        {
            // An installation of an App is nobody there; it writes as a bot.
            return comment.AuthorKind is "Bot";
        }
    }
}

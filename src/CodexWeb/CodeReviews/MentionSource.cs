using System.Globalization;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.GitHosts.Webhooks;

namespace CodexWeb.CodeReviews;

/// <summary>Where a text stands that may name us.</summary>
public enum MentionKind
{
    /// <summary>The text of an issue.</summary>
    Issue,

    /// <summary>A comment on an issue, or on a pull request as a whole.</summary>
    Comment,

    /// <summary>A comment on lines of a pull request.</summary>
    ReviewComment,

    /// <summary>The text of a review.</summary>
    Review,
}

/// <summary>A text that was written at GitHub, as a webhook tells of it. All of it is from outside.</summary>
/// <param name="Id">GitHub's number of the text.</param>
/// <param name="Number">The issue's or pull request's number.</param>
/// <param name="IsPull">True on a pull request.</param>
/// <param name="IsBot">True when a program wrote it.</param>
/// <param name="At">When it was written; the epoch when not told.</param>
/// <param name="Title">Of the issue or pull request.</param>
/// <param name="Description">The first text of the issue or pull request; null for none.</param>
/// <param name="DescribedBy">Who wrote that; empty when not told.</param>
/// <param name="Code">For a comment on lines: the file and the part of the change; null for others.</param>
/// <param name="Thread">For a reply in a thread on lines: GitHub's number of the comment that begins it; null for others.</param>
internal sealed record MentionSource(
    MentionKind Kind, long Id, int Number, bool IsPull, string Body, string Author, bool IsBot, string Url, DateTimeOffset At, string Title, string? Description, string DescribedBy, string? Code, long? Thread)
{
    /// <summary>Kind and number: what makes a text known again.</summary>
    public string Key => string.Create(CultureInfo.InvariantCulture, $"{Prefix}-{Id}");

    /// <summary>What it is, in a word or two.</summary>
    public string Words => Kind switch
    {
        MentionKind.Issue => "issue",
        MentionKind.Review => "review",
        _ => "comment",
    };

    private string Prefix => Kind switch
    {
        MentionKind.Issue => "issue",
        MentionKind.Comment => "issue_comment",
        MentionKind.ReviewComment => "review_comment",
        _ => "review",
    };

    /// <summary>The text a delivery tells of; null when it tells of none, of an edit, or lacks what is needed.</summary>
    public static MentionSource? From(WebhookEvent webhook)
    {
        var body = new GitHubJson(webhook.Body);
        return (webhook.Event, webhook.Action) switch
        {
            ("issues", "opened") => Read(MentionKind.Issue, body["issue"], body["issue"], body["issue"]["pull_request"].IsObject, body),
            ("issue_comment", "created") => Read(MentionKind.Comment, body["comment"], body["issue"], body["issue"]["pull_request"].IsObject, body),
            ("pull_request_review_comment", "created") => Read(MentionKind.ReviewComment, body["comment"], body["pull_request"], isPull: true, body),
            ("pull_request_review", "submitted") => Read(MentionKind.Review, body["review"], body["pull_request"], isPull: true, body),
            _ => null,
        };
    }

    private static MentionSource? Read(MentionKind kind, GitHubJson text, GitHubJson conversation, bool isPull, GitHubJson webhook) =>
        text["id"].Number is { } id && GitHubFields.Small(conversation["number"].Number) is > 0 and { } number
        && text["body"].Text is { Length: > 0 } body && text["user"]["login"].Text is { Length: > 0 and <= 100 } author
            ? new MentionSource(
                kind,
                id,
                number,
                isPull,
                body,
                author,
                text["user"]["type"].Text is "Bot" || webhook["sender"]["type"].Text is "Bot",
                text["html_url"].Text ?? "",
                text["created_at"].Time ?? text["submitted_at"].Time ?? DateTimeOffset.UnixEpoch,
                conversation["title"].Text ?? "",
                conversation["body"].Text,
                conversation["user"]["login"].Text ?? "",
                kind is MentionKind.ReviewComment ? $"{text["path"].Text}\n{text["diff_hunk"].Text}" : null,
                kind is MentionKind.ReviewComment ? text["in_reply_to_id"].Number : null)
            : null;
}

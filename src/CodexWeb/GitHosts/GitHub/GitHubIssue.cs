namespace CodexWeb.GitHosts.GitHub;

/// <summary>An issue, or a pull request seen as one.</summary>
/// <param name="Body">Markdown of anybody; null for none.</param>
/// <param name="IsOpen">False once closed.</param>
/// <param name="IsPull">True for a pull request.</param>
/// <param name="AuthorLogin">Empty when the account is gone.</param>
public sealed record GitHubIssue(long Id, int Number, string Title, string? Body, bool IsOpen, bool IsPull, string AuthorLogin, string HtmlUrl, IReadOnlyList<string> Labels)
{
    internal static GitHubIssue From(GitHubJson issue) => new(
        GitHubFields.Needed(issue["id"].Number, "issue", "id"),
        (int)GitHubFields.Needed(GitHubFields.Small(issue["number"].Number), "issue", "number"),
        issue["title"].Text ?? "",
        issue["body"].Text,
        issue["state"].Text != "closed",
        issue["pull_request"].IsObject,
        issue["user"]["login"].Text ?? "",
        issue["html_url"].Text ?? "",
        issue["labels"].Texts("name"));
}

/// <summary>A comment on an issue or a pull request as a whole.</summary>
/// <param name="Body">Markdown of anybody.</param>
/// <param name="AuthorLogin">Empty when the account is gone.</param>
/// <param name="AuthorKind"><c>User</c>, <c>Bot</c> or others.</param>
public sealed record GitHubComment(long Id, string Body, string AuthorLogin, string AuthorKind, string HtmlUrl, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    internal static GitHubComment From(GitHubJson comment) => TryFrom(comment) ?? throw new GitHubException(GitHubFailure.Unexpected, "GitHub's answer is of no use: its comment has no id.");

    internal static GitHubComment? TryFrom(GitHubJson comment) => comment["id"].Number is { } id
        ? new GitHubComment(
            id,
            comment["body"].Text ?? "",
            comment["user"]["login"].Text ?? "",
            comment["user"]["type"].Text ?? "",
            comment["html_url"].Text ?? "",
            comment["created_at"].Time ?? DateTimeOffset.UnixEpoch,
            comment["updated_at"].Time ?? DateTimeOffset.UnixEpoch)
        : null;
}

/// <summary>A label.</summary>
/// <param name="Color">Six hexadecimal digits; null when it is something else.</param>
public sealed record GitHubLabel(string Name, string? Color, string? Description)
{
    internal static GitHubLabel? From(GitHubJson label) => label["name"].Text is { Length: > 0 } name
        ? new GitHubLabel(name, label["color"].Text is { Length: 6 } color && color.All(char.IsAsciiHexDigit) ? color : null, label["description"].Text)
        : null;
}

/// <summary>A small picture under a comment.</summary>
public enum GitHubReaction
{
    /// <summary>Seen, being looked at.</summary>
    Eyes,

    /// <summary>Done, agreed.</summary>
    ThumbsUp,

    /// <summary>Not done, disagreed.</summary>
    ThumbsDown,

    /// <summary>Not understood.</summary>
    Confused,

    /// <summary>Off it goes.</summary>
    Rocket,

    /// <summary>A success.</summary>
    Hooray,
}

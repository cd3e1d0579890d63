namespace CodexWeb.GitHosts.GitHub;

/// <summary>Why GitHub did not do what it was asked.</summary>
public enum GitHubFailure
{
    /// <summary>401: the token is wrong, revoked or expired.</summary>
    Unauthorized,

    /// <summary>403 for lack of rights, not of patience.</summary>
    Forbidden,

    /// <summary>404 or 410: it is not there, or this token may not see it. GitHub does not say which.</summary>
    NotFound,

    /// <summary>A rate limit is reached; <see cref="GitHubException.RetryAt"/> is set.</summary>
    RateLimited,

    /// <summary>400, 422 and their like: GitHub does not take what was sent.</summary>
    Invalid,

    /// <summary>405 or 409: not as things stand now.</summary>
    Conflict,

    /// <summary>5xx, no answer in time, or a connection that could not be made or was cut.</summary>
    Unavailable,

    /// <summary>An answer that is not GitHub's: a page instead of JSON, a way to another server, nothing that can be used.</summary>
    Unexpected,
}

/// <summary>GitHub refused or could not be asked. The message has GitHub's own words and what to do: one to three sentences, without secrets.</summary>
/// <param name="failure">What kind of failure.</param>
/// <param name="message">For people.</param>
public sealed class GitHubException(GitHubFailure failure, string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>What kind of failure.</summary>
    public GitHubFailure Failure { get; } = failure;

    /// <summary>When asking again makes sense; null when nothing is known.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>The HTTP status; null when there was no answer.</summary>
    public int? Status { get; init; }

    /// <summary>GitHub's page about it; null for none.</summary>
    public string? DocumentationUrl { get; init; }

    /// <summary>The page of GitHub where a person lets this token into an organisation with single sign-on; null unless that is what is missing.</summary>
    public Uri? AuthorizeAt { get; init; }
}

using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>Turns a refusal of GitHub into a sentence with its own words and what to do.</summary>
internal sealed class GitHubRefusals(GitHubAddresses addresses, GitHubLimits limits, TimeProvider time)
{
    /// <summary>The exception for an answer that is no success.</summary>
    /// <param name="body">The answer's body; nothing when it is not JSON.</param>
    public GitHubException Of(GitHubRequest request, HttpResponseMessage response, GitHubJson body)
    {
        var (status, headers, isHtml) = ((int)response.StatusCode, response.Headers, IsHtml(response));
        var retryAt = limits.RetryAt(request, status, headers, body["message"].Text) ?? (status >= 500 ? limits.RetryAfterIn(headers) : null);
        var failure = FailureOf(status, isHtml, retryAt);
        var authorizeAt = failure is GitHubFailure.Forbidden or GitHubFailure.Unauthorized ? SingleSignOn(headers) : null;
        var said = MessageIn(request, body);
        var message = failure switch
        {
            GitHubFailure.RateLimited => RateLimitMessage(said, (retryAt - time.GetUtcNow()) ?? TimeSpan.Zero),
            GitHubFailure.Unexpected when isHtml => NotJson(request, status),
            _ => $"GitHub answered {status.ToString(CultureInfo.InvariantCulture)}{(said is null ? "." : $": {GitHubText.Sentence(said)}")} {WhatToDo(request, failure, headers, authorizeAt)}".TrimEnd(),
        };
        return new GitHubException(failure, message)
        {
            Status = status,
            RetryAt = retryAt,
            DocumentationUrl = GitHubText.Clean(body["documentation_url"].Text, request.Token) is { } page && page.StartsWith("https://", StringComparison.Ordinal) ? page : null,
            AuthorizeAt = authorizeAt,
        };
    }

    /// <summary>True for a page of a browser.</summary>
    public static bool IsHtml(HttpResponseMessage response) => response.Content.Headers.ContentType?.MediaType is "text/html" or "application/xhtml+xml";

    /// <summary>What a reached limit is called.</summary>
    public static string RateLimitMessage(string? said, TimeSpan wait) =>
        $"{(said is null ? "GitHub's rate limit is reached." : $"GitHub's rate limit is reached: {GitHubText.Sentence(said)}")} It can be asked again in {Words(wait)}.";

    /// <summary>What came instead of JSON.</summary>
    public static string NotJson(GitHubRequest request, int status) =>
        $"The answer to {request.Name} at {request.Address.Authority} was a page or text (status {status.ToString(CultureInfo.InvariantCulture)}), not the JSON GitHub's interface sends. Check GitHub:BaseUrl and GitHub:ApiUrl, and any proxy between.";

    /// <summary>GitHub's own words: the message and what it says of single fields.</summary>
    public static string? MessageIn(GitHubRequest request, GitHubJson body)
    {
        var parts = body["errors"].Items.Take(10).Select(ErrorText).Prepend(body["message"].Text).OfType<string>().Distinct(StringComparer.Ordinal);
        return GitHubText.Clean(string.Join("; ", parts), request.Token);
    }

    /// <summary>The body as JSON; nothing when it is none.</summary>
    public static GitHubJson ReadOrNothing(byte[] body)
    {
        try
        {
            return new GitHubJson(JsonElement.Parse(body));
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static GitHubFailure FailureOf(int status, bool isHtml, DateTimeOffset? retryAt) => status switch
    {
        >= 500 => GitHubFailure.Unavailable,
        403 or 429 when retryAt is not null => GitHubFailure.RateLimited,
        _ when isHtml => GitHubFailure.Unexpected,
        401 => GitHubFailure.Unauthorized,
        403 or 451 => GitHubFailure.Forbidden,
        404 or 410 => GitHubFailure.NotFound,
        405 or 409 => GitHubFailure.Conflict,
        408 => GitHubFailure.Unavailable,
        >= 400 => GitHubFailure.Invalid,
        _ => GitHubFailure.Unexpected,
    };

    private static string WhatToDo(GitHubRequest request, GitHubFailure failure, HttpResponseHeaders headers, Uri? authorizeAt) => failure switch
    {
        _ when authorizeAt is not null => $"The organisation wants single sign-on: let this token in at {authorizeAt.AbsoluteUri}, then try again.",
        GitHubFailure.Unauthorized => request.WhenUnauthorized,
        GitHubFailure.Forbidden => $"This connection may not do that.{NeedIn(request, headers)} Give its token or App more rights, or connect another.",
        GitHubFailure.NotFound => "It is not there, or this connection may not see it.",
        GitHubFailure.Unavailable => "GitHub has trouble of its own; try again in a while.",
        GitHubFailure.Unexpected => "That is not an answer of GitHub's interface: check GitHub:ApiUrl.",
        _ => "",
    };

    // "contents=write; pull_requests=read" for Apps and fine-grained tokens, "repo, read:org" for others.
    private static string NeedIn(GitHubRequest request, HttpResponseHeaders headers)
    {
        var need = First(headers, "X-Accepted-GitHub-Permissions") ?? First(headers, "X-Accepted-OAuth-Scopes");
        return GitHubText.Clean(need, request.Token, most: 120) is { } words ? $" It needs: {words}." : "";
    }

    // required; url=https://github.com/orgs/octodocs/sso?authorization_request=…
    private Uri? SingleSignOn(HttpResponseHeaders headers) =>
        First(headers, "X-GitHub-SSO")?.Split("url=", 2) is [_, var url] && url.Length < 1000 && Uri.TryCreate(url.Trim(), UriKind.Absolute, out var address) && GitHubHttp.IsSameOrigin(address, addresses.Web)
            ? address
            : null;

    private static string? First(HttpResponseHeaders headers, string name) => headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    // Either text, or an object: https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#validation-failed
    private static string? ErrorText(GitHubJson error) =>
        error.Text ?? error["message"].Text ?? (error["field"].Text is { } field ? $"{field} {CodeWords(error["code"].Text)}" : error["code"].Text);

    private static string CodeWords(string? code) => code switch
    {
        "missing" => "does not exist",
        "missing_field" => "is missing",
        "already_exists" => "exists already",
        "unprocessable" => "cannot be taken",
        _ => "is not valid",
    };

    private static string Words(TimeSpan wait) => wait.TotalSeconds < 90
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, Math.Ceiling(wait.TotalSeconds)):0} seconds")
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(wait.TotalMinutes):0} minutes");
}

using System.Text;
using System.Text.Json.Nodes;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>The few things only GraphQL can do. Its errors come with status 200.</summary>
public sealed class GitHubGraphQl(GitHubHttp http, GitHubAddresses addresses, TimeProvider time)
{
    private static readonly TimeSpan UsualWait = TimeSpan.FromMinutes(1);

    /// <summary>Runs a document of ours with data as variables.</summary>
    /// <param name="isRepeatable">True when doing it twice does no harm.</param>
    /// <returns>The answer's <c>data</c>.</returns>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    internal async Task<GitHubJson> RunAsync(GitHubToken token, string document, JsonObject variables, bool isRepeatable, CancellationToken cancellationToken)
    {
        var request = new GitHubRequest(HttpMethod.Post, addresses.GraphQl, token)
        {
            Body = Encoding.UTF8.GetBytes(new JsonObject { ["query"] = document, ["variables"] = variables }.ToJsonString()),
            IsRepeatable = isRepeatable,
            Resource = "graphql",
        };
        var answer = GitHubHttp.Read(await http.SendAsync(request, cancellationToken));
        var errors = answer["errors"].Items.ToList();
        return errors.Count == 0 ? answer["data"] : throw ErrorOf(request, errors[0]);
    }

    // https://docs.github.com/en/graphql/reference: the types are not listed there; these are the ones it sends.
    private GitHubException ErrorOf(GitHubRequest request, GitHubJson error)
    {
        var said = GitHubText.Sentence(GitHubText.Clean(error["message"].Text, request.Token) ?? "It gave no reason");
        return error["type"].Text switch
        {
            "NOT_FOUND" => new GitHubException(GitHubFailure.NotFound, $"GitHub says: {said} It is not there, or this connection may not see it."),
            "FORBIDDEN" or "INSUFFICIENT_SCOPES" => new GitHubException(GitHubFailure.Forbidden, $"GitHub says: {said} This connection may not do that: give its token or App more rights, or connect another."),
            "RATE_LIMITED" => new GitHubException(GitHubFailure.RateLimited, GitHubRefusals.RateLimitMessage(said, UsualWait)) { RetryAt = time.GetUtcNow() + UsualWait },
            "SERVICE_UNAVAILABLE" => new GitHubException(GitHubFailure.Unavailable, $"GitHub says: {said} Try again in a while."),
            _ => new GitHubException(GitHubFailure.Invalid, $"GitHub says: {said}"),
        };
    }
}

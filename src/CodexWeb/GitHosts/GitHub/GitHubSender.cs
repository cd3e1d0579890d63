using System.Net;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>Sends a request once and reads its answer, within fixed bounds of time and size.</summary>
internal sealed class GitHubSender(IHttpClientFactory clients, GitHubAnswerCache cache, GitHubLimits limits, GitHubRefusals refusals, TimeProvider time)
{
    /// <summary>The name of the HTTP client.</summary>
    public const string ClientName = "GitHub";

    /// <summary>The longest a request may take, its answer read.</summary>
    public static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(30);

    /// <summary>The longest the making of a connection may take.</summary>
    public static readonly TimeSpan LongestConnect = TimeSpan.FromSeconds(10);

    private const int MostBytes = 16 * 1024 * 1024;
    private const int MostHops = 5;

    /// <summary>Sends it.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public async Task<GitHubAnswer> SendAsync(GitHubRequest request, CancellationToken cancellationToken)
    {
        if (request.Token is { } token && !(token.Value is { Length: > 0 } secret && secret.All(static character => character is > ' ' and <= '~')))
        {
            throw new GitHubException(GitHubFailure.Unauthorized, "This is no token of GitHub: it has spaces or characters no token has. Copy it once more.");
        }

        using var place = await limits.EnterAsync(request, cancellationToken);
        using var patience = new CancellationTokenSource(LongestAnswer, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await FollowAsync(request, either.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unavailable(request, $"GitHub at {request.Address.Authority} did not answer within {(patience.IsCancellationRequested ? LongestAnswer : LongestConnect).TotalSeconds:0} seconds.", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw Unavailable(request, $"GitHub at {request.Address.Authority} cannot be reached, or the connection was cut: {GitHubText.Clean(exception.GetBaseException().Message, request.Token)}", exception);
        }
    }

    // https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects; the token goes to no other server.
    private async Task<GitHubAnswer> FollowAsync(GitHubRequest request, CancellationToken cancellationToken)
    {
        var stored = cache.Find(request);
        var address = request.Address;
        for (var hop = 0; hop <= MostHops; hop++)
        {
            using var message = request.ToMessage(address);
            if (stored?.ETag is { } tag)
            {
                message.Headers.TryAddWithoutValidation("If-None-Match", tag);
            }

            using var response = await clients.CreateClient(ClientName).SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            limits.Note(request, response.Headers);
            if (response.StatusCode == HttpStatusCode.NotModified && stored is not null)
            {
                return stored;
            }

            if (NextAddress(request, response, address) is not { } next)
            {
                return await ReadAsync(request, response, address, cancellationToken);
            }

            address = next;
        }

        throw new GitHubException(GitHubFailure.Unexpected, $"GitHub sends {request.Name} from one address to the next without end.");
    }

    private static Uri? NextAddress(GitHubRequest request, HttpResponseMessage response, Uri address)
    {
        var status = (int)response.StatusCode;
        if (status is not (301 or 302 or 307 or 308))
        {
            return null;
        }

        if (response.Headers.Location is not { } location || !Uri.TryCreate(address, location, out var next))
        {
            throw Moved(request, status, "without saying where to");
        }

        if (!GitHubHttp.IsSameOrigin(next, request.Address))
        {
            throw Moved(request, status, $"to another server ({next.Authority}), which is not asked");
        }

        return status is 307 or 308 || request.Method == HttpMethod.Get ? next : throw Moved(request, status, "to another address, which may not be used for changes");
    }

    private static GitHubException Moved(GitHubRequest request, int status, string where) =>
        new(GitHubFailure.Unexpected, $"GitHub sends {request.Name} {where}. If the repository was renamed or moved, connect it again; else check GitHub:ApiUrl.") { Status = status };

    private async Task<GitHubAnswer> ReadAsync(GitHubRequest request, HttpResponseMessage response, Uri address, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        var body = await BodyOfAsync(request, response, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            if (GitHubRefusals.IsHtml(response))
            {
                throw new GitHubException(GitHubFailure.Unexpected, GitHubRefusals.NotJson(request, status)) { Status = status };
            }

            var answer = GitHubAnswer.From(response.Headers, body, address);
            cache.Keep(request, answer);
            return answer;
        }

        throw refusals.Of(request, response, GitHubRefusals.ReadOrNothing(body));
    }

    private static async Task<byte[]> BodyOfAsync(GitHubRequest request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var body = new MemoryStream();
        var part = new byte[64 * 1024];
        while (await stream.ReadAsync(part, cancellationToken) is > 0 and var read)
        {
            if (body.Length + read > MostBytes)
            {
                throw new GitHubException(GitHubFailure.Unexpected, $"GitHub's answer to {request.Name} is longer than {MostBytes / 1024 / 1024} MiB; it was not read to its end.");
            }

            body.Write(part, 0, read);
        }

        return body.ToArray();
    }

    private static GitHubException Unavailable(GitHubRequest request, string what, Exception inner) =>
        new(GitHubFailure.Unavailable, request.IsRepeatable ? $"{GitHubText.Sentence(what)} Try again in a while." : $"{GitHubText.Sentence(what)} Whether it took effect is not known: look on GitHub before trying again.", inner);
}

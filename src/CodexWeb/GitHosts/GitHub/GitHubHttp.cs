using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>Asks GitHub: one request at a time, lists page by page, with the patience GitHub's rules ask for. The classes of the endpoints stand on it.</summary>
public sealed partial class GitHubHttp
{
    /// <summary>The most that is read of a list. Where GitHub has more, the log says so and the list ends.</summary>
    public const int MostItems = 10_000;

    private const int MostTries = 4;
    private const int MostPages = 1000;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly GitHubSender _sender;
    private readonly GitHubAddresses _addresses;
    private readonly TimeProvider _time;
    private readonly ILogger<GitHubHttp> _log;

    internal GitHubHttp(GitHubSender sender, GitHubAddresses addresses, TimeProvider time, ILogger<GitHubHttp> log) => (_sender, _addresses, _time, _log) = (sender, addresses, time, log);

    /// <summary>Asks for one thing.</summary>
    internal async Task<GitHubJson> GetAsync(GitHubToken? token, GitHubPath path, CancellationToken cancellationToken) =>
        Read(await SendAsync(To(HttpMethod.Get, token, path), cancellationToken));

    /// <summary>Asks for one thing; null where GitHub says there is none, or none this token may see.</summary>
    internal async Task<GitHubJson?> FindAsync(GitHubToken? token, GitHubPath path, CancellationToken cancellationToken)
    {
        try
        {
            return await GetAsync(token, path, cancellationToken);
        }
        catch (GitHubException exception) when (exception.Failure == GitHubFailure.NotFound)
        {
            return null;
        }
    }

    /// <summary>Changes something.</summary>
    internal async Task<GitHubJson> SendAsync<T>(HttpMethod method, GitHubToken? token, GitHubPath path, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        Read(await SendAsync(To(method, token, path, GitHubRequest.JsonOf(body, type)), cancellationToken));

    /// <summary>A list, page by page, in GitHub's order; ends after <see cref="MostItems"/>.</summary>
    /// <param name="path">With <c>per_page=100</c>.</param>
    /// <param name="property">Where the list is, in an answer that is an object; null when the answer is the list.</param>
    internal async IAsyncEnumerable<GitHubJson> ListAsync(GitHubToken? token, GitHubPath path, string? property, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = To(HttpMethod.Get, token, path);
        var read = 0;
        var seen = new HashSet<Uri>();
        while (seen.Count < MostPages && seen.Add(request.Address))
        {
            var answer = await SendAsync(request, cancellationToken);
            var page = Read(answer);
            if (answer.IsPartial)
            {
                Partial(request.Name);
            }

            foreach (var item in (property is null ? page : page[property]).Items)
            {
                if (read++ == MostItems)
                {
                    Cut(request.Name, MostItems);
                    yield break;
                }

                yield return item;
            }

            if (answer.Next is not { } next)
            {
                yield break;
            }

            if (!IsSameOrigin(next, _addresses.Api))
            {
                throw new GitHubException(GitHubFailure.Unexpected, $"GitHub named a next page on another server ({next.Authority}); it was not asked. Check GitHub:ApiUrl, which must be the address GitHub itself uses.");
            }

            request = request with { Address = next };
        }

        throw new GitHubException(GitHubFailure.Unexpected, $"GitHub's pages of {request.Name} have no end: they lead back to one that was read already, or are more than {MostPages}.");
    }

    /// <summary>A list as a whole.</summary>
    internal async Task<IReadOnlyList<T>> ListAsync<T>(GitHubToken? token, GitHubPath path, Func<GitHubJson, T?> read, CancellationToken cancellationToken, string? property = null)
        where T : class
    {
        var list = new List<T>();
        await foreach (var item in ListAsync(token, path, property, cancellationToken))
        {
            if (read(item) is { } element)
            {
                list.Add(element);
            }
        }

        return list;
    }

    /// <summary>Sends a request, again where that does no harm and helps.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    internal async Task<GitHubAnswer> SendAsync(GitHubRequest request, CancellationToken cancellationToken)
    {
        for (var tried = 1; ; tried++)
        {
            try
            {
                return await _sender.SendAsync(request, cancellationToken);
            }
            catch (GitHubException exception) when (WaitAfter(request, exception, tried) is { } wait)
            {
                Again(request.Name, exception.Message, wait.TotalMilliseconds);
                await Task.Delay(wait, _time, cancellationToken);
            }
        }
    }

    /// <summary>The request of a path below the API.</summary>
    internal GitHubRequest To(HttpMethod method, GitHubToken? token, GitHubPath path, byte[]? body = null, string? whenUnauthorized = null)
    {
        var text = path.Text;
        var resource = text.StartsWith("search/", StringComparison.Ordinal) ? "search" : "core";
        var request = new GitHubRequest(method, new Uri(_addresses.Api, text), token) { Body = body, Resource = resource };
        return whenUnauthorized is null ? request : request with { WhenUnauthorized = whenUnauthorized };
    }

    /// <summary>True when both are answered by the same server.</summary>
    internal static bool IsSameOrigin(Uri left, Uri right) => left.Scheme == right.Scheme && left.Port == right.Port && string.Equals(left.Host, right.Host, StringComparison.OrdinalIgnoreCase) && left.UserInfo.Length == 0;

    /// <summary>The answer's JSON.</summary>
    /// <exception cref="GitHubException">It is none.</exception>
    internal static GitHubJson Read(GitHubAnswer answer)
    {
        try
        {
            return answer.Json();
        }
        catch (JsonException exception)
        {
            throw new GitHubException(GitHubFailure.Unexpected, "GitHub's answer is not JSON that can be read. Check GitHub:ApiUrl, and any proxy between.", exception);
        }
    }

    private TimeSpan? WaitAfter(GitHubRequest request, GitHubException exception, int tried)
    {
        if (!request.IsRepeatable || tried >= MostTries || exception.Failure is not (GitHubFailure.Unavailable or GitHubFailure.RateLimited))
        {
            return null;
        }

        var wait = exception.RetryAt is { } at ? at - _time.GetUtcNow() : TimeSpan.FromMilliseconds(500 * (1 << (tried - 1)));
        return wait > LongestWait ? null : wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Request} is tried again in {Wait:0} ms: {Reason}")]
    private partial void Again(string request, string reason, double wait);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Request}: GitHub leaves out organisations whose single sign-on has not let this token in.")]
    private partial void Partial(string request);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Request}: only the first {Most} entries are read, GitHub has more.")]
    private partial void Cut(string request, int most);
}

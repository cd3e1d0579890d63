using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.Extensions.Caching.Memory;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>What is known of each token's rate limits, and how many of its requests are under way: at most eight, for GitHub asks not to be asked too much at once.</summary>
internal sealed class GitHubLimits(TimeProvider time) : IDisposable
{
    private const int MostAtOnce = 8;
    // Anything longer is a broken clock or a hostile header.
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(24);

    // https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api: at least a minute where GitHub names no time.
    private static readonly TimeSpan UsualWait = TimeSpan.FromMinutes(1);

    private readonly MemoryCache _tokens = new(new MemoryCacheOptions());

    /// <summary>Waits for a place among the token's requests; disposing the result gives it back.</summary>
    /// <exception cref="GitHubException">A limit is known to be reached: <see cref="GitHubFailure.RateLimited"/>.</exception>
    public async ValueTask<IDisposable> EnterAsync(GitHubRequest request, CancellationToken cancellationToken)
    {
        var token = Find(request.Token);
        ThrowIfReached(token, request);
        await token.Places.WaitAsync(cancellationToken);
        try
        {
            ThrowIfReached(token, request);
            return new Place(token.Places);
        }
        catch
        {
            token.Places.Release();
            throw;
        }
    }

    /// <summary>Takes in what an answer says about the limits.</summary>
    public void Note(GitHubRequest request, HttpResponseHeaders headers)
    {
        if (Number(headers, "x-ratelimit-remaining") == 0 && ResetIn(headers) is { } reset)
        {
            Find(request.Token).Reached(Text(headers, "x-ratelimit-resource") ?? request.Resource, reset);
        }
    }

    /// <summary>When a refused request may be tried again, if a limit was the reason; null when it was not.</summary>
    /// <param name="status">The answer's status.</param>
    /// <param name="message">GitHub's message.</param>
    public DateTimeOffset? RetryAt(GitHubRequest request, int status, HttpResponseHeaders headers, string? message)
    {
        if (status is not (403 or 429))
        {
            return null;
        }

        var secondary = message is not null && (message.Contains("secondary rate limit", StringComparison.OrdinalIgnoreCase) || message.Contains("abuse detection", StringComparison.OrdinalIgnoreCase));
        if (!secondary && Number(headers, "x-ratelimit-remaining") == 0)
        {
            return RetryAfterIn(headers) ?? ResetIn(headers) ?? time.GetUtcNow() + UsualWait;
        }

        if (!secondary && status == 403 && headers.RetryAfter is null)
        {
            return null;
        }

        // It is meant for everything the token asks.
        var until = RetryAfterIn(headers) ?? time.GetUtcNow() + UsualWait;
        Find(request.Token).Reached("", until);
        return until;
    }

    /// <summary>The time of a <c>Retry-After</c> header; null for none.</summary>
    public DateTimeOffset? RetryAfterIn(HttpResponseHeaders headers) => headers.RetryAfter switch
    {
        { Delta: { } delta } => time.GetUtcNow() + Bounded(delta),
        { Date: { } date } => time.GetUtcNow() + Bounded(date - (headers.Date ?? time.GetUtcNow())),
        _ => null,
    };

    /// <inheritdoc/>
    public void Dispose() => _tokens.Dispose();

    private static string? Text(HttpResponseHeaders headers, string name) => headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private static long? Number(HttpResponseHeaders headers, string name) => long.TryParse(Text(headers, name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static TimeSpan Bounded(TimeSpan wait) => wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestWait ? LongestWait : wait;

    // By GitHub's clock, which may differ from ours.
    private DateTimeOffset? ResetIn(HttpResponseHeaders headers)
    {
        var now = time.GetUtcNow();
        return Number(headers, "x-ratelimit-reset") is { } reset ? now + Bounded(TimeSpan.FromSeconds(Math.Min(reset, uint.MaxValue) - (headers.Date ?? now).ToUnixTimeSeconds())) : null;
    }

    private void ThrowIfReached(TokenLimits token, GitHubRequest request)
    {
        var now = time.GetUtcNow();
        var until = token.ReachedUntil(request.Resource);
        if (until > now)
        {
            throw new GitHubException(GitHubFailure.RateLimited, GitHubRefusals.RateLimitMessage(null, until - now)) { RetryAt = until };
        }
    }

    // Nothing of it lasts longer than GitHub's hour.
    private TokenLimits Find(GitHubToken? token)
    {
        lock (_tokens)
        {
            return _tokens.GetOrCreate(GitHubAnswerCache.NameOf(token), static entry =>
            {
                entry.SlidingExpiration = TimeSpan.FromHours(2);
                return new TokenLimits();
            })!;
        }
    }

    private sealed class TokenLimits
    {
        private readonly Dictionary<string, DateTimeOffset> _reached = new(StringComparer.Ordinal);

        public SemaphoreSlim Places { get; } = new(MostAtOnce);

        public void Reached(string resource, DateTimeOffset until)
        {
            lock (_reached)
            {
                // GitHub has some ten of them.
                if (_reached.Count < 32 || _reached.ContainsKey(resource))
                {
                    _reached[resource] = until;
                }
            }
        }

        public DateTimeOffset ReachedUntil(string resource)
        {
            lock (_reached)
            {
                var all = _reached.GetValueOrDefault("");
                var own = _reached.GetValueOrDefault(resource);
                return all > own ? all : own;
            }
        }
    }

    private sealed class Place(SemaphoreSlim places) : IDisposable
    {
        private int _given;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _given, 1) == 0)
            {
                places.Release();
            }
        }
    }
}

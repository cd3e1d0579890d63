namespace CodexWeb.Agent.Models;

/// <summary>Whether and when a failed request is repeated. One for each request of a turn.</summary>
internal sealed class Retries(AgentLimits limits)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(200);

    private int _requests;
    private int _streams;

    /// <summary>Repeats so far.</summary>
    public int Count => _requests + _streams;

    /// <summary>How long to wait before the next try; null when there is none.</summary>
    /// <param name="began">True when the answer had begun.</param>
    public TimeSpan? Next(ModelException failure, bool began)
    {
        if (!failure.Transient || failure.RetryAfter > limits.LongestRetryWait)
        {
            return null;
        }

        var (tried, most) = began ? (++_streams, limits.StreamRetries) : (++_requests, limits.RequestRetries);
        return tried > most ? null : failure.RetryAfter ?? Doubling(tried);
    }

    /// <summary>200 ms, doubled each time, up to a tenth more or less, so that many attempts do not come back at the same moment.</summary>
    private static TimeSpan Doubling(int tried) => First * Math.Pow(2, tried - 1) * (0.9 + (Random.Shared.NextDouble() * 0.2));
}

using CodexWeb.GitHosts.GitHub;

namespace CodexWeb.GitHosts.Webhooks;

/// <summary>What came of a delivery.</summary>
/// <param name="Status"><see cref="WebhookStatus.Queued"/> when it is to be tried again.</param>
/// <param name="Outcome">A sentence, or some.</param>
/// <param name="RetryAt">When to try again; null at the end.</param>
internal sealed record WebhookResult(WebhookStatus Status, string Outcome, DateTimeOffset? RetryAt = null);

/// <summary>Gives a delivery to all handlers and sums up what they say. One that fails does not keep it from the others.</summary>
internal sealed partial class WebhookHandling(IEnumerable<IWebhookHandler> handlers, TimeProvider time, ILogger<WebhookHandling> logger)
{
    /// <summary>How often a delivery is tried, at most.</summary>
    public const int MostTries = 8;

    private const int LongestOutcome = 2_000;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(15);

    // A rate limit of GitHub lasts an hour at most: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(65);

    private readonly IReadOnlyList<IWebhookHandler> _handlers = [.. handlers];

    /// <summary>Acts upon a delivery.</summary>
    /// <param name="tries">How often that was tried before.</param>
    public async Task<WebhookResult> HandleAsync(WebhookEvent webhook, int tries, CancellationToken cancellationToken)
    {
        var said = new List<string>();
        var failed = false;
        DateTimeOffset? again = null;
        foreach (var handler in _handlers)
        {
            try
            {
                if (await handler.HandleAsync(webhook, cancellationToken) is { Length: > 0 } sentence)
                {
                    said.Add(sentence);
                }
            }
            catch (GitHubException exception) when (exception.RetryAt is not null || exception.Failure is GitHubFailure.Unavailable)
            {
                said.Add(exception.Message);
                again = Later(again, exception.RetryAt, tries);
            }
            catch (GitHubException exception)
            {
                said.Add(exception.Message);
                failed = true;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is not OutOfMemoryException)
            {
                // The outermost owner of a delivery: whatever went wrong, it ends with a sentence and the next ones are heard.
                LogHandlerFailed(logger, handler.GetType().Name, webhook.DeliveryId, webhook.Event, exception);
                said.Add($"The server met an unexpected error ({exception.GetType().Name}). Its log has the details.");
                failed = true;
            }
        }

        return Sum(said, failed, again, tries);
    }

    private static WebhookResult Sum(List<string> said, bool failed, DateTimeOffset? again, int tries)
    {
        var outcome = string.Join(' ', said.Distinct(StringComparer.Ordinal));
        outcome = outcome.Length > LongestOutcome ? $"{outcome[..LongestOutcome]}…" : outcome;
        return again is { } at && tries + 1 < MostTries ? new WebhookResult(WebhookStatus.Queued, outcome, at)
            : again is not null ? new WebhookResult(WebhookStatus.Failed, $"Given up after {MostTries} tries. {outcome}")
            : failed ? new WebhookResult(WebhookStatus.Failed, outcome)
            : outcome.Length > 0 ? new WebhookResult(WebhookStatus.Done, outcome)
            : new WebhookResult(WebhookStatus.Ignored, "Nothing here is concerned.");
    }

    // 15 s, 30 s, 1 min and so on, and not before GitHub wants to be asked.
    private DateTimeOffset Later(DateTimeOffset? other, DateTimeOffset? wanted, int tries)
    {
        var now = time.GetUtcNow();
        var own = now + (FirstPause * Math.Pow(2, Math.Min(tries, MostTries)));
        var at = wanted > own ? wanted.Value : own;
        at = at > now + LongestPause ? now + LongestPause : at;
        return other > at ? other.Value : at;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Handler} failed at webhook {Delivery} ({Event})")]
    private static partial void LogHandlerFailed(ILogger logger, string handler, string delivery, string @event, Exception exception);
}

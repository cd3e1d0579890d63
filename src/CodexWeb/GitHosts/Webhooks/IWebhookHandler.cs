using System.Text.Json;

namespace CodexWeb.GitHosts.Webhooks;

/// <summary>Acts upon deliveries. Every handler sees every delivery, one after the other, in the order of arrival within a repository.</summary>
public interface IWebhookHandler
{
    /// <summary>
    /// Acts upon one delivery. It must be harmless to do again: a delivery whose handling was cut off, or where another handler asked for a later try, comes anew.
    /// </summary>
    /// <remarks>A <c>GitHubException</c> that names a moment to try again, or says that GitHub is not available, puts the delivery off; any other exception is its end.</remarks>
    /// <returns>What came of it, a sentence for people; null when the delivery is none of this handler's.</returns>
    ValueTask<string?> HandleAsync(WebhookEvent webhook, CancellationToken cancellationToken);
}

/// <summary>A delivery as handlers see it. Its signature was right; what it says is from outside all the same, and any part may be missing or of another kind.</summary>
/// <param name="DeliveryId">GitHub's id of the delivery; the same when it is sent again.</param>
/// <param name="Event">The event's name, for example <c>issue_comment</c>.</param>
/// <param name="Action">What happened, for example <c>created</c>; null for events without it.</param>
/// <param name="RepositoryId">GitHub's number of the repository; null when the event is about none.</param>
/// <param name="RepositoryName">The repository's name when the delivery was sent, <c>owner/name</c>; it may have changed since. Null as above.</param>
/// <param name="InstallationId">The installation of the GitHub App it came by; null for a webhook of one repository or organisation.</param>
/// <param name="Body">The payload: a JSON object.</param>
public sealed record WebhookEvent(string DeliveryId, string Event, string? Action, long? RepositoryId, string? RepositoryName, long? InstallationId, JsonElement Body);

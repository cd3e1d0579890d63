namespace CodexWeb.GitHosts.Webhooks;

/// <summary>Where a delivery stands.</summary>
public enum WebhookStatus
{
    /// <summary>Waits for its turn, perhaps again.</summary>
    Queued,

    /// <summary>It was acted upon.</summary>
    Done,

    /// <summary>Nothing here is concerned.</summary>
    Ignored,

    /// <summary>It could not be acted upon, and is not tried again.</summary>
    Failed,
}

/// <summary>A webhook as it came in, kept until it was acted upon and some time after. Its id makes a second delivery of the same harmless.</summary>
public sealed class WebhookDelivery
{
    private WebhookDelivery()
    {
    }

    /// <summary>GitHub's id of the delivery; the same when it is sent again.</summary>
    public string Id { get; private init; } = "";

    /// <summary>The order of arrival.</summary>
    public long Number { get; private init; }

    /// <summary>The event's name, for example <c>pull_request</c>.</summary>
    public string Event { get; private init; } = "";

    /// <summary>What happened, for example <c>opened</c>; null for events without it.</summary>
    public string? Action { get; private init; }

    /// <summary>GitHub's number of the repository; null when the event is about none.</summary>
    public long? RepositoryId { get; private init; }

    /// <summary>The repository's name when it was sent, <c>owner/name</c>; null when the event is about none.</summary>
    public string? RepositoryName { get; private init; }

    /// <summary>JSON as it was sent; emptied when the delivery is at its end.</summary>
    public string Body { get; private set; } = "";

    /// <summary>When it came.</summary>
    public DateTimeOffset ReceivedAt { get; private init; }

    /// <summary>Where it stands.</summary>
    public WebhookStatus Status { get; private set; }

    /// <summary>What came of it, or why it waits or failed: a sentence; null while nothing did.</summary>
    public string? Outcome { get; private set; }

    /// <summary>How often it was tried.</summary>
    public int Tries { get; private set; }

    /// <summary>Not to be tried before.</summary>
    public DateTimeOffset DueAt { get; private set; }

    /// <summary>A new delivery.</summary>
    /// <param name="number">Higher than that of all before it.</param>
    public static WebhookDelivery Receive(long number, WebhookEvent webhook, string body, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        return new WebhookDelivery
        {
            Id = webhook.DeliveryId,
            Number = number,
            Event = webhook.Event,
            Action = webhook.Action,
            RepositoryId = webhook.RepositoryId,
            RepositoryName = webhook.RepositoryName,
            Body = body,
            ReceivedAt = now,
            DueAt = now,
        };
    }

    /// <summary>Brings it to its end.</summary>
    public void End(WebhookStatus status, string outcome)
    {
        Status = status;
        Outcome = outcome;
        Tries++;
        Body = "";
    }

    /// <summary>Puts it off.</summary>
    public void TryAgain(DateTimeOffset at, string reason)
    {
        Outcome = reason;
        Tries++;
        DueAt = at;
    }
}

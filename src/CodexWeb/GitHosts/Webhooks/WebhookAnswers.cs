namespace CodexWeb.GitHosts.Webhooks;

/// <summary>What a sender of webhooks is told. GitHub shows the answers beside its deliveries, so they say what to do.</summary>
internal static class WebhookAnswers
{
    /// <summary>Nothing can be checked.</summary>
    public static IResult NoSecret => Problem(
        StatusCodes.Status503ServiceUnavailable, "No webhook secret", "This server has no secret to check webhooks with. Set GitHub:WebhookSecret to the webhook's secret, or connect a GitHub App in the settings page.");

    /// <summary>There is a secret, but it cannot be opened.</summary>
    public static IResult SecretLost(string why) => Problem(StatusCodes.Status503ServiceUnavailable, "No webhook secret", why);

    /// <summary>The signature is missing, of the older kind, or wrong.</summary>
    public static IResult NotSigned => Problem(
        StatusCodes.Status401Unauthorized, "Not signed", $"The header {WebhookSignature.Header} is missing or does not fit the body. Give the webhook at GitHub the same secret as this server.");

    /// <summary>Neither of the two content types.</summary>
    public static IResult WrongType => Problem(
        StatusCodes.Status415UnsupportedMediaType, "Wrong content type", "Webhooks are taken as application/json, or as application/x-www-form-urlencoded with a field named payload. Choose application/json at GitHub.");

    /// <summary>More than GitHub sends.</summary>
    public static IResult TooLarge => Problem(StatusCodes.Status413PayloadTooLarge, "Too large", "The payload is larger than 25 MiB, the most GitHub sends.");

    /// <summary>It took too long.</summary>
    public static IResult TooSlow => Problem(StatusCodes.Status408RequestTimeout, "Too slow", "The payload did not arrive within 10 seconds. Send it again.");

    /// <summary>All places are taken.</summary>
    public static IResult Busy => Problem(StatusCodes.Status503ServiceUnavailable, "Busy", "Too many deliveries come at once. Send it again in a moment.");

    /// <summary>The headers that name the delivery are missing or cannot be taken.</summary>
    public static IResult NoHeaders => Problem(StatusCodes.Status400BadRequest, "Malformed delivery", "The headers X-GitHub-Delivery and X-GitHub-Event must be there, each once, with 1 to 100 plain characters.");

    /// <summary>No JSON object.</summary>
    public static IResult NotAnObject => Problem(StatusCodes.Status400BadRequest, "Malformed payload", "The payload is not a JSON object in UTF-8.");

    /// <summary>It waits for its turn.</summary>
    public static IResult Queued(string id) => Results.Json(new Receipt(id, "queued"), statusCode: StatusCodes.Status202Accepted);

    /// <summary>It was received before.</summary>
    public static IResult Known(string id) => Results.Json(new Receipt(id, "already received"));

    /// <summary>The way between is open.</summary>
    public static IResult Pong(string id) => Results.Json(new Receipt(id, "pong"));

    private static IResult Problem(int status, string title, string detail) => Results.Problem(detail, title: title, statusCode: status);

    /// <summary>The answer to a delivery that was taken.</summary>
    /// <param name="Status"><c>queued</c>, <c>already received</c> or <c>pong</c>.</param>
    internal sealed record Receipt(string Delivery, string Status);
}

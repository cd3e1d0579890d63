using System.Net;
using CodexWeb.GitHosts.GitHub;
using Microsoft.Net.Http.Headers;

namespace CodexWeb.GitHosts.Webhooks;

/// <summary>Takes deliveries in: checks what came, stores it and answers. What it means is for the queue.</summary>
internal sealed partial class WebhookReceiver(GitHubAppAccess app, WebhookBodies bodies, WebhookInbox inbox, ILogger<WebhookReceiver> logger)
{
    private const string Ping = "ping";
    private const int LongestName = 100;

    private int _saidNoSecret;

    /// <summary>Answers a request. Nothing but its signature makes it believed; without one the body is not even read.</summary>
    public async Task<IResult> ReceiveAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> secrets;
        try
        {
            secrets = await app.WebhookSecretsAsync(cancellationToken);
        }
        catch (GitHubException exception)
        {
            return WebhookAnswers.SecretLost(exception.Message);
        }

        if (secrets.Count == 0)
        {
            return WithoutSecret();
        }

        if (WebhookSignature.Read(request.Headers) is not { } signature)
        {
            return NotSigned(request);
        }

        if (FormOf(request) is not { } form)
        {
            return WebhookAnswers.WrongType;
        }

        using var body = await bodies.ReadAsync(request, cancellationToken);
        return body.Problem is { } problem ? problem
            : !signature.IsOf(body.Content.Span, secrets) ? NotSigned(request)
            : Name(request, "X-GitHub-Delivery") is not { } id || Name(request, "X-GitHub-Event") is not { } @event ? WebhookAnswers.NoHeaders
            : WebhookPayload.TextOf(body.Content.Span, form) is not { } json || !WebhookPayload.TryRead(id, @event, json, out var webhook) ? WebhookAnswers.NotAnObject
            : await StoreAsync(webhook, json, cancellationToken);
    }

    private async Task<IResult> StoreAsync(WebhookEvent webhook, string json, CancellationToken cancellationToken)
    {
        var ping = webhook.Event == Ping;
        var stored = await inbox.StoreAsync(webhook, json, ping ? "GitHub reaches this server." : null, cancellationToken);
        return ping ? WebhookAnswers.Pong(webhook.DeliveryId) : stored ? WebhookAnswers.Queued(webhook.DeliveryId) : WebhookAnswers.Known(webhook.DeliveryId);
    }

    private IResult WithoutSecret()
    {
        if (Interlocked.Exchange(ref _saidNoSecret, 1) == 0)
        {
            LogNoSecret(logger);
        }

        return WebhookAnswers.NoSecret;
    }

    private IResult NotSigned(HttpRequest request)
    {
        LogNotSigned(logger, Name(request, "X-GitHub-Delivery") ?? "without an id", request.HttpContext.Connection.RemoteIpAddress);
        return WebhookAnswers.NotSigned;
    }

    // True for a form, false for JSON, null for anything else.
    private static bool? FormOf(HttpRequest request) =>
        !MediaTypeHeaderValue.TryParse(request.ContentType, out var type) ? null
        : type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) ? false
        : type.MediaType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) ? true
        : null;

    private static string? Name(HttpRequest request, string header) =>
        request.Headers[header] is [{ Length: > 0 and <= LongestName } name] && !name.AsSpan().ContainsAnyExceptInRange('!', '~') ? name : null;

    [LoggerMessage(Level = LogLevel.Warning, Message = "A webhook came, but there is no secret to check it with: set GitHub:WebhookSecret, or connect a GitHub App. Further ones are refused without a word")]
    private static partial void LogNoSecret(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused webhook {Delivery} from {Address}: its signature is missing or wrong")]
    private static partial void LogNotSigned(ILogger logger, string delivery, IPAddress? address);
}

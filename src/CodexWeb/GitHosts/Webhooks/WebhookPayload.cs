using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using CodexWeb.GitHosts.GitHub;
using Microsoft.AspNetCore.WebUtilities;

namespace CodexWeb.GitHosts.Webhooks;

/// <summary>Reads payloads. They are signed, and still what anybody wrote into an issue.</summary>
internal static class WebhookPayload
{
    private const int LongestAction = 100;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The JSON text of a body; null when there is none.</summary>
    /// <param name="form">True for a form whose field <c>payload</c> holds it.</param>
    public static string? TextOf(ReadOnlySpan<byte> body, bool form)
    {
        try
        {
            var text = Strict.GetString(body);
            return form ? Field(text) : text;
        }
        catch (Exception exception) when (exception is DecoderFallbackException or InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>Reads a payload; false when it is no JSON object.</summary>
    public static bool TryRead(string deliveryId, string @event, string json, [NotNullWhen(true)] out WebhookEvent? webhook)
    {
        webhook = null;
        try
        {
            var body = JsonElement.Parse(json);
            webhook = body.ValueKind is JsonValueKind.Object ? Read(deliveryId, @event, body) : null;
        }
        catch (JsonException)
        {
            // Null says it.
        }

        return webhook is not null;
    }

    private static WebhookEvent Read(string deliveryId, string @event, JsonElement body)
    {
        var payload = new GitHubJson(body);
        var action = payload["action"].Text;
        return new WebhookEvent(
            deliveryId,
            @event,
            action is { Length: > LongestAction } ? action[..LongestAction] : action,
            payload["repository"]["id"].Number,
            GitHubRepositoryName.TryParse(payload["repository"]["full_name"].Text, out var name) ? name.ToString() : null,
            payload["installation"]["id"].Number,
            body);
    }

    private static string? Field(string form)
    {
        using var reader = new FormReader(form) { ValueLengthLimit = WebhookBodies.LargestBody, KeyLengthLimit = 100, ValueCountLimit = 10 };
        return reader.ReadForm().TryGetValue("payload", out var payload) && payload is [{ } text] ? text : null;
    }
}

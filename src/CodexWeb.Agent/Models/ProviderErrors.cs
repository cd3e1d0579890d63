using System.ClientModel;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CodexWeb.Agent.Models;

/// <summary>What a provider's errors mean: by HTTP status, by the error's code, by its text.</summary>
internal static partial class ProviderErrors
{
    private const int LongestMessage = 2000;

    /// <summary>True for what the SDK throws when the provider or the way to it fails; a hostile answer can make it throw most of these.</summary>
    public static bool Knows(Exception exception) => exception
        is ClientResultException or HttpRequestException or IOException or JsonException or InvalidOperationException or FormatException
        or ArgumentException or NullReferenceException or KeyNotFoundException or NotSupportedException or OperationCanceledException or TimeoutException or AggregateException;

    /// <summary>The failure behind an exception of the SDK.</summary>
    public static ModelException Of(Exception exception, TimeProvider time) => exception switch
    {
        ModelException known => known,
        ClientResultException { Status: > 0 } answered => Of(answered, time),
        JsonException or InvalidOperationException or FormatException or ArgumentException or NullReferenceException or KeyNotFoundException or NotSupportedException =>
            new ModelException(ModelFailure.Unavailable, "The model service sent something that is not the Responses API: " + Cut(exception.Message), inner: exception),
        _ => new ModelException(ModelFailure.Unavailable, "The model service cannot be reached: " + Cut(exception.GetBaseException().Message), inner: exception),
    };

    /// <summary>The failure of an error inside a stream.</summary>
    public static ModelException Of(string? code, string? message)
    {
        var text = string.IsNullOrWhiteSpace(message) ? $"The model service reported an error ({code ?? "without a code"})." : Cut(message);
        var failure = ByCode(code) ?? ModelFailure.Unavailable;
        return new ModelException(failure, text, WaitIn(text));
    }

    private static ModelException Of(ClientResultException exception, TimeProvider time)
    {
        var response = exception.GetRawResponse();
        var (code, message) = ReadBody(response?.Content);
        var text = message is not null ? string.Create(CultureInfo.InvariantCulture, $"HTTP {exception.Status}: {Cut(message)}")
            : string.Create(CultureInfo.InvariantCulture, $"HTTP {exception.Status} ({Cut(response?.ReasonPhrase ?? "")}), without an explanation.");
        var failure = ByCode(code) ?? exception.Status switch
        {
            401 or 403 => ModelFailure.Denied,
            429 => ModelFailure.RateLimited,
            408 or 409 or >= 500 => ModelFailure.Unavailable,
            // An answer with a good status that the SDK could not take.
            < 400 => ModelFailure.Unavailable,
            _ => ModelFailure.Refused,
        };
        var wait = RetryAfter(response?.Headers.TryGetValue("retry-after-ms", out var ms) == true ? ms : null, TimeSpan.FromMilliseconds(1), time)
            ?? RetryAfter(response?.Headers.TryGetValue("Retry-After", out var s) == true ? s : null, TimeSpan.FromSeconds(1), time)
            ?? WaitIn(text);
        return new ModelException(failure, text, wait, exception);
    }

    private static ModelFailure? ByCode(string? code) => code switch
    {
        "insufficient_quota" or "billing_hard_limit_reached" or "usage_not_included" => ModelFailure.QuotaExceeded,
        "context_length_exceeded" => ModelFailure.ContextTooLong,
        "rate_limit_exceeded" or "rate_limit_error" => ModelFailure.RateLimited,
        "server_error" or "server_is_overloaded" or "slow_down" or "overloaded_error" or "vector_store_timeout" => ModelFailure.Unavailable,
        "invalid_api_key" or "invalid_authentication" => ModelFailure.Denied,
        "invalid_prompt" or "invalid_request_error" or "content_policy_violation" or "cyber_policy_violation" or "model_not_found" => ModelFailure.Refused,
        _ => null,
    };

    /// <summary>Reads <c>{"error":{"code","type","message"}}</c>, the form of all OpenAI-compatible servers; some send the error as a bare text.</summary>
    private static (string? Code, string? Message) ReadBody(BinaryData? body)
    {
        try
        {
            using var json = JsonDocument.Parse(body?.ToMemory() ?? ReadOnlyMemory<byte>.Empty);
            if (json.RootElement.ValueKind is not JsonValueKind.Object || !json.RootElement.TryGetProperty("error", out var error))
            {
                return (null, null);
            }

            if (error.ValueKind is JsonValueKind.String)
            {
                return (null, error.GetString());
            }

            var (code, type, message) = (Text(error, "code"), Text(error, "type"), Text(error, "message"));
            return (ByCode(code) is not null ? code : type, message);
        }
        catch (JsonException)
        {
            return (null, null);
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind is JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static TimeSpan? RetryAfter(string? header, TimeSpan unit, TimeProvider time)
    {
        if (double.TryParse(header, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return Bounded(number * unit.TotalSeconds);
        }

        return DateTimeOffset.TryParse(header, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            ? Bounded((date - time.GetUtcNow()).TotalSeconds)
            : null;
    }

    /// <summary>Reads "try again in 11 s", "11.5s", "340ms", "1m30s" out of a message.</summary>
    private static TimeSpan? WaitIn(string message)
    {
        var match = TryAgainIn().Match(message);
        if (!match.Success)
        {
            return null;
        }

        var seconds = Number("minutes") * 60 + Number("seconds") + Number("milliseconds") / 1000;
        return seconds > 0 ? Bounded(seconds) : null;

        double Number(string group) => match.Groups[group].Success ? double.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture) : 0;
    }

    private static TimeSpan Bounded(double seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 86_400));

    /// <summary>One line of a length that people read.</summary>
    private static string Cut(string message)
    {
        var line = string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= LongestMessage ? line : line[..LongestMessage] + "…";
    }

    [GeneratedRegex(
        @"(?:try|retry)\s+again\s+in\s+(?:(?<minutes>\d{1,4})\s*m(?:in(?:ute)?s?)?(?![a-z]))?\s*(?:(?<seconds>\d{1,6}(?:\.\d{1,6})?)\s*s(?:ec(?:ond)?s?)?(?![a-z]))?\s*(?:(?<milliseconds>\d{1,9}(?:\.\d{1,6})?)\s*ms)?",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TryAgainIn();
}

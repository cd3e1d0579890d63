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
    /// <param name="api">What it should speak, for people.</param>
    public static ModelException Of(Exception exception, string api, TimeProvider time) => exception switch
    {
        ModelException known => known,
        ClientResultException { Status: > 0 } answered => Of(answered, time),
        JsonException or InvalidOperationException or FormatException or ArgumentException or NullReferenceException or KeyNotFoundException or NotSupportedException =>
            new ModelException(ModelFailure.Unavailable, $"The model service sent something that is not the {api}: {Cut(exception.Message)}", inner: exception),
        _ => new ModelException(ModelFailure.Unavailable, "The model service cannot be reached: " + Cut(exception.GetBaseException().Message), inner: exception),
    };

    /// <summary>The failure of an error inside a stream.</summary>
    public static ModelException Of(string? code, string? message) => Of(new ProviderErrorBody(code, null, message));

    /// <summary>The failure that a message of a stream is; null when it is none.</summary>
    public static ModelException? In(JsonElement message) => ProviderErrorBody.In(message) is { } error ? Of(error) : null;

    private static ModelException Of(ProviderErrorBody error)
    {
        var text = string.IsNullOrWhiteSpace(error.Message) ? $"The model service reported an error ({error.Code ?? "without a code"})." : Cut(error.Message);
        var status = error.Status ?? (error.Code is "invalid_request_error" ? 400 : 500);
        return new ModelException(ByCode(error.Code) ?? ByStatus(status, text), text, WaitIn(text));
    }

    private static ModelException Of(ClientResultException exception, TimeProvider time)
    {
        var response = exception.GetRawResponse();
        var error = ProviderErrorBody.Parse(response?.Content);
        if (exception.Status is >= 300 and < 400)
        {
            var target = response?.Headers.TryGetValue("Location", out var location) == true ? Cut(location ?? "") : "another address";
            return new ModelException(ModelFailure.Refused, $"The provider's address leads on to {target}, which is not followed. Enter the address itself, if it is the right one.", inner: exception);
        }

        var text = error.Message is { } message ? string.Create(CultureInfo.InvariantCulture, $"HTTP {exception.Status}: {Cut(message)}")
            : string.Create(CultureInfo.InvariantCulture, $"HTTP {exception.Status} ({Cut(response?.ReasonPhrase ?? "")}), without an explanation.");
        var failure = ByCode(error.Code) ?? ByStatus(exception.Status, text);
        var wait = RetryAfter(response?.Headers.TryGetValue("retry-after-ms", out var ms) == true ? ms : null, TimeSpan.FromMilliseconds(1), time)
            ?? RetryAfter(response?.Headers.TryGetValue("Retry-After", out var s) == true ? s : null, TimeSpan.FromSeconds(1), time)
            ?? WaitIn(text);
        return new ModelException(failure, text, wait, exception);
    }

    /// <summary>The failure that an error's code or type names; null when it is none of the known ones.</summary>
    public static ModelFailure? ByCode(string? code) => code switch
    {
        "insufficient_quota" or "billing_hard_limit_reached" or "usage_not_included" or "exceeded_current_quota_error" => ModelFailure.QuotaExceeded,
        "context_length_exceeded" or "exceed_context_size_error" => ModelFailure.ContextTooLong,
        "rate_limit_exceeded" or "rate_limit_error" => ModelFailure.RateLimited,
        "server_error" or "server_is_overloaded" or "slow_down" or "overloaded_error" or "vector_store_timeout" => ModelFailure.Unavailable,
        "invalid_api_key" or "invalid_authentication" => ModelFailure.Denied,
        "invalid_prompt" or "content_policy_violation" or "cyber_policy_violation" or "model_not_found" => ModelFailure.Refused,
        _ => null,
    };

    private static ModelFailure ByStatus(int status, string text) => status switch
    {
        400 or 413 or 422 or 500 when TooLong().IsMatch(text) => ModelFailure.ContextTooLong,
        401 or 403 => ModelFailure.Denied,
        402 => ModelFailure.QuotaExceeded,
        429 => ModelFailure.RateLimited,
        408 or 409 or >= 500 => ModelFailure.Unavailable,
        // An answer with a good status that the SDK could not take.
        < 300 => ModelFailure.Unavailable,
        _ => ModelFailure.Refused,
    };

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

    // Servers besides OpenAI's own have no code for it; each says it in its own words.
    [GeneratedRegex(
        @"maximum context length|context (?:length|window|size)[^.]{0,60}exceed|exceed[^.]{0,60}(?:context (?:length|window|size)|token limit|maximum number of tokens)|prompt is too long|too many (?:input )?tokens",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TooLong();
}

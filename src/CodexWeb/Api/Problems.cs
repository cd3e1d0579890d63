using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Attempts;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Api;

/// <summary>What went wrong, as RFC 9457 wants it: <c>application/problem+json</c> with <c>title</c>, <c>detail</c>, <c>status</c>, and <c>errors</c> by field.</summary>
internal static partial class Problems
{
    /// <summary>Some fields cannot be taken.</summary>
    public static IResult Invalid(IReadOnlyDictionary<string, string> errors) => Results.ValidationProblem(
        errors.Select(error => KeyValuePair.Create(error.Key, new[] { error.Value })),
        title: "The input cannot be taken",
        detail: string.Join(' ', errors.Values),
        statusCode: StatusCodes.Status400BadRequest);

    /// <summary>One field cannot be taken.</summary>
    public static IResult Invalid(string field, string error) => Invalid(new Dictionary<string, string>(StringComparer.Ordinal) { [field] = error });

    /// <summary>There is no such thing.</summary>
    public static IResult NotFound(string detail) => Results.Problem(detail, title: "Not found", statusCode: StatusCodes.Status404NotFound);

    /// <summary>It cannot be done now.</summary>
    public static IResult Refused(string detail) => Results.Problem(detail, title: "Not possible now", statusCode: StatusCodes.Status409Conflict);

    /// <summary>The answer of a command: what the caller makes of its value, else the problem.</summary>
    public static IResult Answer<T>(this CommandResult<T> result, Func<T, IResult> done) => result switch
    {
        CommandResult<T>.Done(var value) => done(value),
        CommandResult<T>.Invalid(var errors) => Invalid(errors),
        CommandResult<T>.NotFound(var what) => NotFound(what),
        CommandResult<T>.Refused(var reason) => Refused(reason),
        _ => throw new UnreachableException(),
    };

    /// <inheritdoc cref="Answer{T}(CommandResult{T}, Func{T, IResult})"/>
    public static async Task<IResult> AnswerAsync<T>(this CommandResult<T> result, Func<T, Task<IResult>> done) =>
        result is CommandResult<T>.Done(var value) ? await done(value) : result.Answer(_ => Results.Empty);

    /// <summary>Answers for an exception that reached the edge. Nothing of its insides is shown but what the request itself did wrong.</summary>
    public static Task WriteExceptionAsync(HttpContext http)
    {
        var exception = http.Features.Get<IExceptionHandlerFeature>()?.Error;
        var problem = exception switch
        {
            BadHttpRequestException bad => Of(bad, http.Features.Get<IExceptionHandlerFeature>()?.Endpoint),
            _ when MeansFullDisk(exception) => Results.Problem(
                "The disk of the data folder is full, so this was not stored. Make room there: delete tasks, or move Data:Directory to a larger disk. Then try again.",
                title: "No space left", statusCode: StatusCodes.Status507InsufficientStorage),
            AttemptLogException or DbException or DbUpdateException => Results.Problem(
                "The database could not be used, so this was not stored. Look at the data folder: is its disk healthy, does another program hold codexweb.db? Then try again.",
                title: "Database not available", statusCode: StatusCodes.Status503ServiceUnavailable),
            _ => Results.Problem("The server failed at this request. Its log says more.", title: "Server error", statusCode: StatusCodes.Status500InternalServerError),
        };
        return problem.ExecuteAsync(http);
    }

    // SQLite, Git and the runtime each have words of their own for it.
    private static bool MeansFullDisk(Exception? exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause.Message.Contains("disk is full", StringComparison.OrdinalIgnoreCase) || cause.Message.Contains("No space left on device", StringComparison.OrdinalIgnoreCase)
                || cause is GitException git && git.Error.Contains("No space left on device", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Gives a body to an answer that has only a status.</summary>
    public static Task WriteStatusAsync(StatusCodeContext context)
    {
        var http = context.HttpContext;
        var status = http.Response.StatusCode;
        var detail = status switch
        {
            StatusCodes.Status404NotFound => "There is nothing at this address. /openapi/v1.json describes what there is.",
            StatusCodes.Status405MethodNotAllowed => $"{http.Request.Method} is not offered at this address. It takes: {http.Response.Headers.Allow}.",
            StatusCodes.Status413PayloadTooLarge => TooLarge(http.GetEndpoint()),
            StatusCodes.Status415UnsupportedMediaType => NotJson,
            _ => null,
        };
        var title = status switch
        {
            StatusCodes.Status413PayloadTooLarge => TooLargeTitle,
            StatusCodes.Status415UnsupportedMediaType => NotJsonTitle,
            _ => ReasonPhrases.GetReasonPhrase(status),
        };
        return Results.Problem(detail, title: title, statusCode: status).ExecuteAsync(http);
    }

    private static string TooLarge(Endpoint? endpoint) => string.Create(
        CultureInfo.InvariantCulture,
        $"The body is larger than {(endpoint?.Metadata.GetMetadata<IRequestSizeLimitMetadata>()?.MaxRequestBodySize ?? ApiEndpoints.MaxBodyBytes) >> 20} MiB, the most that is taken. Put long material into a file of the repository and name the file.");

    private const string TooLargeTitle = "Too large";

    private const string NotJsonTitle = "Not JSON";

    private const string NotJson = "The body has to be JSON: send it with Content-Type: application/json.";

    private static IResult Of(BadHttpRequestException exception, Endpoint? endpoint)
    {
        if (exception.InnerException is JsonException json)
        {
            return OfJson(json);
        }

        if (exception.StatusCode is StatusCodes.Status413PayloadTooLarge)
        {
            return Results.Problem(TooLarge(endpoint), title: TooLargeTitle, statusCode: exception.StatusCode);
        }

        if (exception.StatusCode is StatusCodes.Status415UnsupportedMediaType)
        {
            return Results.Problem(NotJson, title: NotJsonTitle, statusCode: exception.StatusCode);
        }

        // ASP.NET Core says: Failed to bind parameter "Nullable<int> limit" from "many". Or: Required parameter "string commit" was not provided from query string.
        return Parameter().Match(exception.Message) is { Success: true } match
            ? Invalid(match.Groups["name"].Value, match.Groups["value"].Success ? $"'{match.Groups["value"].Value}' is not a value that {match.Groups["name"].Value} can have." : $"{match.Groups["name"].Value} has to be given.")
            : Results.Problem("The request has no body, or one that cannot be read. /openapi/v1.json describes what is expected.", title: "Malformed request", statusCode: exception.StatusCode);
    }

    private static IResult OfJson(JsonException exception)
    {
        var field = exception.Path?.TrimStart('$').TrimStart('.') ?? "";
        // A syntax error comes from the reader, below the exception that names the path.
        if (field.Length == 0 || exception.InnerException is JsonException || exception.GetType() != typeof(JsonException))
        {
            var place = exception.LineNumber is { } line ? string.Create(CultureInfo.InvariantCulture, $" (line {line + 1}, byte {exception.BytePositionInLine + 1})") : "";
            return Results.Problem($"The body is not the JSON that is expected here{place}. /openapi/v1.json describes it.", title: "Malformed JSON", statusCode: StatusCodes.Status400BadRequest);
        }

        return Invalid(field, $"There is no field '{field}' here, or its value is of the wrong kind. /openapi/v1.json describes the fields.");
    }

    [GeneratedRegex("^(Failed to bind|Required) parameter \"[^\"]*?(?<name>\\w+)\" (from \"(?<value>.*)\"|was not provided from (query|route))", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex Parameter();
}

using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace CodexWeb.EmulatedGitHub;

/// <summary>Something that goes wrong with a request to the API.</summary>
public abstract record Fault
{
    /// <summary>Only requests whose path contains this. Null: whichever comes next.</summary>
    public string? Path { get; init; }

    /// <summary>The hour's limit is used up: 403 with <c>x-ratelimit-remaining: 0</c>.</summary>
    public sealed record RateLimit(DateTimeOffset ResetsAt) : Fault;

    /// <summary>Too much at once: 403 (or 429) with Retry-After.</summary>
    /// <param name="RetryAfter">Null: without the header.</param>
    public sealed record SecondaryLimit(TimeSpan? RetryAfter, int Status = 403) : Fault;

    /// <summary>A status with GitHub's form of error.</summary>
    public sealed record Refused(int Code, string Message) : Fault;

    /// <summary>A status with a page for people in place of JSON.</summary>
    public sealed record Html(int Code) : Fault;

    /// <summary>200 and JSON that is not whole.</summary>
    public sealed record BrokenJson : Fault;

    /// <summary>The connection is cut before the answer, or in the middle of it.</summary>
    public sealed record Cut(bool AfterHeaders) : Fault;

    /// <summary>The answer waits until a test lets it go, or the server ends.</summary>
    public sealed record Hold : Fault
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Completes when a request waits.</summary>
        public Task Reached => _reached.Task;

        /// <summary>Lets it go on.</summary>
        public void Release() => _released.TrySetResult();

        internal Task WaitAsync(Task end)
        {
            _reached.TrySetResult();
            return Task.WhenAny(_released.Task, end);
        }
    }

    /// <summary>A redirect to somewhere, for instance to another host.</summary>
    public sealed record Redirect(Uri Address, int Code = 302) : Fault;
}

/// <summary>What goes wrong next, and the limits of use that show in the headers.</summary>
public sealed class Faults
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Fault> _next = new();
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, int> _used = new(StringComparer.Ordinal);

    /// <summary>How many requests an hour allows, as the headers say.</summary>
    public int HourlyLimit { get; set; } = 5000;

    internal void Add(Fault fault, int times)
    {
        lock (_gate)
        {
            for (var i = 0; i < times; i++)
            {
                _next.AddLast(fault);
            }
        }
    }

    internal void Release() => _end.TrySetResult();

    internal int Use(string who) => _used.AddOrUpdate(who, 1, static (_, used) => used + 1);

    internal int Used(string who) => _used.GetValueOrDefault(who);

    /// <summary>Lets the request go wrong, when that is due.</summary>
    /// <returns>True when there is nothing more to answer.</returns>
    internal async Task<bool> StrikeAsync(HttpContext context)
    {
        var response = context.Response;
        switch (Take(context.Request.Path))
        {
            case null:
                return false;
            case Fault.Hold hold:
                await hold.WaitAsync(_end.Task);
                return false;
            case Fault.RateLimit limit:
                response.Headers["x-ratelimit-remaining"] = "0";
                response.Headers["x-ratelimit-used"] = HourlyLimit.ToString(CultureInfo.InvariantCulture);
                response.Headers["x-ratelimit-reset"] = limit.ResetsAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
                await GitHubRoutes.WriteAsync(context, new Refusal(403, "API rate limit exceeded for user ID 1. If you reach out to GitHub Support for help, please include the request ID 1.").ToJson(), 403);
                return true;
            case Fault.SecondaryLimit limit:
                if (limit.RetryAfter is { } wait)
                {
                    response.Headers.RetryAfter = ((int)wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
                }

                await GitHubRoutes.WriteAsync(context, new Refusal(limit.Status, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.").ToJson(), limit.Status);
                return true;
            case Fault.Refused status:
                await GitHubRoutes.WriteAsync(context, new Refusal(status.Code, status.Message).ToJson(), status.Code);
                return true;
            case Fault.Html html:
                response.StatusCode = html.Code;
                response.ContentType = "text/html; charset=utf-8";
                await response.WriteAsync("<!DOCTYPE html><html><head><title>Unicorn! · GitHub</title></head><body><h1>This page is taking too long to load.</h1></body></html>");
                return true;
            case Fault.BrokenJson:
                response.ContentType = "application/json; charset=utf-8";
                await response.WriteAsync("{\"id\": 1, \"login\": \"o");
                return true;
            case Fault.Cut cut:
                if (cut.AfterHeaders)
                {
                    response.ContentType = "application/json; charset=utf-8";
                    response.ContentLength = 1000;
                    await response.WriteAsync("{\"id\":");
                    await response.Body.FlushAsync();
                }

                context.Abort();
                return true;
            case Fault.Redirect redirect:
                response.StatusCode = redirect.Code;
                response.Headers.Location = redirect.Address.ToString();
                return true;
            default:
                throw new InvalidOperationException("There is no such fault.");
        }
    }

    private Fault? Take(PathString path)
    {
        lock (_gate)
        {
            for (var node = _next.First; node is not null; node = node.Next)
            {
                if (node.Value.Path is not { } part || path.Value!.Contains(part, StringComparison.Ordinal))
                {
                    _next.Remove(node);
                    return node.Value;
                }
            }

            return null;
        }
    }
}

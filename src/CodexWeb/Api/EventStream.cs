using System.Globalization;
using System.Text;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Tasks;
using Microsoft.AspNetCore.Http.Features;

namespace CodexWeb.Api;

/// <summary>
/// An attempt's log as server-sent events (the WHATWG HTML standard's <c>text/event-stream</c>): history, then the live tail. Ends when the reader goes, the server stops,
/// or the attempt is deleted. A slow reader slows only itself: nothing is read from the log before the last batch is on its way.
/// </summary>
internal sealed class EventStream(AttemptLog log, TaskQueries tasks, IHostApplicationLifetime lifetime, TimeProvider time)
{
    /// <summary>After so long without an event a comment is sent, so that nobody in between takes the connection for dead.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>Writes events until the stream ends.</summary>
    /// <param name="after">The number of the last event the reader has; 0 for none.</param>
    public async Task WriteAsync(HttpContext http, AttemptId attempt, long after)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            // Sent at once: the reader sees that it is connected before there is an event.
            await SendAsync(http, "retry: 1000\n\n", ended.Token);
            await FollowAsync(http, attempt, after, ended);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The usual end.
        }
    }

    private async Task FollowAsync(HttpContext http, AttemptId attempt, long after, CancellationTokenSource ended)
    {
        var cancellationToken = ended.Token;
        await using var batches = log.FollowAsync(attempt, after, cancellationToken).GetAsyncEnumerator(cancellationToken);
        Task<bool>? next = null;
        try
        {
            while (true)
            {
                next ??= batches.MoveNextAsync().AsTask();
                if (!await InTimeAsync(next, cancellationToken))
                {
                    if (await tasks.TaskOfAsync(attempt, cancellationToken) is null)
                    {
                        return;
                    }

                    await SendAsync(http, ": still here\n\n", cancellationToken);
                    continue;
                }

                next = null;
                await SendAsync(http, Write(batches.Current), cancellationToken);
            }
        }
        finally
        {
            // The enumerator may only be disposed when its last step has ended.
            await ended.CancelAsync();
            await EndAsync(next);
        }
    }

    private async Task<bool> InTimeAsync(Task<bool> next, CancellationToken cancellationToken)
    {
        try
        {
            return await next.WaitAsync(Heartbeat, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static async Task EndAsync(Task<bool>? next)
    {
        if (next is not null)
        {
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static string Write(IReadOnlyList<LoggedEvent> batch)
    {
        var text = new StringBuilder();
        foreach (var logged in batch)
        {
            text.Append(CultureInfo.InvariantCulture, $"id: {logged.Seq}\ndata: {logged.ToWire()}\n\n");
        }

        return text.ToString();
    }

    private static async Task SendAsync(HttpContext http, string text, CancellationToken cancellationToken)
    {
        await http.Response.WriteAsync(text, cancellationToken);
        await http.Response.Body.FlushAsync(cancellationToken);
    }
}

using System.Collections.Concurrent;
using System.Data.Common;
using CodexWeb.Data;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.GitHosts.Webhooks;

/// <summary>
/// Acts upon the stored deliveries: those of a repository one after the other in the order they came, several repositories side by side. What was queued when the server died is
/// taken up at the next start. A delivery that is put off holds back the later ones of its repository: they would meet the same closed door.
/// </summary>
internal sealed partial class WebhookQueue(IDbContextFactory<CodexDb> databases, WriteGate gate, WebhookHandling handling, WebhookSignal signal, TimeProvider time, ILogger<WebhookQueue> logger)
    : BackgroundService
{
    private const int MostAtOnce = 4;

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(10);

    // The repositories that are worked on; 0 for deliveries about none.
    private readonly ConcurrentDictionary<long, bool> _working = new();
    private readonly List<Task> _work = [];

    /// <summary>Goes on until the server stops.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await signal.WaitAsync(await StartDueAsync(stoppingToken), stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is under way is left: the next start takes it up.
        }
        finally
        {
            await Task.WhenAll(_work);
        }
    }

    // Gives the moment to look again; null when only a signal can bring work.
    private async Task<DateTimeOffset?> StartDueAsync(CancellationToken cancellationToken)
    {
        try
        {
            var now = time.GetUtcNow();
            var heads = (await HeadsAsync(cancellationToken)).Where(head => !_working.ContainsKey(head.Repository)).ToList();
            foreach (var head in heads.Where(head => head.DueAt <= now).Take(Math.Max(0, MostAtOnce - _working.Count)))
            {
                _working[head.Repository] = true;
                _work.RemoveAll(static work => work.IsCompleted);
                _work.Add(WorkAsync(head, cancellationToken));
            }

            return heads.Where(head => head.DueAt > now).Select(head => (DateTimeOffset?)head.DueAt).Min();
        }
        catch (Exception exception) when (exception is DbException or DbUpdateException)
        {
            LogNotRead(logger, exception);
            return time.GetUtcNow() + PauseAfterFailure;
        }
    }

    // The first that waits of each repository, in order of arrival.
    private async Task<List<Head>> HeadsAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var waiting = db.WebhookDeliveries.AsNoTracking().Where(d => d.Status == WebhookStatus.Queued);
        var first = waiting.GroupBy(d => d.RepositoryId).Select(group => group.Min(d => d.Number));
        return await waiting.Where(d => first.Contains(d.Number)).OrderBy(d => d.Number).Select(d => new Head(d.Id, d.RepositoryId ?? 0, d.DueAt)).ToListAsync(cancellationToken);
    }

    private async Task WorkAsync(Head head, CancellationToken cancellationToken)
    {
        // The others start meanwhile.
        await Task.Yield();
        try
        {
            await HandleAsync(head.Id, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Left as it is.
        }
        catch (Exception exception) when (exception is DbException or DbUpdateException)
        {
            LogNotStored(logger, head.Id, exception);
            await Task.Delay(PauseAfterFailure, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            _working.TryRemove(head.Repository, out _);
            signal.Wake();
        }
    }

    private async Task HandleAsync(string id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var delivery = await db.WebhookDeliveries.SingleAsync(d => d.Id == id, cancellationToken);
        if (delivery.Status is not WebhookStatus.Queued || delivery.DueAt > time.GetUtcNow())
        {
            // It ended while the list was read that it still stands in.
            return;
        }

        var result = WebhookPayload.TryRead(delivery.Id, delivery.Event, delivery.Body, out var webhook)
            ? await handling.HandleAsync(webhook, delivery.Tries, cancellationToken)
            : new WebhookResult(WebhookStatus.Failed, "The stored payload cannot be read.");
        if (result.RetryAt is { } at)
        {
            delivery.TryAgain(at, result.Outcome);
        }
        else
        {
            delivery.End(result.Status, result.Outcome);
        }

        // It was acted upon: that must be stored even when the server is told to stop now.
        await db.SaveInTurnAsync(gate, CancellationToken.None);
        LogHandled(logger, delivery.Id, delivery.Event, delivery.Action ?? "no action", delivery.Status, delivery.Tries);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Webhook {Delivery} ({Event}, {Action}): {Status} at try {Tries}")]
    private static partial void LogHandled(ILogger logger, string delivery, string @event, string action, WebhookStatus status, int tries);

    [LoggerMessage(Level = LogLevel.Error, Message = "The webhooks that wait could not be read; tried again in a moment")]
    private static partial void LogNotRead(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "What came of webhook {Delivery} could not be stored; it is handled again in a moment")]
    private static partial void LogNotStored(ILogger logger, string delivery, Exception exception);

    private sealed record Head(string Id, long Repository, DateTimeOffset DueAt);
}

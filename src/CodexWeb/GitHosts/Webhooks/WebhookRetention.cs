using System.Data.Common;
using CodexWeb.Data;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.GitHosts.Webhooks;

/// <summary>Deletes deliveries that came to their end, 30 days after they came: GitHub itself sends an old one again for 3 days only.</summary>
internal sealed partial class WebhookRetention(IDbContextFactory<CodexDb> databases, WriteGate gate, TimeProvider time, ILogger<WebhookRetention> logger) : BackgroundService
{
    private const int Batch = 500;

    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);
    private static readonly TimeSpan Interval = TimeSpan.FromHours(6);

    /// <summary>Deletes what is too old. In parts, so that no other writer waits long.</summary>
    /// <returns>How many went.</returns>
    public async Task<int> TidyAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var until = time.GetUtcNow() - Kept;
        var gone = 0;
        while (true)
        {
            var old = await db.WebhookDeliveries.Where(d => d.ReceivedAt < until && d.Status != WebhookStatus.Queued).OrderBy(d => d.ReceivedAt).Take(Batch).Select(d => d.Id).ToListAsync(cancellationToken);
            if (old.Count == 0)
            {
                return gone;
            }

            using (await gate.EnterAsync(cancellationToken))
            {
                gone += await db.WebhookDeliveries.Where(d => old.Contains(d.Id)).ExecuteDeleteAsync(cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                await TidyAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is DbException or DbUpdateException)
            {
                LogNotTidied(logger, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old webhooks could not be deleted; tried again in some hours")]
    private static partial void LogNotTidied(ILogger logger, Exception exception);
}

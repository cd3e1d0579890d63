using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Data;
using CodexWeb.Tasks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CodexWeb.Attempts;

/// <summary>Gives disk space back once an hour: workspaces of attempts that rested long, shared checkouts nobody uses, and files that were uploaded and never sent. A follow-up makes both anew from the last checkpoint.</summary>
public sealed partial class Housekeeping(
    IDbContextFactory<CodexDb> databases,
    WorkspaceStore workspaces,
    Attachments attachments,
    IOptions<AttemptOptions> options,
    TimeProvider time,
    ILogger<Housekeeping> logger) : BackgroundService
{
    /// <summary>Unused shared checkouts that stay, the last used first: the next task on the same commit starts from one in milliseconds.</summary>
    private const int SpareCheckouts = 8;

    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>Looks once.</summary>
    /// <returns>How many workspaces and shared checkouts went.</returns>
    public async Task<(int Workspaces, int Checkouts)> TidyAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var until = time.GetUtcNow() - options.Value.KeepWorkspaces;
        var rested = await db.Attempts.AsNoTracking()
            .Where(a => a.EndedAt != null && a.EndedAt < until && a.LeaseOwner == null && a.Status != AttemptStatus.Queued)
            .Select(a => a.Id)
            .ToListAsync(cancellationToken);
        var gone = 0;
        foreach (var attempt in rested.Where(attempt => workspaces.Has(attempt.ToString())))
        {
            await workspaces.DeleteAsync(attempt.ToString(), cancellationToken);
            gone++;
        }

        await attachments.TidyAsync(cancellationToken);
        return (gone, await workspaces.DiscardBasesAsync(SpareCheckouts, cancellationToken));
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var (gone, checkouts) = await TidyAsync(stoppingToken);
                LogTidied(logger, gone, checkouts);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ProcessException or System.Data.Common.DbException)
            {
                // The next hour tries again.
                LogNotTidied(logger, exception);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Removed {Workspaces} workspaces and {Checkouts} shared checkouts")]
    private static partial void LogTidied(ILogger logger, int workspaces, int checkouts);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old workspaces could not be removed; tried again in an hour")]
    private static partial void LogNotTidied(ILogger logger, Exception exception);
}

using CodexWeb.Agent.Workspaces;
using CodexWeb.Data;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.Repositories;
using CodexWeb.Tasks;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.CodeReviews;

/// <summary>
/// Looks for pull requests to review where no webhook may come from: every two minutes, in repositories that want every one reviewed, at those somebody touched within a day.
/// A list that did not change costs GitHub nothing: it is asked for conditionally.
/// </summary>
public sealed partial class ReviewPolling(TaskStore store, ReviewHost host, CodeReviewSync sync, ILogger<ReviewPolling> logger) : BackgroundService
{
    // Nobody wants a hundred reviews at once for having switched them on.
    private const int MostAtOnce = 5;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Recently = TimeSpan.FromDays(1);

    // What a pull request looked like when it was last looked at.
    private readonly Dictionary<(RepositoryId, int), DateTimeOffset> _seen = [];
    private readonly Dictionary<RepositoryId, DateTimeOffset> _notBefore = [];

    /// <summary>Looks once.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        foreach (var repository in await RepositoriesAsync(cancellationToken))
        {
            if (_notBefore.TryGetValue(repository.Id, out var at) && at > store.Time.GetUtcNow())
            {
                continue;
            }

            try
            {
                await LookAsync(repository, cancellationToken);
            }
            catch (GitHubException exception)
            {
                LogFailed(logger, repository.Name, exception.Message);
                _notBefore[repository.Id] = exception.RetryAt ?? store.Time.GetUtcNow() + Interval;
            }
            catch (Exception exception) when (exception is RepositoryException or GitException)
            {
                LogFailed(logger, repository.Name, exception.Message);
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, store.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TryLookAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server ends.
        }
    }

    private async Task TryLookAsync(CancellationToken cancellationToken)
    {
        try
        {
            await LookAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is DbUpdateException or System.Data.Common.DbException)
        {
            // The database may come back; the next tick tries again.
            LogDatabase(logger, exception);
        }
    }

    private async Task<List<Repository>> RepositoriesAsync(CancellationToken cancellationToken)
    {
        await using var db = await store.OpenAsync(cancellationToken);
        var wanted = await db.Environments.AsNoTracking().Where(e => e.ReviewAutomatically).Select(e => e.RepositoryId).Distinct().ToListAsync(cancellationToken);
        return await db.Repositories.AsNoTracking().Where(r => wanted.Contains(r.Id)).OrderBy(r => r.Id).ToListAsync(cancellationToken);
    }

    private async Task LookAsync(Repository repository, CancellationToken cancellationToken)
    {
        var opened = await host.OpenAsync(repository, cancellationToken);
        if (opened is not CommandResult<ReviewedRepository>.Done { Value: var hosted })
        {
            LogFailed(logger, repository.Name, opened.Problem()!);
            return;
        }

        var since = store.Time.GetUtcNow() - Recently;
        var changed = (await host.Pulls.ListOpenAsync(hosted.Token, hosted.Name, cancellationToken))
            .Where(pull => pull.UpdatedAt > since && (!_seen.TryGetValue((repository.Id, pull.Number), out var at) || at < pull.UpdatedAt))
            .Take(MostAtOnce);
        foreach (var pull in changed)
        {
            await sync.RefreshAsync(repository.Id, pull.Number, cancellationToken);
            _seen[(repository.Id, pull.Number)] = pull.UpdatedAt;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Pull requests of {Repository} could not be looked at: {Reason}")]
    private static partial void LogFailed(ILogger logger, string repository, string reason);

    [LoggerMessage(LogLevel.Warning, "Pull requests could not be looked for; the next tick tries again")]
    private static partial void LogDatabase(ILogger logger, Exception exception);
}

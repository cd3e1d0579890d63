using CodexWeb.Agent.Workspaces;
using CodexWeb.Data;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Repositories;

/// <summary>On the first start, makes the sample repository in the data folder and connects it, before the server listens: the first page shows it.</summary>
public sealed partial class FirstStart(
    IDbContextFactory<CodexDb> databases,
    WorkspacePaths paths,
    SampleRepository sample,
    RepositoryCatalog repositories,
    ILogger<FirstStart> logger) : IHostedService
{
    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var folder = Path.Combine(paths.DataDirectory, "sample");
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (Directory.Exists(folder) || await db.Repositories.AnyAsync(cancellationToken))
        {
            return;
        }

        try
        {
            await sample.CreateAsync(folder, cancellationToken);
            if (await repositories.ConnectAsync(folder, "sample/basket", sample: true, cancellationToken) is CommandResult<RepositoryRow>.Invalid invalid)
            {
                LogNoSample(logger, string.Join(" ", invalid.Errors.Values));
            }
        }
        catch (Exception exception) when (exception is RepositoryException or GitException or IOException)
        {
            // The server is of use without its sample.
            LogNoSample(logger, exception.Message);
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sample repository could not be made: {Reason}")]
    private static partial void LogNoSample(ILogger logger, string reason);
}

using CodexWeb.Data;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Health;

/// <summary>Does the database answer, and is it of this version?</summary>
internal sealed class DatabaseProbe(IDbContextFactory<CodexDb> databases) : IHealthProbe
{
    public string Name => "Database";

    public async Task<IReadOnlyList<HealthCheck>> LookAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        try
        {
            var missing = await db.Database.GetPendingMigrationsAsync(cancellationToken);
            if (missing.Any())
            {
                return [HealthCheck.Fail(Name, "The database is of an older version.", "Start the server once, or run CodexWeb migrate.")];
            }

            var tasks = await db.Tasks.CountAsync(cancellationToken);
            await db.Database.OpenConnectionAsync(cancellationToken);
            return [HealthCheck.Pass(Name, $"SQLite {db.Database.GetDbConnection().ServerVersion} answers; it keeps {tasks} {(tasks == 1 ? "task" : "tasks")}.")];
        }
        catch (System.Data.Common.DbException exception)
        {
            return [HealthCheck.Fail(Name, $"The database does not answer: {exception.Message}", "Look at the data folder's disk and rights. If the file is damaged, restore a backup of codexweb.db.")];
        }
    }
}

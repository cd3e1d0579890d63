using CodexWeb.Agent.Workspaces;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.Extensions.Options;

namespace CodexWeb.Data;

/// <summary>Registers the database and the data folder.</summary>
public static class DataServices
{
    /// <summary>Adds <see cref="IDbContextFactory{TContext}"/> of <see cref="CodexDb"/>, the <see cref="WriteGate"/>, the <see cref="WorkspacePaths"/>, and data protection with keys in the data folder.</summary>
    public static IServiceCollection AddData(this IServiceCollection services)
    {
        services.AddOptions<DataOptions>().BindConfiguration(DataOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<WriteGate>();
        services.AddSingleton(provider => new WorkspacePaths(Path.GetFullPath(provider.GetRequiredService<IOptions<DataOptions>>().Value.Directory)));
        services.AddDbContextFactory<SqliteCodexDb>((provider, options) => options.UseSqlite(
            provider.GetRequiredService<IOptions<DataOptions>>().Value.ConnectionString
            ?? $"Data Source={Path.Combine(provider.GetRequiredService<WorkspacePaths>().DataDirectory, "codexweb.db")};Foreign Keys=True;Default Timeout=30"));
        services.AddSingleton<IDbContextFactory<CodexDb>, Factory<SqliteCodexDb>>();
        return services.AddDataKeys();
    }

    /// <summary>Makes the data folder and brings the database up to this version.</summary>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public static async Task MigrateAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(services.GetRequiredService<WorkspacePaths>().DataDirectory);
        await using var db = await services.GetRequiredService<IDbContextFactory<CodexDb>>().CreateDbContextAsync(cancellationToken);
        await db.Database.MigrateAsync(cancellationToken);
        // Readers then never wait for the writer. The setting stays with the file.
        await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", cancellationToken);
    }

    /// <summary>Saves when it is this writer's turn.</summary>
    public static async Task SaveInTurnAsync(this CodexDb db, WriteGate gate, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(gate);
        using var turn = await gate.EnterAsync(cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
    }

    private sealed class Factory<TContext>(IDbContextFactory<TContext> inner) : IDbContextFactory<CodexDb>
        where TContext : CodexDb
    {
        public CodexDb CreateDbContext() => inner.CreateDbContext();
    }
}

// `dotnet ef` makes its context here: the commands need no running database and no host.
internal sealed class SqliteDesignTimeFactory : IDesignTimeDbContextFactory<SqliteCodexDb>
{
    public SqliteCodexDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteCodexDb>().UseSqlite("Data Source=design-time.db").Options);
}

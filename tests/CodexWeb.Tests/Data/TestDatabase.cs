using CodexWeb.Data;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Tests.Data;

/// <summary>A real SQLite database in a folder of its own, migrated, gone with the test.</summary>
public sealed class TestDatabase : IDbContextFactory<CodexDb>, IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("codexweb-db-").FullName;

    public WriteGate Gate { get; } = new();

    public string File => Path.Combine(_folder, "codexweb.db");

    public CodexDb CreateDbContext() => new SqliteCodexDb(
        new DbContextOptionsBuilder<SqliteCodexDb>().UseSqlite($"Data Source={File};Pooling=False;Foreign Keys=True;Default Timeout=30").Options);

    public async Task InitializeAsync()
    {
        await using var db = CreateDbContext();
        await db.Database.MigrateAsync();
        await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL");
    }

    public Task DisposeAsync()
    {
        Gate.Dispose();
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }
}

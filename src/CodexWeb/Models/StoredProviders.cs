using System.Security.Cryptography;
using System.Text.Json;
using CodexWeb.Data;
using CodexWeb.Models.Demo;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Models;

/// <summary>The providers that were added in the page, as they are stored: keys encrypted. What is stored is given to the <see cref="ModelCatalog"/>.</summary>
public sealed class StoredProviders(IDbContextFactory<CodexDb> databases, WriteGate gate, ModelCatalog catalog, IDataProtectionProvider protection, TimeProvider time)
{
    private const string DefaultModel = "models.default";

    private readonly IDataProtector _protector = protection.CreateProtector("CodexWeb.ModelProvider");

    /// <summary>Reads what is stored; once at the start, when the database is there.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        using var turn = await gate.EnterAsync(cancellationToken);
        await PublishAsync(db, cancellationToken);
    }

    /// <summary>The rows, in the order they were added.</summary>
    internal async Task<IReadOnlyList<ModelProvider>> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return [.. (await db.ModelProviders.AsNoTracking().ToListAsync(cancellationToken)).OrderBy(static row => row.CreatedAt)];
    }

    /// <summary>Adds one.</summary>
    /// <returns>False when there is one of that name.</returns>
    internal async Task<bool> AddAsync(ProviderForm form, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        using var turn = await gate.EnterAsync(cancellationToken);
        if (await db.ModelProviders.AnyAsync(row => row.Name == form.Name, cancellationToken))
        {
            return false;
        }

        var row = new ModelProvider { Name = form.Name, CreatedAt = time.GetUtcNow() };
        Take(row, form);
        db.Add(row);
        await db.SaveChangesAsync(cancellationToken);
        await PublishAsync(db, cancellationToken);
        return true;
    }

    /// <summary>Changes one.</summary>
    /// <returns>False when there is none.</returns>
    internal async Task<bool> ChangeAsync(ProviderForm form, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        using var turn = await gate.EnterAsync(cancellationToken);
        if (await db.ModelProviders.SingleOrDefaultAsync(row => row.Name == form.Name, cancellationToken) is not { } row)
        {
            return false;
        }

        Take(row, form);
        await db.SaveChangesAsync(cancellationToken);
        await PublishAsync(db, cancellationToken);
        return true;
    }

    /// <summary>Removes one with its key.</summary>
    /// <returns>False when there is none.</returns>
    internal async Task<bool> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        using var turn = await gate.EnterAsync(cancellationToken);
        var removed = await db.ModelProviders.Where(row => row.Name == name).ExecuteDeleteAsync(cancellationToken);
        await PublishAsync(db, cancellationToken);
        return removed > 0;
    }

    /// <summary>Keeps the model that is used when nobody chose.</summary>
    internal async Task SetDefaultAsync(string id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        using var turn = await gate.EnterAsync(cancellationToken);
        if (await db.ServerSettings.SingleOrDefaultAsync(setting => setting.Name == DefaultModel, cancellationToken) is { } kept)
        {
            kept.Value = id;
        }
        else
        {
            db.Add(new ServerSetting { Name = DefaultModel, Value = id });
        }

        await db.SaveChangesAsync(cancellationToken);
        await PublishAsync(db, cancellationToken);
    }

    /// <summary>The key of a row.</summary>
    /// <returns>Null when it was encrypted with keys that are gone.</returns>
    internal string? KeyOf(ModelProvider row)
    {
        try
        {
            return row.EncryptedKey is { } encrypted ? _protector.Unprotect(encrypted) : "";
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>The models of a row.</summary>
    internal static List<ModelOptions> ModelsOf(ModelProvider row) => JsonSerializer.Deserialize<List<ModelOptions>>(row.Models, JsonSerializerOptions.Web) ?? [];

    /// <summary>Why a stored provider cannot be used; null when it can.</summary>
    internal static string? ProblemOf(ModelProvider row, string? key) => key is null
        ? $"The stored key of '{row.Name}' cannot be opened: the folder keys in the data folder is not the one it was stored with. Enter the key again in Settings › Models."
        : null;

    private void Take(ModelProvider row, ProviderForm form)
    {
        (row.BaseUrl, row.Api, row.MaxConcurrent) = (form.BaseUrl, form.Api, form.MaxConcurrent);
        row.Models = JsonSerializer.Serialize(form.Models, JsonSerializerOptions.Web);
        row.EncryptedKey = form.Key switch
        {
            null => row.EncryptedKey,
            "" => null,
            var key => _protector.Protect(key),
        };
    }

    private async Task PublishAsync(CodexDb db, CancellationToken cancellationToken)
    {
        var rows = await db.ModelProviders.AsNoTracking().ToListAsync(cancellationToken);
        var chosen = await db.ServerSettings.AsNoTracking().SingleOrDefaultAsync(static setting => setting.Name == DefaultModel, cancellationToken);
        // A name that was later given to a provider of the settings is that one's.
        var taken = catalog.Providers.Where(static provider => !provider.Stored).Select(static provider => provider.Name).Append(DemoModel.Provider).ToHashSet(StringComparer.Ordinal);
        catalog.Replace([.. rows.Where(row => !taken.Contains(row.Name)).OrderBy(static row => row.CreatedAt).Select(ConfigurationOf)], chosen?.Value);
    }

    private ProviderConfiguration ConfigurationOf(ModelProvider row)
    {
        var key = KeyOf(row);
        var options = new ProviderOptions { Name = row.Name, BaseUrl = row.BaseUrl, ApiKey = key ?? "", Api = row.Api, MaxConcurrent = row.MaxConcurrent, Models = ModelsOf(row) };
        return ProviderConfiguration.Of(options, stored: true, ProblemOf(row, key));
    }
}

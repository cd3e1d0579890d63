using CodexWeb.Data;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>Keeps the App that was made from the manifest. There is at most one.</summary>
public sealed class GitHubAppStore(IDbContextFactory<CodexDb> databases, WriteGate gate, GitHubSecrets secrets, TimeProvider time)
{
    /// <summary>The App; null when there is none.</summary>
    public async Task<GitHubAppRegistration?> FindAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.GitHubApps.AsNoTracking().OrderByDescending(app => app.CreatedAt).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Takes a new App, in place of an earlier one.</summary>
    public async Task TakeAsync(NewGitHubApp made, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(made);
        var registration = GitHubAppRegistration.Register(
            made.App.Id,
            made.App.Slug,
            made.App.HtmlUrl,
            made.App.OwnerLogin,
            made.ClientId,
            secrets.Close(GitHubSecretKind.ClientSecret, made.ClientSecret),
            secrets.Close(GitHubSecretKind.PrivateKey, made.PrivateKey),
            made.WebhookSecret is { Length: > 0 } secret ? secrets.Close(GitHubSecretKind.WebhookSecret, secret) : null,
            time.GetUtcNow());
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        using var turn = await gate.EnterAsync(cancellationToken);
        db.RemoveRange(await db.GitHubApps.ToListAsync(cancellationToken));
        db.Add(registration);
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Forgets the App with its keys.</summary>
    /// <returns>False when there was none.</returns>
    public async Task<bool> RemoveAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        using var turn = await gate.EnterAsync(cancellationToken);
        return await db.GitHubApps.ExecuteDeleteAsync(cancellationToken) > 0;
    }
}

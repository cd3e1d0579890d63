using CodexWeb.Agent.Workspaces;
using CodexWeb.Data;
using CodexWeb.Environments;
using CodexWeb.GitHosts;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Repositories;

/// <summary>A repository as it is listed.</summary>
/// <param name="Host">What keeps it: <c>github</c> for GitHub, <c>git</c> for any other Git URL or server folder.</param>
public sealed record RepositoryRow(RepositoryId Id, string Name, string Url, string DefaultBranch, string Host, bool IsSample);

/// <summary>The repositories tasks can be started on, and reads of their content.</summary>
public sealed class RepositoryCatalog(IDbContextFactory<CodexDb> databases, WriteGate gate, RepositoryMirrors mirrors, RepositoryHosts hosts, TimeProvider time)
{
    private const int LargestShownFile = 4 << 20;

    /// <summary>All, by name.</summary>
    public async Task<IReadOnlyList<RepositoryRow>> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var repositories = await db.Repositories.AsNoTracking().OrderBy(r => r.Name).ToListAsync(cancellationToken);
        return [.. repositories.Select(Row)];
    }

    /// <summary>One; null when there is none.</summary>
    public async Task<RepositoryRow?> FindAsync(RepositoryId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Repositories.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, cancellationToken) is { } repository ? Row(repository) : null;
    }

    /// <summary>Connects a repository: mirrors it and gives it a default environment. One that is connected already is given back.</summary>
    /// <param name="url">A Git URL or the absolute path of a folder on the server.</param>
    /// <param name="name">Null for one made from the URL.</param>
    public Task<CommandResult<RepositoryRow>> ConnectAsync(string url, string? name, CancellationToken cancellationToken) =>
        ConnectAsync(url, name, sample: false, cancellationToken);

    /// <summary>Branches whose name contains the query, newest first.</summary>
    public Task<CommandResult<IReadOnlyList<BranchDescription>>> BranchesAsync(RepositoryId id, string? query, int limit, CancellationToken cancellationToken) =>
        OnMirrorAsync(id, async repository =>
        {
            await mirrors.FetchAsync(repository.Key, repository.Url, cancellationToken);
            return await mirrors.BranchesAsync(repository.Key, query, limit, cancellationToken);
        }, cancellationToken);

    /// <summary>A file as it stands at a commit of the repository or of an attempt.</summary>
    public Task<CommandResult<FileAtCommit>> ReadFileAsync(RepositoryId id, string commit, string path, CancellationToken cancellationToken) =>
        OnMirrorAsync(id, repository => mirrors.ReadFileAsync(repository.Key, commit, path, LargestShownFile, cancellationToken), cancellationToken);

    /// <summary>The paths of all files at a commit.</summary>
    public Task<CommandResult<IReadOnlyList<string>>> FilesAsync(RepositoryId id, string commit, CancellationToken cancellationToken) =>
        OnMirrorAsync(id, repository => mirrors.ListFilesAsync(repository.Key, commit, cancellationToken), cancellationToken);

    /// <summary>Disconnects a repository that no task uses, and removes its mirror. The origin is not touched.</summary>
    public async Task<CommandResult<Nothing>> DisconnectAsync(RepositoryId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var repository = await db.Repositories.SingleOrDefaultAsync(r => r.Id == id, cancellationToken);
        if (repository is null)
        {
            return new CommandResult<Nothing>.NotFound("There is no such repository.");
        }

        var tasks = await db.Tasks.CountAsync(t => t.RepositoryId == id, cancellationToken);
        if (tasks > 0)
        {
            return new CommandResult<Nothing>.Refused($"{tasks} {(tasks == 1 ? "task uses" : "tasks use")} this repository. Delete them first.");
        }

        db.Remove(repository);
        await db.SaveInTurnAsync(gate, cancellationToken);
        await mirrors.DeleteAsync(repository.Key);
        return new CommandResult<Nothing>.Done(default);
    }

    internal async Task<CommandResult<RepositoryRow>> ConnectAsync(string url, string? name, bool sample, CancellationToken cancellationToken)
    {
        url = (url ?? "").Trim();
        if (url.Length is 0 or > 2_000)
        {
            return new CommandResult<RepositoryRow>.Invalid("url", "Give a Git URL (https://…) or the full path of a folder on the server.");
        }

        if (name?.Trim() is { Length: > 100 })
        {
            return new CommandResult<RepositoryRow>.Invalid("name", "The name may have 100 characters at most.");
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Repositories.AsNoTracking().SingleOrDefaultAsync(r => r.Url == url, cancellationToken) is { } known)
        {
            return new CommandResult<RepositoryRow>.Done(Row(known));
        }

        var hosted = await hosts.For(url).FindAsync(url, cancellationToken);
        if (hosted is not null && await db.Repositories.AsNoTracking().FirstOrDefaultAsync(r => r.HostRepositoryId == hosted.Id, cancellationToken) is { } same)
        {
            // The same repository by another of its addresses.
            return new CommandResult<RepositoryRow>.Done(Row(same));
        }

        var id = Id.New<RepositoryId>(time);
        try
        {
            var info = await mirrors.ConnectAsync(id.ToString(), url, cancellationToken);
            var repository = Repository.Connect(id, NameOf(url, name ?? hosted?.Name), url, info.DefaultBranch, sample, time.GetUtcNow());
            if (hosted is not null)
            {
                repository.KnownAs(hosted.Id, hosted.Account);
            }

            db.Add(repository);
            db.Add(CodexEnvironment.Create(id, "Default", time));
            await db.SaveInTurnAsync(gate, cancellationToken);
            return new CommandResult<RepositoryRow>.Done(Row(repository));
        }
        catch (RepositoryException exception)
        {
            return new CommandResult<RepositoryRow>.Invalid("url", exception.Message);
        }
    }

    private async Task<CommandResult<T>> OnMirrorAsync<T>(RepositoryId id, Func<Repository, Task<T>> read, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Repositories.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, cancellationToken) is not { } repository)
        {
            return new CommandResult<T>.NotFound("There is no such repository.");
        }

        try
        {
            return new CommandResult<T>.Done(await read(repository));
        }
        catch (RepositoryException exception)
        {
            return new CommandResult<T>.Refused(exception.Message);
        }
    }

    // The last one or two parts of the address, as people name repositories: acme/shop, or the folder's name.
    private static string NameOf(string url, string? name)
    {
        if (!string.IsNullOrWhiteSpace(name))
        {
            return name.Trim();
        }

        var path = url.TrimEnd('/');
        path = path.EndsWith(".git", StringComparison.Ordinal) ? path[..^4].TrimEnd('/') : path;
        var parts = path.Split('/', ':').Where(part => part.Length > 0).ToArray();
        var made = path.StartsWith('/') || parts.Length < 3 ? parts.LastOrDefault() ?? path : $"{parts[^2]}/{parts[^1]}";
        return made.Length <= 100 ? made : made[^100..];
    }

    private RepositoryRow Row(Repository repository) =>
        new(repository.Id, repository.Name, repository.Url, repository.DefaultBranch, hosts.For(repository.Url).Kind, repository.IsSample);
}

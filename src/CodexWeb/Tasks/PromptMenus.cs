using CodexWeb.Agent.Models;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Data;
using CodexWeb.Repositories;
using Microsoft.Extensions.Caching.Memory;

namespace CodexWeb.Tasks;

/// <summary>What is offered while a prompt is typed: the repository's files for <c>@</c>, and skills for <c>$</c>.</summary>
public sealed class PromptMenus(RepositoryCatalog catalog, RepositoryMirrors mirrors, WorkspacePaths paths) : IDisposable
{
    private const int MostOffered = 50;
    private const int MostSkills = 100;

    // Lists of paths, by commit: their sizes in characters are what counts.
    private readonly MemoryCache _lists = new(new MemoryCacheOptions { SizeLimit = 64 << 20 });

    /// <summary>The files that fit best.</summary>
    /// <param name="at">A branch, or a commit; null for the default branch.</param>
    /// <param name="query">What was typed behind the <c>@</c>; may be empty.</param>
    public async Task<CommandResult<OfferedFiles>> FilesAsync(RepositoryId repository, string? at, string query, CancellationToken cancellationToken) =>
        await ListAsync(repository, at, cancellationToken) switch
        {
            CommandResult<RepositoryFiles>.Done { Value: var list } => new CommandResult<OfferedFiles>.Done(Offer(list, query.Length <= 200 ? query : query[..200])),
            var other => Same<OfferedFiles>(other.Problem()!),
        };

    /// <summary>The skills of the repository and of the server, by name.</summary>
    public async Task<CommandResult<IReadOnlyList<OfferedSkill>>> SkillsAsync(RepositoryId repository, string? at, CancellationToken cancellationToken)
    {
        if (await ListAsync(repository, at, cancellationToken) is not CommandResult<RepositoryFiles>.Done { Value: var list } result)
        {
            return Same<IReadOnlyList<OfferedSkill>>("There is no such repository, branch or commit.");
        }

        var skills = new List<OfferedSkill>();
        foreach (var path in list.Paths.Where(IsSkill).Take(MostSkills))
        {
            if (await catalog.ReadFileAsync(repository, list.Commit, path, cancellationToken) is CommandResult<FileAtCommit>.Done { Value: { Kind: FileAtCommitKind.Regular } file }
                && SkillFile.Read(file.Content.Span).Skill is { } skill)
            {
                skills.Add(new OfferedSkill(skill.Name, skill.Description, path));
            }
        }

        skills.AddRange(ServerSkills());
        return new CommandResult<IReadOnlyList<OfferedSkill>>.Done([.. skills.DistinctBy(s => s.Name, StringComparer.OrdinalIgnoreCase).OrderBy(s => s.Name, StringComparer.OrdinalIgnoreCase)]);
    }

    /// <inheritdoc/>
    public void Dispose() => _lists.Dispose();

    private static OfferedFiles Offer(RepositoryFiles list, string query)
    {
        var (best, found) = FuzzyPaths.Find(list.Paths, query, MostOffered);
        return new OfferedFiles(best, found);
    }

    private IEnumerable<OfferedSkill> ServerSkills()
    {
        if (!Directory.Exists(paths.Skills))
        {
            yield break;
        }

        foreach (var folder in new DirectoryInfo(paths.Skills).EnumerateDirectories().Take(MostSkills))
        {
            var file = new FileInfo(Path.Combine(folder.FullName, "SKILL.md"));
            if (file is { Exists: true, Length: <= SkillFile.MaxBytes } && SkillFile.Read(File.ReadAllBytes(file.FullName)).Skill is { } skill)
            {
                yield return new OfferedSkill(skill.Name, skill.Description, $"{Skills.ServerPath}/{folder.Name}/SKILL.md");
            }
        }
    }

    private async Task<CommandResult<RepositoryFiles>> ListAsync(RepositoryId id, string? at, CancellationToken cancellationToken)
    {
        if (await catalog.FindAsync(id, cancellationToken) is not { } repository)
        {
            return new CommandResult<RepositoryFiles>.NotFound("There is no such repository.");
        }

        try
        {
            var wanted = string.IsNullOrWhiteSpace(at) ? repository.DefaultBranch : at.Trim();
            var commit = wanted.Length is 40 or 64 && wanted.All(char.IsAsciiHexDigitLower) ? wanted : await mirrors.ResolveAsync(id.ToString(), wanted, cancellationToken);
            if (_lists.TryGetValue((id, commit), out IReadOnlyList<string>? known))
            {
                return new CommandResult<RepositoryFiles>.Done(new RepositoryFiles(commit, known!));
            }

            if (await catalog.FilesAsync(id, commit, cancellationToken) is not CommandResult<IReadOnlyList<string>>.Done { Value: var files })
            {
                return new CommandResult<RepositoryFiles>.NotFound("There is no such commit.");
            }

            _lists.Set((id, commit), files, new MemoryCacheEntryOptions { Size = files.Sum(static path => (long)path.Length), SlidingExpiration = TimeSpan.FromMinutes(30) });
            return new CommandResult<RepositoryFiles>.Done(new RepositoryFiles(commit, files));
        }
        catch (RepositoryException exception)
        {
            return new CommandResult<RepositoryFiles>.NotFound(exception.Message);
        }
    }

    private static bool IsSkill(string path) =>
        path.StartsWith(Skills.RepositoryFolder + "/", StringComparison.Ordinal) && path.EndsWith("/SKILL.md", StringComparison.Ordinal) && path.AsSpan().Count('/') == 3;

    private static CommandResult<T> Same<T>(string problem) => new CommandResult<T>.NotFound(problem);

    private sealed record RepositoryFiles(string Commit, IReadOnlyList<string> Paths);
}

/// <summary>Files that are offered.</summary>
/// <param name="Paths">The best first.</param>
/// <param name="Found">How many fit in all.</param>
public sealed record OfferedFiles(IReadOnlyList<string> Paths, int Found);

/// <summary>A skill that is offered.</summary>
/// <param name="Path">Its SKILL.md: in the repository, or absolute for one of the server's own.</param>
public sealed record OfferedSkill(string Name, string Description, string Path);

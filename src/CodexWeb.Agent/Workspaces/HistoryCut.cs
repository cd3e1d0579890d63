using System.Globalization;
using System.Text;

namespace CodexWeb.Agent.Workspaces;

/// <summary>Cuts a repository's history off after a commit, so that who works there finds nothing of what came later.</summary>
public sealed class HistoryCut(WorkspacePaths paths, Git git)
{
    private static readonly TimeSpan PackTimeout = TimeSpan.FromMinutes(30);

    /// <summary>Finds a commit of the origin.</summary>
    /// <param name="name">A hash, in full or its beginning, a branch or a tag.</param>
    /// <returns>The full hash.</returns>
    /// <exception cref="RepositoryException">No branch or tag of the origin leads there.</exception>
    public async Task<string> ResolveAsync(string repositoryKey, string name, CancellationToken cancellationToken)
    {
        var command = new GitCommand(paths.OriginOf(repositoryKey), "rev-parse", "--verify", "--quiet", "--end-of-options", $"{name}^{{commit}}");
        var result = name.Any(char.IsControl) ? null : await git.RunAsync(command, cancellationToken);
        return result is { ExitCode: 0 }
            ? Encoding.ASCII.GetString(result.Output.Span).Trim()
            : throw new RepositoryException($"The repository has no commit '{name}' on any of its branches and tags.");
    }

    /// <summary>Makes a bare repository with one branch, <c>main</c>, that ends at the commit and holds nothing that does not lead to it. One that is there stays.</summary>
    /// <param name="commit">A full hash of the origin.</param>
    /// <param name="folder">Where it is to be.</param>
    /// <exception cref="GitException">It could not be made.</exception>
    public async Task CutAsync(string repositoryKey, string commit, string folder, CancellationToken cancellationToken)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        var unfinished = string.Create(CultureInfo.InvariantCulture, $"{folder}.{Guid.NewGuid():N}");
        var pack = unfinished + ".pack";
        try
        {
            await git.OutputAsync(new GitCommand(null, "init", "--quiet", "--bare", "--initial-branch=main", "--template=", "--", unfinished), cancellationToken);
            await using (var file = File.Create(pack))
            {
                var all = new GitCommand(paths.OriginOf(repositoryKey), "pack-objects", "-q", "--stdout", "--revs")
                {
                    Input = Encoding.ASCII.GetBytes(Commits.Require(commit) + "\n"),
                    Timeout = PackTimeout,
                    MaxOutputBytes = long.MaxValue,
                };
                await git.WriteAsync(all, file, cancellationToken);
            }

            await git.FeedAsync(new GitCommand(unfinished, "index-pack", "--stdin", "--strict") { Timeout = PackTimeout }, ReadAsync(pack), cancellationToken);
            await git.OutputAsync(new GitCommand(unfinished, "update-ref", "refs/heads/main", commit), cancellationToken);
            Directory.Move(unfinished, folder);
        }
        finally
        {
            File.Delete(pack);
            if (Directory.Exists(unfinished))
            {
                Directory.Delete(unfinished, recursive: true);
            }
        }
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(string file)
    {
        await using var stream = File.OpenRead(file);
        var buffer = new byte[128 * 1024];
        while (await stream.ReadAsync(buffer) is > 0 and var read)
        {
            yield return buffer.AsMemory(0, read);
        }
    }
}

using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Workspaces;

/// <summary>Tries a patch on a commit of the server's own repository, without changing anything: what would conflict is known before a workspace is opened.</summary>
public sealed class PatchTrials(WorkspacePaths paths, Git git)
{
    /// <summary>Says whether all of a patch applies.</summary>
    /// <param name="commit">A full hash, usually a checkpoint.</param>
    /// <param name="patch">Git's format.</param>
    /// <exception cref="RepositoryException">The commit is not there, or Git could not be run.</exception>
    public async Task<PatchOutcome> TryAsync(string repositoryKey, string commit, ReadOnlyMemory<byte> patch, PatchDirection direction, CancellationToken cancellationToken)
    {
        var folder = paths.CheckpointsOf(repositoryKey);
        if (!Directory.Exists(folder))
        {
            throw new RepositoryException("The server has no copy of this repository any more. Connect it again.");
        }

        var index = Path.Combine(folder, $"trial-{Guid.NewGuid():N}.index");
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["GIT_INDEX_FILE"] = index };
        try
        {
            await git.OutputAsync(new GitCommand(folder, "read-tree", Commits.Require(commit)) { Environment = environment }, cancellationToken);
            string[] reverse = direction is PatchDirection.Reverse ? ["--reverse"] : [];
            var result = await git.RunAsync(new GitCommand(folder, ["apply", "--cached", "--check", "--whitespace=nowarn", .. reverse, "-"]) { Environment = environment, Input = patch }, cancellationToken);
            return new PatchOutcome(result.ExitCode == 0 ? [] : PatchConflicts.Read(result.Error));
        }
        catch (Exception failure) when (failure is GitException or ProcessException)
        {
            throw new RepositoryException($"The hunks could not be tried: {failure.Message}", failure);
        }
        finally
        {
            File.Delete(index);
        }
    }
}

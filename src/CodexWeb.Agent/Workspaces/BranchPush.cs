using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Workspaces;

/// <summary>Sends a commit to the origin, as a branch below <c>codexweb/</c> only, and never over what is there.</summary>
public sealed class BranchPush(WorkspacePaths paths, Git git, ProcessRunner runner)
{
    private static readonly TimeSpan PushTimeout = TimeSpan.FromMinutes(10);
    private readonly Origin origin = new(runner, paths);

    /// <summary>Makes the branch at the origin, or moves it forward. Doing it again changes nothing.</summary>
    /// <param name="url">The origin's address.</param>
    /// <param name="commit">A commit of the server's repository: its full hash.</param>
    /// <param name="branch">Begins with <see cref="BranchSlug.Prefix"/>.</param>
    /// <exception cref="RepositoryException">The origin is gone or refuses; the message says why.</exception>
    public async Task PushAsync(string repositoryKey, string url, string commit, string branch, CancellationToken cancellationToken)
    {
        if (!BranchName.Require(branch).StartsWith(BranchSlug.Prefix, StringComparison.Ordinal))
        {
            throw new RepositoryException($"The server pushes only branches that begin with '{BranchSlug.Prefix}', not '{branch}'.");
        }

        var address = RepositoryUrl.Parse(url);
        var access = await origin.AccessAsync(address, cancellationToken);
        var command = new GitCommand(
            paths.CheckpointsOf(repositoryKey),
            ["push", "--porcelain", "--no-verify", "--no-recurse-submodules", "--no-signed", .. access.PushOptions, "--", address.Address, $"{Commits.Require(commit)}:refs/heads/{branch}"])
        {
            Environment = access.Environment,
            Timeout = PushTimeout,
        };
        ProcessResult result;
        try
        {
            result = await git.RunAsync(command, cancellationToken);
        }
        catch (ProcessException failure)
        {
            throw new RepositoryException(GitMessage.Explain(address, failure.Message), failure);
        }

        if (result.ExitCode != 0)
        {
            throw new RepositoryException(Refusal(address, branch, System.Text.Encoding.UTF8.GetString(result.Output.Span), result.Error));
        }
    }

    /// <summary>Why a push failed. Git's report says per branch: <c>! from:to [rejected] (reason)</c>.</summary>
    private static string Refusal(RepositoryUrl address, string branch, string report, string error)
    {
        var line = report.Split('\n').FirstOrDefault(line => line.StartsWith('!')) ?? "";
        bool Says(params string[] words) => words.Any(word => line.Contains(word, StringComparison.OrdinalIgnoreCase) || error.Contains(word, StringComparison.OrdinalIgnoreCase));

        return line switch
        {
            _ when Says("non-fast-forward", "fetch first", "stale info")
                => $"'{branch}' at {address} has commits that this task does not know, so nothing was pushed. Choose another branch name.",
            _ when Says("checked out branch", "denyCurrentBranch")
                => $"'{branch}' is checked out in {address}, so it cannot be changed from outside. Check out another branch there and push again.",
            _ when Says("Permission denied", "unable to create", "insufficient permission", "Read-only file system") && address.Kind == RepositoryUrlKind.Folder
                => $"The server may not write to {address}. Allow it to the folder's owner, then push again.",
            _ when Says("cannot lock ref", "directory file conflict", "unable to resolve reference")
                => $"'{branch}' cannot be made at {address} because a branch there has a conflicting name. Choose another branch name.",
            _ when line.Length > 0
                => $"{address} refused '{branch}': {GitMessage.Shorten(line[1..].Split('\t')[^1] + "\n" + string.Join('\n', error.Split('\n').Where(said => said.StartsWith("remote:", StringComparison.Ordinal))))}",
            _ => GitMessage.Explain(address, error),
        };
    }
}

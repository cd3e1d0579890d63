namespace CodexWeb.Agent.Workspaces;

/// <summary>Sends a commit to the origin, as a branch below <c>codexweb/</c> only, and never over what is there.</summary>
public sealed class BranchPush(WorkspacePaths paths, Origins origins)
{
    private static readonly TimeSpan PushTimeout = TimeSpan.FromMinutes(10);

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
        var answer = await origins.TalkAsync(
            address,
            access => new GitCommand(
                paths.CheckpointsOf(repositoryKey),
                ["push", "--porcelain", "--no-verify", "--no-recurse-submodules", "--no-signed", .. access.PushOptions, "--", address.Address, $"{Commits.Require(commit)}:refs/heads/{branch}"])
            {
                Timeout = PushTimeout,
            },
            cancellationToken);
        if (answer.ExitCode != 0)
        {
            throw Refusal(address, branch, answer);
        }
    }

    /// <summary>Why a push failed. Git's report says per branch: <c>! from:to [rejected] (reason)</c>.</summary>
    private RepositoryException Refusal(RepositoryUrl address, string branch, OriginAnswer answer)
    {
        var line = answer.Output.Split('\n').FirstOrDefault(line => line.StartsWith('!')) ?? "";
        bool Says(params string[] words) => words.Any(word => line.Contains(word, StringComparison.OrdinalIgnoreCase) || answer.Error.Contains(word, StringComparison.OrdinalIgnoreCase));

        var advice = line switch
        {
            _ when Says("non-fast-forward", "fetch first", "stale info")
                => $"'{branch}' at {address} has commits that this task does not know, so nothing was pushed. Choose another branch name.",
            _ when Says("checked out branch", "denyCurrentBranch")
                => $"'{branch}' is checked out in {address}, so it cannot be changed from outside. Check out another branch there and push again.",
            _ when Says("Permission denied", "unable to create", "insufficient permission", "Read-only file system") && address.Kind == RepositoryUrlKind.Folder
                => $"The server may not write to {address}. Allow it to the folder's owner, then push again.",
            _ when Says("cannot lock ref", "directory file conflict", "unable to resolve reference")
                => $"'{branch}' cannot be made at {address} because a branch there has a conflicting name. Choose another branch name.",
            _ => null,
        };
        if (advice is not null || line.Length == 0)
        {
            return advice is null ? origins.Failure(address, answer) : new RepositoryException(advice);
        }

        var said = GitMessage.Shorten(line[1..].Split('\t')[^1] + "\n" + GitMessage.RemoteLines(answer.Error));
        return new RepositoryException($"{address} refused '{branch}': {said}") { Refusal = OriginRefusal.Branch, HostSaid = said };
    }
}

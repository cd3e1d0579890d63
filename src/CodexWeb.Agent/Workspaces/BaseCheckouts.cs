using System.Collections.Concurrent;
using System.Globalization;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Workspaces;

/// <summary>
/// One checkout per commit, shared by all attempts that start there. It belongs to the sandboxes' account and is never written again: attempts get a layer over it or a copy.
/// </summary>
/// <remarks>
/// Every file has the commit's time, so that the index made here stays true in every copy and the first <c>git status</c> reads no file. Beside the Git folder for the agent
/// there is a second, small one, <c>.git/codexweb</c>, for the server's checkpoints.
/// </remarks>
internal sealed class BaseCheckouts(WorkspacePaths paths, Git git, ProcessRunner runner, HostAccount account, TimeProvider time)
{
    /// <summary>Where a sandbox sees the origin's objects.</summary>
    internal const string ObjectsInside = "/codexweb/objects";

    /// <summary>Where a sandbox sees the checkout's Git folder as it was made.</summary>
    internal const string PristineInside = "/codexweb/base";

    private static readonly TimeSpan CheckoutTimeout = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, SemaphoreSlim> gates = new(StringComparer.Ordinal);

    /// <summary>The checkout of a commit; made when it is not there.</summary>
    /// <param name="commit">The commit whose files are checked out: the base, or a checkpoint on top of it.</param>
    /// <param name="head">The commit that Git inside shall call HEAD: the base.</param>
    /// <returns>Its folder's name within the repository's bases.</returns>
    internal async Task<string> EnsureAsync(string repositoryKey, string commit, string head, CancellationToken cancellationToken)
    {
        var name = commit == head ? commit : $"{commit}-{head}";
        var folder = Path.Combine(paths.BasesOf(repositoryKey), name);
        var gate = gates.GetOrAdd(folder, _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (!Directory.Exists(folder))
            {
                await MakeAsync(repositoryKey, commit, head, folder, cancellationToken);
            }

            return name;
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task MakeAsync(string repositoryKey, string commit, string head, string folder, CancellationToken cancellationToken)
    {
        SharedFolders.MakePassable(paths.Bases, account);
        SharedFolders.MakePassable(paths.BasesOf(repositoryKey), account);
        var checkpoints = paths.CheckpointsOf(repositoryKey);
        var facts = await FactsAsync(checkpoints, commit, cancellationToken);
        var draft = Path.Combine(paths.BasesOf(repositoryKey), $".new-{Guid.NewGuid():N}");
        try
        {
            account.MakeFolder(draft);
            await CheckOutAsync(draft, Path.Combine(checkpoints, "objects"), commit, head, facts[0], FileTime(facts[1]), cancellationToken);
            Directory.Move(draft, folder);
        }
        catch (Exception)
        {
            await Removal.RemoveAsync(runner, account, draft, CancellationToken.None);
            throw;
        }
    }

    private async Task<string[]> FactsAsync(string checkpoints, string commit, CancellationToken cancellationToken)
    {
        var result = await git.RunAsync(new GitCommand(checkpoints, "show", "--no-patch", "--format=%T %ct", "--end-of-options", commit), cancellationToken);
        return result.ExitCode == 0
            ? System.Text.Encoding.ASCII.GetString(result.Output.Span).Trim().Split(' ')
            : throw new RepositoryException($"Commit {commit} is not in the server's copy of the repository. Fetch the repository and start again from a branch.");
    }

    private async Task CheckOutAsync(string draft, string objects, string commit, string head, string tree, long fileTime, CancellationToken cancellationToken)
    {
        var gitFolder = Path.Combine(draft, ".git");
        var own = Path.Combine(gitFolder, "codexweb");
        var skeleton = new GitSkeleton(account);
        skeleton.Make(gitFolder, head + "\n", agentConfiguration: true, alternates: objects);
        skeleton.Make(own, "ref: refs/heads/none\n", agentConfiguration: false, alternates: ObjectsInside);
        skeleton.Write(Path.Combine(own, "tree"), tree + "\n");

        // The files first, then one time for all of them, then an index that knows it.
        await RunGitAsync(gitFolder, draft, ["read-tree", "--reset", "-u", commit], cancellationToken);
        await RunAsync(
            "find",
            [draft, "-mindepth", "1", "-path", gitFolder, "-prune", "-o", "-exec", "touch", "--no-dereference", string.Create(CultureInfo.InvariantCulture, $"--date=@{fileTime}"), "--", "{}", "+"],
            cancellationToken);
        await RunGitAsync(gitFolder, draft, ["update-index", "-q", "--refresh"], cancellationToken);
        await RunAsync("cp", ["--", Path.Combine(gitFolder, "index"), Path.Combine(own, "index")], cancellationToken);
        if (commit != head)
        {
            // Git inside then shows the checkpoint's changes as not committed.
            await RunGitAsync(gitFolder, draft, ["read-tree", "--reset", head], cancellationToken);
            await RunGitAsync(gitFolder, draft, ["update-index", "-q", "--refresh"], cancellationToken);
        }

        skeleton.Write(Path.Combine(gitFolder, "objects/info/alternates"), ObjectsInside + "\n");
    }

    private async Task RunGitAsync(string gitFolder, string workTree, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var command = new GitCommand(gitFolder, ["-c", "core.fsync=none", "--work-tree", workTree, .. arguments]) { Account = account, Timeout = CheckoutTimeout };
        var result = await git.RunAsync(command, cancellationToken);

        // update-index says 1 when files differ from the index, which is so for a checkpoint's.
        if (result.ExitCode != 0 && !(result.ExitCode == 1 && arguments[0] == "update-index"))
        {
            throw new GitException(arguments[0], result.ExitCode, result.Error);
        }
    }

    private async Task RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = HostPrograms.SearchPath };
        var command = new ProcessCommand { FileName = program, Arguments = arguments, Environment = environment, Account = account, Timeout = CheckoutTimeout };
        var result = await runner.RunAsync(command, cancellationToken);
        if (result.ExitCode != 0)
        {
            throw new WorkspaceException($"The files could not be checked out: {GitMessage.Shorten(result.Error)}");
        }
    }

    /// <summary>The commit's time, but in the past: a file changed later never has the time that the index knows.</summary>
    private long FileTime(string commitTime)
    {
        var latest = time.GetUtcNow().ToUnixTimeSeconds() - 60;
        return long.TryParse(commitTime, CultureInfo.InvariantCulture, out var seconds) ? Math.Clamp(seconds, 0, latest) : latest;
    }
}

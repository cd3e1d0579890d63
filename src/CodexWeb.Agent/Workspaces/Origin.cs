using System.Globalization;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Workspaces;

/// <summary>
/// The place a repository comes from and branches go to. A folder of the server is served by Git's own other half there, which reads that folder's configuration and hooks:
/// it runs with those switched off and, when the server is root, as the folder's owner.
/// </summary>
internal sealed class Origin(ProcessRunner runner, WorkspacePaths paths)
{
    // Settings on a command line win over the folder's own. Left without them, each of these could start a program of the folder's choice
    // (hooks, fsmonitor, alternateRefsCommand, a fetch on demand from its own remote, auto gc) or change a checkout (denyCurrentBranch).
    private const string SafeSettings =
        "-c core.hooksPath=/dev/null -c core.fsmonitor=false -c core.alternateRefsCommand=true -c protocol.allow=never -c 'safe.directory=*' "
        + "-c receive.denyCurrentBranch=refuse -c receive.autogc=false -c gc.auto=0 -c maintenance.auto=false";

    /// <summary>Checks that there is something to fetch from, and makes the options that a command needs for it.</summary>
    /// <exception cref="RepositoryException">The folder is missing or is not a repository.</exception>
    internal async Task<OriginAccess> AccessAsync(RepositoryUrl url, CancellationToken cancellationToken) => url.Kind switch
    {
        RepositoryUrlKind.Folder => await FolderAsync(url, cancellationToken),
        RepositoryUrlKind.Ssh => new OriginAccess("ssh", [], []),
        _ => new OriginAccess(url.Address.StartsWith("https:", StringComparison.OrdinalIgnoreCase) ? "https" : "http:https", [], []),
    };

    private async Task<OriginAccess> FolderAsync(RepositoryUrl url, CancellationToken cancellationToken)
    {
        var gitFolder = RequireRepository(url);
        var command = $"git {SafeSettings}";
        var (user, group) = await OwnerAsync(gitFolder, cancellationToken);
        if (Libc.EffectiveUserId() == 0 && user != 0)
        {
            // What is written there then belongs to the owner, too.
            command = string.Create(CultureInfo.InvariantCulture, $"setpriv --reuid={user} --regid={group} --clear-groups --inh-caps=-all --no-new-privs {command}");
        }

        return new OriginAccess("file", [$"--upload-pack={command} upload-pack"], [$"--receive-pack={command} receive-pack"]);
    }

    private string RequireRepository(RepositoryUrl url)
    {
        var folder = url.Address;
        if (!Directory.Exists(folder))
        {
            throw new RepositoryException(
                File.Exists(folder) ? $"{folder} is a file. Choose the folder of a Git repository." : $"There is no folder {folder} on the server. Check the spelling.");
        }

        if (IsInside(folder, paths.Repositories) || IsInside(folder, paths.Workspaces))
        {
            throw new RepositoryException($"{folder} belongs to the server itself. Choose another folder.");
        }

        var inner = Path.Combine(folder, ".git");
        if (Directory.Exists(inner) || File.Exists(inner))
        {
            return inner;
        }

        if (IsBare(folder))
        {
            return folder;
        }

        var around = Around(folder);
        throw new RepositoryException(around is null
            ? $"{folder} is not a Git repository. Run 'git init' and commit something there, or choose another folder."
            : $"{folder} is a folder inside the Git repository {around}. Choose that one.");
    }

    private static string? Around(string folder)
    {
        for (var parent = Directory.GetParent(folder); parent is not null; parent = parent.Parent)
        {
            if (Path.Exists(Path.Combine(parent.FullName, ".git")))
            {
                return parent.FullName;
            }
        }

        return null;
    }

    private static bool IsBare(string folder)
        => File.Exists(Path.Combine(folder, "HEAD")) && Directory.Exists(Path.Combine(folder, "objects")) && Directory.Exists(Path.Combine(folder, "refs"));

    private static bool IsInside(string folder, string outer)
    {
        var real = new DirectoryInfo(folder).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? folder;
        return (real + "/").StartsWith(outer + "/", StringComparison.Ordinal) || (folder + "/").StartsWith(outer + "/", StringComparison.Ordinal);
    }

    private async Task<(uint User, uint Group)> OwnerAsync(string path, CancellationToken cancellationToken)
    {
        var command = new ProcessCommand { FileName = "stat", Arguments = ["--dereference", "--format=%u %g", "--", path] };
        var result = await runner.RunAsync(command, cancellationToken);
        var parts = System.Text.Encoding.ASCII.GetString(result.Output.Span).Split(' ', StringSplitOptions.TrimEntries);
        return parts is [var user, var group]
            && uint.TryParse(user, CultureInfo.InvariantCulture, out var userId)
            && uint.TryParse(group, CultureInfo.InvariantCulture, out var groupId)
                ? (userId, groupId)
                : throw new RepositoryException($"{path} cannot be read by the server. Check its permissions.");
    }
}

/// <summary>How to talk to one origin.</summary>
/// <param name="Protocols">The value of GIT_ALLOW_PROTOCOL.</param>
/// <param name="FetchOptions">Options of <c>fetch</c> and <c>ls-remote</c>.</param>
/// <param name="PushOptions">Options of <c>push</c>.</param>
internal sealed record OriginAccess(string Protocols, IReadOnlyList<string> FetchOptions, IReadOnlyList<string> PushOptions)
{
    /// <summary>The environment that lets a command reach it.</summary>
    internal IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>(StringComparer.Ordinal) { ["GIT_ALLOW_PROTOCOL"] = Protocols };
}

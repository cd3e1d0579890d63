using System.Globalization;
using System.Text;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Workspaces;

/// <summary>
/// The places repositories come from and branches go to. A folder of the server is served by Git's own other half there, which reads that folder's configuration and hooks:
/// it runs with those switched off and, when the server is root, as the folder's owner. A host on the web gets the credential there is for it.
/// </summary>
public sealed class Origins(ProcessRunner runner, Git git, WorkspacePaths paths, IGitCredentials credentials)
{
    // Settings on a command line win over the folder's own. Left without them, each of these could start a program of the folder's choice
    // (hooks, fsmonitor, alternateRefsCommand, a fetch on demand from its own remote, auto gc) or change a checkout (denyCurrentBranch).
    private const string SafeSettings =
        "-c core.hooksPath=/dev/null -c core.fsmonitor=false -c core.alternateRefsCommand=true -c protocol.allow=never -c 'safe.directory=*' "
        + "-c receive.denyCurrentBranch=refuse -c receive.autogc=false -c gc.auto=0 -c maintenance.auto=false";

    private readonly Lock oneAtATime = new();
    private bool isSwept;

    /// <summary>Runs a command that talks to an origin, to its end, whatever its exit code.</summary>
    /// <param name="make">Makes the command, given the options that this origin needs.</param>
    /// <exception cref="RepositoryException">The folder is missing or is not a repository, or the command did not end in time.</exception>
    internal async Task<OriginAnswer> TalkAsync(RepositoryUrl url, Func<OriginAccess, GitCommand> make, CancellationToken cancellationToken)
    {
        var access = await AccessAsync(url, cancellationToken);
        var command = make(access) with { Environment = access.Environment };
        try
        {
            if (Authority(url) is not { } authority || await credentials.FindAsync(url.Address, cancellationToken) is not { } credential)
            {
                var result = await git.RunAsync(command, cancellationToken);
                return new OriginAnswer(result.ExitCode, Text(result), result.Error, SignedIn: false);
            }

            using var pipe = CredentialPipe.Open(PrivateFolder(), credential);
            var signed = await git.RunAsync(
                command with
                {
                    Settings = pipe.SettingsFor(authority),
                    Environment = new Dictionary<string, string>([.. access.Environment, pipe.Variable], StringComparer.Ordinal),
                },
                cancellationToken);
            return new OriginAnswer(signed.ExitCode, credential.HideIn(Text(signed)), credential.HideIn(signed.Error), SignedIn: true);
        }
        catch (ProcessException failure)
        {
            throw new RepositoryException(GitMessage.Explain(url, failure.Message), failure);
        }
    }

    /// <summary>Why a command did not do what it should, and what to do.</summary>
    internal RepositoryException Failure(RepositoryUrl url, OriginAnswer answer) => GitMessage.Failure(url, answer, credentials.Advice(url.Address));

    /// <summary>Scheme, host and port of an address that a credential may go to: by https, or within this machine; null for any other.</summary>
    private static string? Authority(RepositoryUrl url)
    {
        // Anything that programs might split in different ways is not trusted with a secret.
        if (url.Kind != RepositoryUrlKind.Web || url.Address.AsSpan().ContainsAny("?#@") || !Uri.TryCreate(url.Address, UriKind.Absolute, out var uri) || !uri.Host.All(char.IsAscii))
        {
            return null;
        }

        return uri.Scheme == "https" || (uri.Scheme == "http" && uri.IsLoopback) ? uri.GetLeftPart(UriPartial.Authority) : null;
    }

    /// <summary>The folder of the pipes. What an earlier server left there is removed; pipes without a server are empty.</summary>
    private string PrivateFolder()
    {
        var folder = paths.Pipes;
        lock (oneAtATime)
        {
            if (!isSwept)
            {
                if (Directory.Exists(folder))
                {
                    Directory.Delete(folder, recursive: true);
                }

                isSwept = true;
            }

            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return folder;
    }

    private static string Text(ProcessResult result) => Encoding.UTF8.GetString(result.Output.Span);

    /// <summary>Checks that there is something to fetch from, and makes the options that a command needs for it.</summary>
    /// <exception cref="RepositoryException">The folder is missing or is not a repository.</exception>
    private async Task<OriginAccess> AccessAsync(RepositoryUrl url, CancellationToken cancellationToken) => url.Kind switch
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

/// <summary>What a command said that talked to an origin, without any secret.</summary>
/// <param name="ExitCode">Git's.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="SignedIn">True when the command had a credential to show.</param>
internal sealed record OriginAnswer(int ExitCode, string Output, string Error, bool SignedIn);

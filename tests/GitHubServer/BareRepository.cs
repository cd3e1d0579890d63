using System.Globalization;
using System.Text;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.EmulatedGitHub;

/// <summary>A commit as Git has it.</summary>
internal sealed record GitCommitInfo(string Sha, string Tree, IReadOnlyList<string> Parents, string AuthorName, string AuthorEmail, DateTimeOffset Date, string Message);

/// <summary>A bare repository in a folder, worked on by Git itself.</summary>
public sealed class BareRepository
{
    private static readonly Dictionary<string, string> Surroundings = new(StringComparer.Ordinal)
    {
        ["PATH"] = HostPrograms.SearchPath,
        ["GIT_CONFIG_GLOBAL"] = "/dev/null",
        ["GIT_CONFIG_SYSTEM"] = "/dev/null",
        ["GIT_AUTHOR_NAME"] = "GitHub",
        ["GIT_AUTHOR_EMAIL"] = "noreply@github.com",
        ["GIT_COMMITTER_NAME"] = "GitHub",
        ["GIT_COMMITTER_EMAIL"] = "noreply@github.com",
    };

    private readonly ProcessRunner _processes;
    private readonly TimeProvider _time;

    private BareRepository(ProcessRunner processes, string folder, TimeProvider time)
    {
        _processes = processes;
        _time = time;
        Folder = folder;
    }

    public string Folder { get; }

    /// <summary>Makes an empty one. What <c>git init --bare</c> makes, without its process: some tests have thousands.</summary>
    internal static BareRepository Create(ProcessRunner processes, string folder, TimeProvider time)
    {
        Directory.CreateDirectory(Path.Combine(folder, "objects"));
        Directory.CreateDirectory(Path.Combine(folder, "refs"));
        File.WriteAllText(Path.Combine(folder, "HEAD"), "ref: refs/heads/main\n");
        File.WriteAllText(
            Path.Combine(folder, "config"),
            """
            [core]
            	repositoryformatversion = 0
            	bare = true
            [http]
            	receivepack = true
            [uploadpack]
            	allowFilter = true
            	allowAnySHA1InWant = true
            [receive]
            	hideRefs = refs/pull
            	autogc = false
            [gc]
            	auto = 0

            """);
        return new BareRepository(processes, folder, time);
    }

    /// <summary>Runs Git in the repository.</summary>
    /// <returns>Its standard output, without the line end at its end.</returns>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public async Task<string> RunAsync(params IReadOnlyList<string> arguments)
    {
        var (exitCode, output, error) = await TryAsync(arguments, input: default);
        return exitCode == 0 ? output : throw new InvalidOperationException($"git {string.Join(' ', arguments)} ended with {exitCode}: {error}");
    }

    /// <summary>The commit a branch, tag or hash names; null when there is none.</summary>
    public async Task<string?> CommitOfAsync(string reference)
    {
        foreach (var candidate in (string[])[$"refs/heads/{reference}", reference])
        {
            if (await TryAsync(["rev-parse", "--verify", "--quiet", "--end-of-options", candidate + "^{commit}"], default) is (0, { Length: > 0 } sha, _))
            {
                return sha;
            }
        }

        return null;
    }

    /// <summary>Makes a commit on a branch, which is made too when it is not there yet (from <c>main</c>, when that is).</summary>
    /// <param name="files">Without content: to be deleted.</param>
    /// <returns>The commit.</returns>
    internal async Task<string> CommitAsync(string branch, string message, IEnumerable<(string Path, string? Content)> files)
    {
        var parent = await CommitOfAsync(branch) ?? await CommitOfAsync("main");
        var stream = new StringBuilder();
        var who = string.Create(CultureInfo.InvariantCulture, $"Somebody <somebody@localhost> {_time.GetUtcNow().ToUnixTimeSeconds()} +0000");
        stream.Append(CultureInfo.InvariantCulture, $"commit refs/heads/{branch}\nauthor {who}\ncommitter {who}\n");
        AppendData(stream, message);
        if (parent is not null)
        {
            stream.Append(CultureInfo.InvariantCulture, $"from {parent}\n");
        }

        foreach (var (path, content) in files)
        {
            if (content is null)
            {
                stream.Append(CultureInfo.InvariantCulture, $"D {path}\n");
                continue;
            }

            stream.Append(CultureInfo.InvariantCulture, $"M 100644 inline {path}\n");
            AppendData(stream, content);
        }

        var (exitCode, _, error) = await TryAsync(["fast-import", "--quiet"], Encoding.UTF8.GetBytes(stream.ToString()));
        return exitCode == 0 ? await RunAsync("rev-parse", $"refs/heads/{branch}") : throw new InvalidOperationException($"git fast-import failed: {error}");
    }

    /// <summary>The content of a file by its object's name.</summary>
    internal async Task<byte[]> ReadAsync(string blob)
    {
        var result = await _processes.RunAsync(new ProcessCommand { FileName = "git", Arguments = ["cat-file", "blob", blob], WorkingDirectory = Folder, Environment = Surroundings }, CancellationToken.None);
        return result.ExitCode == 0 ? result.Output.ToArray() : throw new InvalidOperationException($"git cat-file failed: {result.Error}");
    }

    /// <summary>The branches and the commits they point at.</summary>
    internal async Task<SortedDictionary<string, string>> BranchesAsync()
    {
        var branches = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in Lines(await RunAsync("for-each-ref", "--format=%(objectname) %(refname:lstrip=2)", "refs/heads/")))
        {
            branches[line[41..]] = line[..40];
        }

        return branches;
    }

    /// <summary>Commits reachable from a range, newest first.</summary>
    internal async Task<List<GitCommitInfo>> LogAsync(string range, params string[] options)
    {
        var text = await RunAsync(["log", "--format=%H%x1f%T%x1f%P%x1f%an%x1f%ae%x1f%at%x1f%B%x1e", .. options, "--end-of-options", range, "--"]);
        return
        [
            .. text.Split('\x1e', StringSplitOptions.RemoveEmptyEntries)
                .Select(static record => record.TrimStart('\n').Split('\x1f'))
                .Where(static fields => fields.Length == 7)
                .Select(static fields => new GitCommitInfo(fields[0], fields[1], fields[2].Split(' ', StringSplitOptions.RemoveEmptyEntries), fields[3], fields[4], DateTimeOffset.FromUnixTimeSeconds(long.Parse(fields[5], CultureInfo.InvariantCulture)), fields[6].TrimEnd('\n'))),
        ];
    }

    internal async Task<int> CountAsync(string range) => int.Parse(await RunAsync("rev-list", "--count", "--end-of-options", range, "--"), CultureInfo.InvariantCulture);

    /// <summary>Where two commits parted; null when they have nothing in common.</summary>
    internal async Task<string?> MergeBaseAsync(string one, string other) => await TryAsync(["merge-base", one, other], default) is (0, { Length: > 0 } sha, _) ? sha : null;

    internal async Task<bool> ContainsAsync(string commit, string ancestor) => await TryAsync(["merge-base", "--is-ancestor", ancestor, commit], default) is (0, _, _);

    /// <summary>The tree that a merge makes; null when there are conflicts.</summary>
    internal async Task<string?> MergeTreeAsync(string into, string commit) => await TryAsync(["merge-tree", "--write-tree", "--no-messages", into, commit], default) switch
    {
        (0, var tree, _) => tree.Split('\n')[0],
        (1, _, _) => null,
        var (exitCode, _, error) => throw new InvalidOperationException($"git merge-tree ended with {exitCode}: {error}"),
    };

    internal async Task<(int ExitCode, string Output, string Error)> TryAsync(IReadOnlyList<string> arguments, ReadOnlyMemory<byte> input)
    {
        var result = await _processes.RunAsync(new ProcessCommand { FileName = "git", Arguments = arguments, WorkingDirectory = Folder, Environment = Surroundings, Input = input }, CancellationToken.None);
        return (result.ExitCode, Encoding.UTF8.GetString(result.Output.Span).TrimEnd('\n'), result.Error);
    }

    internal static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static void AppendData(StringBuilder stream, string text) => stream.Append(CultureInfo.InvariantCulture, $"data {Encoding.UTF8.GetByteCount(text)}\n{text}\n");
}

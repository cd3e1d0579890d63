using System.Globalization;
using System.Text;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Workspaces;

namespace CodexWeb.Tests.Workspaces;

/// <summary>A temporary data folder with the real parts over it, and a way to make origins with an ordinary Git.</summary>
public sealed class TestGround : IDisposable
{
    public const string Key = "repository";

    public TestGround(IGitCredentials? credentials = null)
    {
        Folder = Path.Combine(Path.GetTempPath(), $"codexweb-test-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Folder, (UnixFileMode)0b111_101_101);
        Paths = new WorkspacePaths(Path.Combine(Folder, "data"));
        Directory.CreateDirectory(Paths.DataDirectory);
        Git = new Git(Runner);
        Origins = new Origins(Runner, Git, Paths, credentials ?? new NoCredentials());
        Mirrors = new RepositoryMirrors(Paths, Git, Origins, Account, TimeProvider.System);
        Checkpoints = new CheckpointStore(Paths, Git, TimeProvider.System);
        Changes = new Changes(Paths, Git, TimeProvider.System);
        Merging = new Merging(Paths, Git);
        Push = new BranchPush(Paths, Origins);
        Store = new WorkspaceStore(Paths, Git, Runner, Account, Checkpoints, TimeProvider.System);
    }

    public string Folder { get; }

    public ProcessRunner Runner { get; } = new();

    public HostAccount Account { get; } = HostAccount.Detect();

    public WorkspacePaths Paths { get; }

    public Git Git { get; }

    public Origins Origins { get; }

    public RepositoryMirrors Mirrors { get; }

    public CheckpointStore Checkpoints { get; }

    public Changes Changes { get; }

    public Merging Merging { get; }

    public BranchPush Push { get; }

    public WorkspaceStore Store { get; }

    /// <summary>The file that a hostile program writes when it gets to run; outside of everything else.</summary>
    public string Marker => Path.Combine(Folder, "marker");

    public string Origin => Path.Combine(Folder, "origin");

    /// <summary>Makes an origin with some files, committed once.</summary>
    public async Task<string> MakeOriginAsync(params (string Path, string Content)[] files)
    {
        Directory.CreateDirectory(Origin);
        await GitAsync(Origin, "init", "--quiet", "--initial-branch=main");
        return await CommitAsync("Begin", files);
    }

    public async Task<string> CommitAsync(string message, params (string Path, string Content)[] files)
    {
        foreach (var (path, content) in files)
        {
            var full = Path.Combine(Origin, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            await File.WriteAllTextAsync(full, content);
        }

        await GitAsync(Origin, "add", "--all");
        await GitAsync(Origin, "commit", "--quiet", "--allow-empty", "--message", message);
        return await GitAsync(Origin, "rev-parse", "HEAD");
    }

    /// <summary>Runs Git as a person would, in a folder of theirs.</summary>
    public async Task<string> GitAsync(string folder, params string[] arguments)
    {
        var result = await RunAsync(folder, "git", arguments);
        return result.ExitCode == 0 ? Text(result) : throw new InvalidOperationException($"git {string.Join(' ', arguments)}: {result.Error}");
    }

    public Task<ProcessResult> RunAsync(string folder, string program, params string[] arguments)
        => Runner.RunAsync(
            new ProcessCommand
            {
                FileName = program,
                Arguments = arguments,
                WorkingDirectory = folder,
                Environment = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["PATH"] = HostPrograms.SearchPath,
                    ["HOME"] = Folder,
                    ["GIT_CONFIG_NOSYSTEM"] = "1",
                    ["GIT_AUTHOR_NAME"] = "Ada",
                    ["GIT_AUTHOR_EMAIL"] = "ada@example.org",
                    ["GIT_COMMITTER_NAME"] = "Ada",
                    ["GIT_COMMITTER_EMAIL"] = "ada@example.org",
                },
            },
            CancellationToken.None);

    public Task<RepositoryDescription> ConnectAsync() => Mirrors.ConnectAsync(Key, Origin, CancellationToken.None);

    /// <summary>A checkpoint made without a sandbox: the parent's files with some of them changed.</summary>
    public async Task<string> RecordAsync(string attempt, string parent, params (string Path, string Content)[] files)
    {
        // fast-import builds the commit in a repository of its own, so that nothing of the origin's has a say in it.
        var scratch = Path.Combine(Folder, $"scratch-{Guid.NewGuid():N}");
        await GitAsync(Folder, "init", "--quiet", "--bare", scratch);
        await File.WriteAllTextAsync(Path.Combine(scratch, "objects/info/alternates"), Path.Combine(Paths.CheckpointsOf(Key), "objects") + "\n");
        var input = new StringBuilder($"commit refs/heads/x\ncommitter Ada <ada@example.org> 0 +0000\ndata 0\nfrom {parent}\n");
        foreach (var (path, content) in files)
        {
            input.Append(CultureInfo.InvariantCulture, $"M 100644 inline {path}\ndata {Encoding.UTF8.GetByteCount(content)}\n{content}\n");
        }

        await FeedAsync(scratch, input.ToString(), "fast-import", "--quiet");
        var tree = await GitAsync(scratch, "rev-parse", "x^{tree}");
        var pack = await FeedAsync(scratch, $"{tree}\n--not\n{parent}\n", "pack-objects", "-q", "--stdout", "--revs");
        await Checkpoints.ImportAsync(Key, Once(pack.Output), CancellationToken.None);
        var number = await Checkpoints.LastNumberAsync(Key, attempt, CancellationToken.None) + 1;
        return await Checkpoints.RecordAsync(Key, attempt, number, tree, parent, "Step " + number.ToString(CultureInfo.InvariantCulture), CancellationToken.None);
    }

    private Task<ProcessResult> FeedAsync(string repository, string input, params string[] arguments)
        => Runner.RunAsync(
            new ProcessCommand
            {
                FileName = "git",
                Arguments = ["--git-dir", repository, .. arguments],
                Input = Encoding.UTF8.GetBytes(input),
                Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = HostPrograms.SearchPath, ["HOME"] = Folder },
            },
            CancellationToken.None);

    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> Once(ReadOnlyMemory<byte> bytes)
    {
        await Task.CompletedTask;
        yield return bytes;
    }

    public static string Text(ProcessResult result) => Encoding.UTF8.GetString(result.Output.Span).TrimEnd('\n');

    public void Dispose()
    {
        Store.Dispose();
        Removal.RemoveAsync(Runner, Account, Folder, CancellationToken.None).GetAwaiter().GetResult();
    }
}

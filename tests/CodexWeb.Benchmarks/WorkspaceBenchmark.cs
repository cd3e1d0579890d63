using System.Diagnostics;
using System.Globalization;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Workspaces;

namespace CodexWeb.Benchmarks;

/// <summary>
/// Making a workspace, against <c>git worktree add</c>, for 5,000 files. What a sandbox takes longer to start over the workspace than over the worktree, because of the mount, counts
/// as making it. Besides, the first <c>git status</c> of both, and a checkpoint with 200 files. Both sides take turns in one run; medians are compared.
/// </summary>
internal static class WorkspaceBenchmark
{
    private const int Rounds = 9;
    private const double MostOfAWorktree = 0.1;

    internal static async Task<bool> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("codexweb-bench-").FullName;
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        try
        {
            var passed = await CompareWithWorktreesAsync(Path.Combine(folder, "large"));
            await MeasureCheckpointsAsync(Path.Combine(folder, "small"));
            return passed;
        }
        finally
        {
            await RunAsync("/", "rm", "-rf", "--", folder);
        }
    }

    private static async Task<bool> CompareWithWorktreesAsync(string folder)
    {
        using var server = await Server.StartAsync(folder, files: 5000);
        (await server.OpenAsync("first")).Dispose();
        List<double> worktree = [], plainStart = [], plainStatus = [], create = [], start = [], status = [];
        for (var round = 0; round < Rounds; round++)
        {
            var tree = Path.Combine(folder, $"tree{round}");
            worktree.Add(await TimeAsync(() => RunAsync(server.Origin, "git", "worktree", "add", "--quiet", "--detach", tree)));
            plainStatus.Add(await TimeAsync(() => RunAsync(tree, "git", "status", "--porcelain")));
            await RunAsync("/", "chown", "-R", server.Owner, tree);
            await EnterAsync(() => server.EnterAsync(new WorkspaceMount.Folder(tree), []), plainStart, command: null, []);

            using var workspace = await TimedAsync(() => server.OpenAsync($"attempt{round}"), create);
            await EnterAsync(() => server.EnterAsync(workspace.Mount, workspace.ReadOnlyMounts), start, "git status --porcelain", status);
        }

        Print("git worktree add, 5,000 files", Median(worktree));
        Print("  its first git status", Median(plainStatus));
        Print("  a sandbox over it", Median(plainStart));
        Print("workspace: create", Median(create));
        Print("  a sandbox over it, with the overlay mount", Median(start));
        Print("  its first git status, in the sandbox", Median(status));
        var mount = Math.Max(0, Median(start) - Median(plainStart));
        var ratio = (Median(create) + mount) / Median(worktree);
        var passed = ratio <= MostOfAWorktree;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"creation with mount: {ratio:0.000} of a worktree (at most {MostOfAWorktree}) {(passed ? "ok" : "TOO SLOW")}; with the first status: {(Median(create) + mount + Median(status)) / (Median(worktree) + Median(plainStatus)):0.000}"));
        return passed;
    }

    private static async Task EnterAsync(Func<Task<ISandbox>> enter, List<double> start, string? command, List<double> commandTime)
    {
        await using var sandbox = await TimedAsync(enter, start);
        if (command is not null)
        {
            commandTime.Add(await TimeAsync(() => CommandAsync(sandbox, command)));
        }
    }

    private static async Task MeasureCheckpointsAsync(string folder)
    {
        using var server = await Server.StartAsync(folder, files: 200);
        using var workspace = await server.OpenAsync("attempt");
        await using var sandbox = await server.EnterAsync(workspace.Mount, workspace.ReadOnlyMounts);
        await workspace.CheckpointAsync(sandbox, "Warm up", CancellationToken.None);
        List<double> unchanged = [], changed = [];
        for (var round = 0; round < 3 * Rounds; round++)
        {
            unchanged.Add(await TimeAsync(() => workspace.CheckpointAsync(sandbox, "Nothing", CancellationToken.None)));
            await CommandAsync(sandbox, $"echo {round} >> d1/f1; echo {round} > new{round}");
            changed.Add(await TimeAsync(() => workspace.CheckpointAsync(sandbox, "Step", CancellationToken.None)));
        }

        Print("checkpoint, 200 files, nothing changed", Median(unchanged));
        Print("checkpoint, 200 files, two changed", Median(changed));
    }

    private static async Task CommandAsync(ISandbox sandbox, string script)
    {
        var process = await sandbox.StartAsync(new SandboxCommand { Script = script }, CancellationToken.None);
        await foreach (var _ in process.Output.ReadAllAsync())
        {
            // Only its end matters.
        }

        var exit = await process.Exit;
        if (exit.Code != 0)
        {
            throw new InvalidOperationException($"'{script}' ended with {exit}.");
        }
    }

    private static async Task RunAsync(string folder, string program, params string[] arguments)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = HostPrograms.SearchPath,
            ["HOME"] = "/nonexistent",
            ["GIT_AUTHOR_NAME"] = "Bench",
            ["GIT_AUTHOR_EMAIL"] = "bench@localhost",
            ["GIT_COMMITTER_NAME"] = "Bench",
            ["GIT_COMMITTER_EMAIL"] = "bench@localhost",
        };
        var command = new ProcessCommand { FileName = program, Arguments = arguments, WorkingDirectory = folder, Environment = environment };
        var result = await new ProcessRunner().RunAsync(command, CancellationToken.None);
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {result.Error}");
        }
    }

    private static async Task<double> TimeAsync(Func<Task> action)
    {
        var begun = Stopwatch.GetTimestamp();
        await action();
        return Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
    }

    private static async Task<T> TimedAsync<T>(Func<Task<T>> action, List<double> times)
    {
        var begun = Stopwatch.GetTimestamp();
        var result = await action();
        times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        return result;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static void Print(string what, double milliseconds)
        => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-42}{milliseconds,9:0.0} ms"));

    /// <summary>The server's parts that are measured, over a folder of their own.</summary>
    private sealed class Server(string folder, string commit, HostAccount account, WorkspaceStore store, BubblewrapDriver driver) : IDisposable
    {
        private const string Key = "bench";

        /// <summary>The sandboxes' account, as <c>chown</c> takes it.</summary>
        internal string Owner { get; } = string.Create(CultureInfo.InvariantCulture, $"{account.UserId}:{account.GroupId}");

        internal string Origin { get; } = OriginIn(folder);

        internal static async Task<Server> StartAsync(string folder, int files)
        {
            var origin = OriginIn(folder);
            await MakeOriginAsync(origin, files);
            var paths = new WorkspacePaths(Path.Combine(folder, "data"));
            Directory.CreateDirectory(paths.DataDirectory);
            var runner = new ProcessRunner();
            var git = new Git(runner);
            var account = HostAccount.Detect();
            var mirrors = new RepositoryMirrors(paths, git, new Origins(runner, git, paths, new NoCredentials()), account, TimeProvider.System);
            await mirrors.ConnectAsync(Key, origin, CancellationToken.None);
            var commit = await mirrors.ResolveAsync(Key, "main", CancellationToken.None);
            var store = new WorkspaceStore(paths, git, runner, account, new CheckpointStore(paths, git, TimeProvider.System), TimeProvider.System);
            var driver = new BubblewrapDriver(runner, account, Path.Combine(paths.DataDirectory, "workspaces"), paths.DataDirectory);
            return new Server(folder, commit, account, store, driver);
        }

        internal Task<Workspace> OpenAsync(string attempt) => store.OpenAsync(
            new WorkspaceRequest { AttemptId = attempt, RepositoryKey = Key, BaseBranch = "main", BaseCommit = commit, WorkBranch = "codexweb/" + attempt },
            CancellationToken.None);

        internal Task<ISandbox> EnterAsync(WorkspaceMount mount, IReadOnlyList<ReadOnlyMount> readOnlyMounts)
            => driver.StartAsync(new SandboxSpec { Workspace = mount, ReadOnlyMounts = readOnlyMounts }, CancellationToken.None);

        public void Dispose() => store.Dispose();

        private static string OriginIn(string folder) => Path.Combine(folder, "origin");

        private static async Task MakeOriginAsync(string origin, int files)
        {
            for (var number = 0; number < files; number++)
            {
                var path = Path.Combine(origin, $"d{number % 100}", $"f{number}");
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await File.WriteAllTextAsync(path, string.Concat(Enumerable.Repeat($"line of file {number}\n", 100)));
            }

            await RunAsync(origin, "git", "init", "--quiet", "--initial-branch=main");
            await RunAsync(origin, "git", "add", "--all");
            await RunAsync(origin, "git", "commit", "--quiet", "--message", "Begin");
        }
    }
}

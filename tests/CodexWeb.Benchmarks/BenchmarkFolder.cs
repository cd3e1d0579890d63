using System.Globalization;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Benchmarks;

/// <summary>A temporary folder that other accounts may pass, since a server started as root runs sandboxes as another one.</summary>
internal sealed class BenchmarkFolder : IAsyncDisposable
{
    private static readonly Dictionary<string, string> GitEnvironment = new(StringComparer.Ordinal)
    {
        ["PATH"] = HostPrograms.SearchPath,
        ["HOME"] = "/nonexistent",
        ["GIT_AUTHOR_NAME"] = "Benchmark",
        ["GIT_AUTHOR_EMAIL"] = "benchmark@localhost",
        ["GIT_COMMITTER_NAME"] = "Benchmark",
        ["GIT_COMMITTER_EMAIL"] = "benchmark@localhost",
    };

    private readonly ProcessRunner _runner = new();

    internal BenchmarkFolder()
    {
        FullPath = Directory.CreateTempSubdirectory("codexweb-benchmark-").FullName;
        File.SetUnixFileMode(FullPath, (UnixFileMode)0b111_101_101);
    }

    internal string FullPath { get; }

    internal string Below(string name) => Path.Combine(FullPath, name);

    /// <summary>Makes a Git repository of small text files, with one commit on <c>main</c>.</summary>
    /// <returns>Its folder.</returns>
    internal async Task<string> MakeRepositoryAsync(int files)
    {
        var origin = Below("origin");
        for (var number = 0; number < files; number++)
        {
            var path = Path.Combine(origin, string.Create(CultureInfo.InvariantCulture, $"d{number % 10}"), string.Create(CultureInfo.InvariantCulture, $"f{number}.txt"));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, string.Concat(Enumerable.Repeat(string.Create(CultureInfo.InvariantCulture, $"A line of file {number}\n"), 50)));
        }

        await RunAsync(origin, "git", "init", "--quiet", "--initial-branch=main");
        await RunAsync(origin, "git", "add", "--all");
        await RunAsync(origin, "git", "commit", "--quiet", "--message", "Begin");
        return origin;
    }

    // `rm`, because the kernel leaves folders without any permission in an overlay's work folder.
    public async ValueTask DisposeAsync() => await RunAsync("/", "rm", "-rf", "--", FullPath);

    private async Task RunAsync(string folder, string program, params string[] arguments)
    {
        var command = new ProcessCommand { FileName = program, Arguments = arguments, WorkingDirectory = folder, Environment = GitEnvironment };
        var result = await _runner.RunAsync(command, CancellationToken.None);
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {result.Error}");
        }
    }
}

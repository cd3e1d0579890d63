using System.Diagnostics;

namespace CodexWeb.Browser.Tests;

/// <summary>Programs a person would run in a terminal beside the server.</summary>
internal static class Terminal
{
    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its standard output.</returns>
    public static async Task<string> RunAsync(string folder, string program, params string[] arguments)
    {
        var (exitCode, output, error) = await TryAsync(folder, program, arguments);
        return exitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {exitCode}:\n{output}{error}");
    }

    /// <summary>Runs a program to its end, whatever that is.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> TryAsync(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        start.Environment["GIT_CONFIG_SYSTEM"] = "/dev/null";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token);
        return (process.ExitCode, await output, await error);
    }
}

/// <summary>A repository of a test.</summary>
internal sealed class GitFolder
{
    private GitFolder(string path) => Path = path;

    public string Path { get; }

    /// <summary>A repository with one commit of the given files on the branch <c>main</c>; empty when there are none.</summary>
    public static async Task<GitFolder> CreateAsync(string path, params (string Name, byte[] Content)[] files)
    {
        Directory.CreateDirectory(path);
        var repository = new GitFolder(path);
        await repository.GitAsync("init", "--quiet", "--initial-branch=main");
        foreach (var (name, content) in files)
        {
            await File.WriteAllBytesAsync(System.IO.Path.Combine(path, name), content);
        }

        if (files.Length > 0)
        {
            await repository.CommitAsync("First");
        }

        return repository;
    }

    public async Task CommitAsync(string subject)
    {
        await GitAsync("add", "--all");
        await GitAsync("-c", "user.name=Test", "-c", "user.email=test@localhost", "commit", "--quiet", "--message", subject);
    }

    public Task<string> GitAsync(params string[] arguments) => Terminal.RunAsync(Path, "git", arguments);
}

using System.Diagnostics;
using System.Globalization;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Benchmarks;

/// <summary>What the sandbox costs: starting one, and a command through it against the same command bare, by turns in one run.</summary>
internal static class SandboxBenchmark
{
    private const int Rounds = 200;
    private const int Starts = 30;
    private const long OutputBytes = 200_000_000;
    private const double MostAddedMilliseconds = 5;

    /// <summary>Runs it.</summary>
    /// <returns>True when no command costs more than the target.</returns>
    internal static async Task<bool> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("codexweb-benchmark-").FullName;
        try
        {
            File.SetUnixFileMode(folder, (UnixFileMode)Convert.ToInt32("755", 8));
            var account = HostAccount.Detect();
            string[] places = ["lower", "upper", "work"];
            places = [.. places.Select(name => Path.Combine(folder, name))];
            Array.ForEach(places, account.MakeFolder);
            var runner = new ProcessRunner();
            var driver = new BubblewrapDriver(runner, account, folder, folder);
            var spec = new SandboxSpec { Workspace = new WorkspaceMount.Overlay(places[0], places[1], places[2]) };

            await MeasureStartsAsync(driver, spec);
            await using var sandbox = await driver.StartAsync(spec, CancellationToken.None);
            var met = true;
            foreach (var script in (string[])["true", "git --version", "ls -la /usr/bin | wc -l"])
            {
                met &= await CompareAsync(runner, sandbox, script) <= MostAddedMilliseconds;
            }

            await MeasureOutputAsync(sandbox);
            return met;
        }
        finally
        {
            // The kernel leaves a folder without any permission in an overlay's work folder.
            Array.ForEach(Directory.GetDirectories(Path.Combine(folder, "work")), path => File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureStartsAsync(BubblewrapDriver driver, SandboxSpec spec)
    {
        List<double> starts = [];
        List<double> ends = [];
        for (var i = 0; i < Starts; i++)
        {
            var before = Stopwatch.GetTimestamp();
            var sandbox = await driver.StartAsync(spec, CancellationToken.None);
            starts.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
            await RunAsync(sandbox, "sleep 1000 & true");
            before = Stopwatch.GetTimestamp();
            await sandbox.DisposeAsync();
            ends.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
        }

        Print("start of a sandbox", starts);
        Print("end of a sandbox with a process in it", ends);
    }

    /// <summary>Compares a command inside and outside.</summary>
    /// <returns>The milliseconds the sandbox adds at the median.</returns>
    private static async Task<double> CompareAsync(ProcessRunner runner, ISandbox sandbox, string script)
    {
        List<double> bare = [];
        List<double> inside = [];
        var command = new ProcessCommand
        {
            FileName = "bash",
            Arguments = ["-c", script],
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = HostPrograms.SearchPath },
        };
        for (var i = 0; i < Rounds; i++)
        {
            var before = Stopwatch.GetTimestamp();
            await runner.RunAsync(command, CancellationToken.None);
            bare.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
            before = Stopwatch.GetTimestamp();
            await RunAsync(sandbox, script);
            inside.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
        }

        Print($"bare:    {script}", bare);
        Print($"sandbox: {script}", inside);
        var added = Median(inside) - Median(bare);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  the sandbox adds {added:+0.00;-0.00} ms at the median"));
        return added;
    }

    private static async Task MeasureOutputAsync(ISandbox sandbox)
    {
        var before = Stopwatch.GetTimestamp();
        var total = await RunAsync(sandbox, string.Create(CultureInfo.InvariantCulture, $"head -c {OutputBytes} /dev/zero"));
        var seconds = Stopwatch.GetElapsedTime(before).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"output: {total / 1e6 / seconds:0} MB/s"));
    }

    private static async Task<long> RunAsync(ISandbox sandbox, string script)
    {
        var process = await sandbox.StartAsync(new SandboxCommand { Script = script }, CancellationToken.None);
        var total = 0L;
        await foreach (var chunk in process.Output.ReadAllAsync())
        {
            total += chunk.Length;
        }

        await process.Exit;
        return total;
    }

    private static void Print(string what, List<double> milliseconds)
    {
        milliseconds.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-45} median {Median(milliseconds),8:0.00} ms   95% {milliseconds[(int)(milliseconds.Count * 0.95)],8:0.00} ms"));
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}

using System.Diagnostics;
using System.Globalization;
using CodexWeb.Agent.Sandboxes;

/// <summary>What the sandbox costs: starting one, and a command through it against the same command bare, by turns in one run.</summary>
internal static class SandboxBenchmark
{
    private const int Rounds = 200;
    private const int Starts = 30;
    private const double MegabytesOfOutput = 200;

    internal static async Task RunAsync()
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
            foreach (var script in (string[])["true", "git --version", "ls -la /usr/bin | wc -l"])
            {
                await CompareAsync(runner, sandbox, script);
            }

            await MeasureOutputAsync(sandbox);
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

    private static async Task CompareAsync(ProcessRunner runner, ISandbox sandbox, string script)
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
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  the sandbox adds {Median(inside) - Median(bare):+0.00;-0.00} ms at the median"));
    }

    private static async Task MeasureOutputAsync(ISandbox sandbox)
    {
        var before = Stopwatch.GetTimestamp();
        var total = await RunAsync(sandbox, string.Create(CultureInfo.InvariantCulture, $"head -c {MegabytesOfOutput * 1e6} /dev/zero"));
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

    private static double Median(List<double> sorted) => sorted.Order().ElementAt(sorted.Count / 2);
}

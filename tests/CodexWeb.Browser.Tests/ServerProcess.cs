using System.Collections.Concurrent;
using System.Diagnostics;

namespace CodexWeb.Browser.Tests;

/// <summary>The built program in a process of its own on a free loopback port.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private const string Ready = "CodexWeb is ready at ";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource<Uri> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Address { get; private set; } = null!;

    public int Id => _process.Id;

    /// <summary>What the server has written so far, for a test that fails.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts a server with a demo model that makes no pauses, and waits until it listens.</summary>
    /// <param name="port">0 for a free one.</param>
    public static async Task<ServerProcess> StartAsync(DataFolder folder, int port, params string[] settings)
    {
        var server = new ServerProcess(Launch(["--urls", $"http://127.0.0.1:{port}", $"--Data:Directory={folder.Below("data")}", "--Demo:Pace=0", .. settings]));
        try
        {
            server.Address = await server._ready.Task.WaitAsync(Patience);
            return server;
        }
        catch (Exception exception)
        {
            await server.DisposeAsync();
            throw new InvalidOperationException($"The server did not get ready:\n{server.Output}", exception);
        }
    }

    /// <summary>Runs a command of the program to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string input, params string[] arguments)
    {
        using var process = Launch(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(new CancellationTokenSource(Patience).Token);
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Ends the server at once, as a power cut would (SIGKILL to it alone).</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks the server to end (SIGTERM) and waits until it has.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]) { UseShellExecute = false })!;
        await kill.WaitForExitAsync();
        await _process.WaitForExitAsync(new CancellationTokenSource(Patience).Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        // For whoever has to find out why a test failed.
        await File.AppendAllTextAsync(Path.Combine(AppContext.BaseDirectory, "server.log"), Output + "\n");
        _process.Dispose();
    }

    // The environment is left as it is but for what would change the product: a key makes another model the default.
    private static Process Launch(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "CodexWeb.dll"), .. arguments])
        {
            UseShellExecute = false,
            WorkingDirectory = Path.GetTempPath(),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment.Remove("OPENAI_API_KEY");
        start.Environment.Remove("OPENAI_BASE_URL");
        return Process.Start(start)!;
    }

    private void Note(string? line)
    {
        if (line is null)
        {
            _ready.TrySetException(new InvalidOperationException("The server ended."));
            return;
        }

        _output.Enqueue(line);
        if (line.StartsWith(Ready, StringComparison.Ordinal))
        {
            _ready.TrySetResult(new Uri(line[Ready.Length..].Split(' ')[0]));
        }
    }
}

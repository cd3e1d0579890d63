using System.Globalization;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Tools.Mcp;

/// <summary>An MCP server that runs as a program inside the sandbox, with its standard error kept apart from the protocol.</summary>
internal sealed class SandboxedServer : IAsyncDisposable
{
    private const string Prefix = "CODEXWEB_MCP_";
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(100);
    private static readonly string LaunchScript = EmbeddedText.Read("Tools.Mcp.Launch.sh");
    private static readonly string ErrorsScript = EmbeddedText.Read("Tools.Mcp.Errors.sh");

    private readonly Lock _gate = new();
    private readonly HeadTailBuffer _tail = new(McpLimits.ErrorBytes);
    private readonly SandboxProcess _process;
    private readonly SandboxProcess _errors;
    private readonly ServerOutput _output;
    private readonly TimeProvider _time;
    private readonly Task _drained;

    private SandboxedServer(SandboxProcess process, SandboxProcess errors, TimeProvider time)
    {
        (_process, _errors, _time) = (process, errors, time);
        Input = new ServerInput(process);
        _output = new ServerOutput(process, McpLimits.MessageBytes);
        _drained = DrainAsync(errors);
    }

    /// <summary>What is written here reaches the program.</summary>
    public Stream Input { get; }

    /// <summary>What the program says.</summary>
    public Stream Output => _output;

    /// <summary>True when it has ended.</summary>
    public bool Ended => _process.Exit.IsCompleted || _output.TooLong;

    /// <summary>Starts it.</summary>
    /// <exception cref="SandboxException">The sandbox could not start it.</exception>
    public static async Task<SandboxedServer> StartAsync(ISandbox sandbox, McpServerSpec server, TimeProvider time, CancellationToken cancellationToken)
    {
        var fifo = $"/tmp/.codexweb-mcp-{Guid.NewGuid():N}";
        var errors = await sandbox.StartAsync(
            new SandboxCommand { Script = ErrorsScript, Environment = new Dictionary<string, string>(StringComparer.Ordinal) { [Prefix + "ERRORS"] = fifo } }, cancellationToken);
        try
        {
            // Its first line says that the FIFO is there.
            if (!await errors.Output.WaitToReadAsync(cancellationToken) || !errors.Output.TryRead(out _) || errors.Exit.IsCompleted)
            {
                throw new SandboxException("The sandbox has no room for the server's error output; its /tmp may be full.");
            }

            var process = await sandbox.StartAsync(new SandboxCommand { Script = LaunchScript, KeepInput = true, Environment = Variables(server, fifo) }, cancellationToken);
            return new SandboxedServer(process, errors, time);
        }
        catch
        {
            await errors.SignalAsync(Libc.SigKill, CancellationToken.None);
            throw;
        }
    }

    /// <summary>How it ended, when it has, and the last it wrote to standard error.</summary>
    /// <param name="wait">How long its end may still take.</param>
    public async Task<(string? End, string Said)> LastWordsAsync(TimeSpan wait)
    {
        await Task.WhenAny(_process.Exit, Task.Delay(wait, _time));
        if (_process.Exit.IsCompleted)
        {
            await Task.WhenAny(_drained, Task.Delay(Grace, _time));
        }

        return (End(), Said());
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.SignalAsync(15, CancellationToken.None);
        await Task.WhenAny(_process.Exit, Task.Delay(Grace, _time));
        await _process.SignalAsync(Libc.SigKill, CancellationToken.None);
        await _errors.SignalAsync(Libc.SigKill, CancellationToken.None);
        await Task.WhenAny(Task.WhenAll(_process.Exit, _drained), Task.Delay(Grace, _time));
    }

    private string? End() => _output.TooLong
        ? string.Create(CultureInfo.InvariantCulture, $"It sent a message of more than {McpLimits.MessageBytes >> 20} MiB.")
        : !_process.Exit.IsCompletedSuccessfully ? null
        : _process.Exit.Result switch
        {
            { Code: 127 } => "It ended with exit code 127: there is no such program in the sandbox.",
            { Code: { } code } exit => string.Create(CultureInfo.InvariantCulture, $"It ended with exit code {code}.{(exit.Reason is null ? "" : " " + exit.Reason)}"),
            { Signal: { } signal } exit => exit.Reason ?? string.Create(CultureInfo.InvariantCulture, $"It was ended by signal {signal}."),
            var exit => exit.Reason ?? "It ended.",
        };

    private string Said()
    {
        lock (_gate)
        {
            return _tail.ToString().Trim();
        }
    }

    private async Task DrainAsync(SandboxProcess errors)
    {
        await foreach (var bytes in errors.Output.ReadAllAsync())
        {
            lock (_gate)
            {
                _tail.Append(bytes.Span);
            }
        }
    }

    // Ours come last: a variable of the environment cannot take their place.
    private static Dictionary<string, string> Variables(McpServerSpec server, string fifo)
    {
        string[] words = [server.Command!, .. server.Arguments];
        var variables = new Dictionary<string, string>(server.Variables, StringComparer.Ordinal)
        {
            [Prefix + "ERRORS"] = fifo,
            [Prefix + "COUNT"] = words.Length.ToString(CultureInfo.InvariantCulture),
        };
        for (var word = 0; word < words.Length; word++)
        {
            variables[Prefix + word.ToString(CultureInfo.InvariantCulture)] = words[word];
        }

        return variables;
    }
}

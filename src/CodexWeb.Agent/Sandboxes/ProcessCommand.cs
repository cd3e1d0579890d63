namespace CodexWeb.Agent.Sandboxes;

/// <summary>A program of the host to run, with everything it gets: nothing is inherited from the server but its limits and its umask.</summary>
public sealed record ProcessCommand
{
    /// <summary>An absolute path, or a name looked up in the system's program folders (<see cref="HostPrograms"/>).</summary>
    public required string FileName { get; init; }

    /// <summary>The arguments, each as it is; data from outside belongs after <c>--</c>.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Default: the root folder.</summary>
    public string WorkingDirectory { get; init; } = "/";

    /// <summary>The whole environment. Default: none at all.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Written to standard input, which is then closed. Default: nothing. Not used by <see cref="ProcessRunner.Start"/>.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>Wall time until the process and its children are killed. Default: 60 s. Not used by <see cref="ProcessRunner.Start"/>.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Standard output beyond this many bytes kills the process. Default: 16 MiB. Not used by <see cref="ProcessRunner.Start"/>.</summary>
    public long MaxOutputBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>The account to become first, which matters only where it <see cref="HostAccount.DropsFromRoot"/>. Null: the server's own.</summary>
    public HostAccount? Account { get; init; }
}

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">0 to 255; 128 + the signal's number when a signal ended it.</param>
/// <param name="Output">Standard output; empty when it was streamed.</param>
/// <param name="Error">Standard error as text, its last 64 KiB.</param>
/// <param name="OutputCut">True when the output passed <see cref="ProcessCommand.MaxOutputBytes"/> and the program was killed for it.</param>
public sealed record ProcessResult(int ExitCode, ReadOnlyMemory<byte> Output, string Error, bool OutputCut);

/// <summary>A program could not be started or did not end in time; the message is for people.</summary>
public sealed class ProcessException(string message, Exception? inner = null) : Exception(message, inner);

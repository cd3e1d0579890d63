using System.Text;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Workspaces;

/// <summary>
/// Runs the Git command line on folders that the server alone writes. No configuration of the machine or of a user is read, no hook runs, nothing is asked.
/// It never runs in, or on, a folder that an agent wrote to.
/// </summary>
public sealed class Git(ProcessRunner runner)
{
    // Command-line settings win over those of any repository. https://git-scm.com/docs/git-config
    private static readonly string[] Settings =
    [
        "core.hooksPath=/dev/null",
        "core.fsmonitor=false",
        "core.attributesFile=/dev/null",
        "core.excludesFile=/dev/null",
        "core.pager=cat",
        "protocol.ext.allow=never",
        "credential.helper=",
        "submodule.recurse=false",
        "fetch.recurseSubmodules=false",
        "gc.auto=0",
        "maintenance.auto=false",
        "http.lowSpeedLimit=1000",
        "http.lowSpeedTime=60",
    ];

    private static readonly Dictionary<string, string> BaseEnvironment = new(StringComparer.Ordinal)
    {
        ["PATH"] = HostPrograms.SearchPath,
        ["HOME"] = "/nonexistent",
        ["LC_ALL"] = "C",
        ["GIT_CONFIG_NOSYSTEM"] = "1",
        ["GIT_CONFIG_GLOBAL"] = "/dev/null",
        ["GIT_ATTR_NOSYSTEM"] = "1",
        ["GIT_TERMINAL_PROMPT"] = "0",
        ["GIT_ASKPASS"] = "/bin/false",
        ["SSH_ASKPASS"] = "/bin/false",
        ["GIT_SSH_COMMAND"] = "ssh -oBatchMode=yes -oConnectTimeout=20",
        ["GIT_NO_REPLACE_OBJECTS"] = "1",
        ["GIT_NO_LAZY_FETCH"] = "1",
        ["GIT_LITERAL_PATHSPECS"] = "1",
        ["GIT_OPTIONAL_LOCKS"] = "0",
        // No protocol has this name, so that only a command which names the ones it needs reaches anything.
        ["GIT_ALLOW_PROTOCOL"] = "none",
    };

    /// <summary>Runs a command to its end, whatever its exit code.</summary>
    /// <exception cref="ProcessException">Git is not installed, or did not end in time.</exception>
    internal Task<ProcessResult> RunAsync(GitCommand command, CancellationToken cancellationToken)
        => runner.RunAsync(ToProcess(command), cancellationToken);

    /// <summary>Runs a command whose failure is not expected.</summary>
    /// <returns>Its standard output.</returns>
    /// <exception cref="GitException">It failed.</exception>
    internal async Task<ReadOnlyMemory<byte>> OutputAsync(GitCommand command, CancellationToken cancellationToken)
    {
        var result = await RunAsync(command, cancellationToken);
        return result.ExitCode == 0 ? result.Output : throw Failure(command, result.ExitCode, result.Error);
    }

    /// <summary>Like <see cref="OutputAsync"/>, as text without the line end.</summary>
    /// <exception cref="GitException">It failed.</exception>
    internal async Task<string> TextAsync(GitCommand command, CancellationToken cancellationToken)
        => Encoding.UTF8.GetString((await OutputAsync(command, cancellationToken)).Span).TrimEnd('\n');

    /// <summary>Runs a command and writes its output to a stream as it comes.</summary>
    /// <exception cref="GitException">It failed; part of the output may have been written.</exception>
    internal async Task WriteAsync(GitCommand command, Stream output, CancellationToken cancellationToken)
    {
        var result = await runner.RunAsync(ToProcess(command), chunk => output.WriteAsync(chunk, cancellationToken), cancellationToken);
        if (result.ExitCode != 0)
        {
            throw Failure(command, result.ExitCode, result.Error);
        }
    }

    /// <summary>Runs a command and gives it input as that comes.</summary>
    /// <exception cref="GitException">It failed.</exception>
    internal async Task FeedAsync(GitCommand command, IAsyncEnumerable<ReadOnlyMemory<byte>> input, CancellationToken cancellationToken)
    {
        await using var process = runner.Start(ToProcess(command));
        var error = ReadAsync(process.Error, cancellationToken);
        var output = ReadAsync(process.Output, cancellationToken);
        await CopyAsync(input, process.Input, cancellationToken);
        await output;
        var exitCode = await process.Exit.WaitAsync(cancellationToken);
        if (exitCode != 0)
        {
            throw Failure(command, exitCode, await error);
        }
    }

    private static async Task CopyAsync(IAsyncEnumerable<ReadOnlyMemory<byte>> input, Stream stream, CancellationToken cancellationToken)
    {
        try
        {
            await using (stream)
            {
                await foreach (var chunk in input.WithCancellation(cancellationToken))
                {
                    await stream.WriteAsync(chunk, cancellationToken);
                }
            }
        }
        catch (IOException)
        {
            // Git ended without wanting all of it; its exit code says why.
        }
    }

    /// <summary>Reads to the end and keeps the first 16 KiB.</summary>
    private static async Task<string> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var kept = new byte[16 * 1024];
        var scratch = new byte[4096];
        var length = 0;
        int count;
        while ((count = await stream.ReadAsync(scratch, cancellationToken)) > 0)
        {
            var take = Math.Min(count, kept.Length - length);
            scratch.AsSpan(0, take).CopyTo(kept.AsSpan(length));
            length += take;
        }

        return Encoding.UTF8.GetString(kept, 0, length);
    }

    private static GitException Failure(GitCommand command, int exitCode, string error) => new(command.Arguments[0], exitCode, error);

    private static ProcessCommand ToProcess(GitCommand command)
    {
        List<string> arguments = [];
        foreach (var setting in (IEnumerable<string>)[.. Settings, .. command.Settings])
        {
            arguments.Add("-c");
            arguments.Add(setting);
        }

        if (command.Directory is not null)
        {
            arguments.Add("--git-dir");
            arguments.Add(command.Directory);
        }

        arguments.AddRange(command.Arguments);
        var environment = new Dictionary<string, string>(BaseEnvironment, StringComparer.Ordinal);
        foreach (var (name, value) in command.Environment)
        {
            environment[name] = value;
        }

        return new ProcessCommand
        {
            FileName = "git",
            Arguments = arguments,
            Environment = environment,
            Input = command.Input,
            Timeout = command.Timeout,
            MaxOutputBytes = command.MaxOutputBytes,
            Account = command.Account,
        };
    }
}

/// <summary>One Git command.</summary>
/// <param name="Directory">The Git folder, which the server alone writes; null for a command that needs none.</param>
/// <param name="Arguments">The subcommand and what follows; data from outside comes after <c>--</c> or <c>--end-of-options</c>.</param>
internal sealed record GitCommand(string? Directory, params IReadOnlyList<string> Arguments)
{
    /// <summary>As <c>name=value</c>, after those that every command gets and which they win over.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Added to the closed environment every command gets.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Standard input.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>Default: 60 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Default: 64 MiB.</summary>
    public long MaxOutputBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>The account to become; null: the server's own.</summary>
    public HostAccount? Account { get; init; }
}

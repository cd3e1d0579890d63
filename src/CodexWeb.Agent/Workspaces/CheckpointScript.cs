using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Workspaces;

/// <summary>
/// One run of <c>checkpoint.sh</c> inside a sandbox. Everything it says comes from where the agent rules, so it is read as data of limited size and believed only after Git has checked it.
/// </summary>
internal sealed class CheckpointScript : IAsyncDisposable
{
    internal const long MaxPackBytes = 512L * 1024 * 1024;

    private const int MaxLine = 100;
    private const int MaxSkippedBytes = 64 * 1024;
    private const int KillSignal = 9;

    private static readonly string Text = ReadText();

    private readonly SandboxProcess process;
    private readonly ChannelReader<ReadOnlyMemory<byte>> output;
    private ReadOnlyMemory<byte> rest;

    private CheckpointScript(SandboxProcess process)
    {
        this.process = process;
        output = process.Output;
    }

    /// <summary>The workspace's tree; null when it is still the one given.</summary>
    internal string? Tree { get; private set; }

    /// <summary>What is not part of the tree, as pairs of a kind and a path or message.</summary>
    internal IReadOnlyList<(string Kind, string Text)> Skipped { get; private set; } = [];

    /// <summary>Starts the script and reads all but the pack.</summary>
    /// <param name="lastTree">The tree of the last recorded checkpoint, or of the base.</param>
    /// <param name="afresh">True to distrust what an earlier run left in the sandbox.</param>
    /// <exception cref="WorkspaceException">It failed inside the sandbox.</exception>
    internal static async Task<CheckpointScript> StartAsync(ISandbox sandbox, string lastTree, bool afresh, CancellationToken cancellationToken)
    {
        var command = new SandboxCommand
        {
            Script = Text,
            Environment = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["PATH"] = HostPrograms.SearchPath,
                ["CODEXWEB_LAST_TREE"] = lastTree,
                ["CODEXWEB_RESET"] = afresh ? "1" : "0",
            },
        };
        var script = new CheckpointScript(await sandbox.StartAsync(command, cancellationToken));
        try
        {
            await script.ReadHeaderAsync(cancellationToken);
            return script;
        }
        catch (Exception)
        {
            await script.DisposeAsync();
            throw;
        }
    }

    /// <summary>The pack, empty when there is none.</summary>
    /// <exception cref="WorkspaceException">It is larger than 512 MiB, or the script failed.</exception>
    internal async IAsyncEnumerable<ReadOnlyMemory<byte>> PackAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var total = 0L;
        do
        {
            total += rest.Length;
            if (total > MaxPackBytes)
            {
                throw new WorkspaceException("The changes are larger than 512 MiB and cannot be recorded. Let the agent delete what it generated, or ignore it with .gitignore.");
            }

            if (!rest.IsEmpty)
            {
                yield return rest;
            }
        }
        while (await FillAsync(cancellationToken));

        var exit = await process.Exit.WaitAsync(cancellationToken);
        if (exit.Code != 0)
        {
            throw Failure(exit, "");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.Exit.IsCompleted)
        {
            await process.SignalAsync(KillSignal, CancellationToken.None);
        }
    }

    private async Task ReadHeaderAsync(CancellationToken cancellationToken)
    {
        var first = await ReadLineAsync(cancellationToken);
        var length = await ReadLineAsync(cancellationToken);
        if (!int.TryParse(length.Trim(), CultureInfo.InvariantCulture, out var bytes) || bytes < 0)
        {
            throw Failure(await process.Exit.WaitAsync(cancellationToken), first + " " + length);
        }

        Skipped = ParseSkipped(await ReadBytesAsync(bytes, cancellationToken));
        Tree = first switch
        {
            "same" => null,
            _ when first.StartsWith("tree ", StringComparison.Ordinal) && Commits.IsHash(first[5..]) => first[5..],
            _ => throw new WorkspaceException($"The files in the sandbox could not be listed: {first}"),
        };
    }

    private static List<(string Kind, string Text)> ParseSkipped(ReadOnlyMemory<byte> bytes)
        => Encoding.UTF8.GetString(bytes.Span)
            .Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(entry => entry.Split('\t', 2))
            .Where(parts => parts.Length == 2)
            .Select(parts => (parts[0], parts[1]))
            .ToList();

    private static WorkspaceException Failure(SandboxExit exit, string said)
        => new($"The files in the sandbox could not be listed. {exit.Reason ?? $"Exit code {exit.Code?.ToString(CultureInfo.InvariantCulture) ?? "none"}."} {GitMessage.Shorten(said)}");

    /// <summary>A line without its end; what there was when the output ended before it, or after 100 bytes.</summary>
    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = new List<byte>();
        while (line.Count < MaxLine && (!rest.IsEmpty || await FillAsync(cancellationToken)))
        {
            if (rest.IsEmpty)
            {
                continue;
            }

            var value = rest.Span[0];
            rest = rest[1..];
            if (value == '\n')
            {
                break;
            }

            line.Add(value);
        }

        return Encoding.UTF8.GetString(line.ToArray());
    }

    /// <summary>Reads so many bytes and keeps the first 64 KiB.</summary>
    private async Task<ReadOnlyMemory<byte>> ReadBytesAsync(int count, CancellationToken cancellationToken)
    {
        using var kept = new MemoryStream();
        while (count > 0 && (!rest.IsEmpty || await FillAsync(cancellationToken)))
        {
            var take = rest[..Math.Min(count, rest.Length)];
            kept.Write(take.Span[..(int)Math.Min(take.Length, MaxSkippedBytes - kept.Length)]);
            rest = rest[take.Length..];
            count -= take.Length;
        }

        return kept.ToArray();
    }

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        while (await output.WaitToReadAsync(cancellationToken))
        {
            if (output.TryRead(out rest))
            {
                return true;
            }
        }

        rest = ReadOnlyMemory<byte>.Empty;
        return false;
    }

    private static string ReadText()
    {
        using var stream = typeof(CheckpointScript).Assembly.GetManifestResourceStream("CodexWeb.Agent.Workspaces.checkpoint.sh")
            ?? throw new InvalidOperationException("checkpoint.sh is not in the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}

using System.Globalization;
using System.Text;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Workspaces;

/// <summary>Applies a patch to a workspace from inside its sandbox, all or nothing.</summary>
public static class SandboxPatch
{
    private const int MostSaid = 16 * 1024;
    private const int KillSignal = 9;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private static readonly string Script = EmbeddedText.Read("Workspaces.apply-patch.sh");

    /// <summary>Applies it. A patch whose effect is there already counts as applied, so that a turn which broke off can be run again.</summary>
    /// <param name="patch">Git's format.</param>
    /// <exception cref="SandboxException">The sandbox has ended.</exception>
    /// <exception cref="WorkspaceException">It could not be tried at all, or took longer than two minutes.</exception>
    public static async Task<PatchOutcome> ApplyAsync(ISandbox sandbox, ReadOnlyMemory<byte> patch, PatchDirection direction, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sandbox);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Deadline);
        var process = await sandbox.StartAsync(
            new SandboxCommand
            {
                Script = Script,
                KeepInput = true,
                Environment = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["PATH"] = HostPrograms.SearchPath,
                    ["CODEXWEB_PATCH_BYTES"] = patch.Length.ToString(CultureInfo.InvariantCulture),
                    ["CODEXWEB_REVERSE"] = direction is PatchDirection.Reverse ? "1" : "0",
                },
            },
            deadline.Token);
        try
        {
            await process.WriteAsync(patch, deadline.Token);
            var said = await ReadAsync(process, deadline.Token);
            var exit = await process.Exit.WaitAsync(deadline.Token);
            var first = said.Split('\n', 2);
            return (exit.Code, first[0]) switch
            {
                (0, "applied" or "there") => new PatchOutcome([]),
                (0, "refused") => new PatchOutcome(PatchConflicts.Read(first.Length > 1 ? first[1] : "")),
                _ => throw new WorkspaceException($"The hunks could not be applied in the sandbox. {exit.Reason} {GitMessage.Shorten(said)}"),
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WorkspaceException("Applying the hunks took longer than two minutes and was given up. Look at the diff for what was changed.");
        }
        finally
        {
            if (!process.Exit.IsCompleted)
            {
                await process.SignalAsync(KillSignal, CancellationToken.None);
            }
        }
    }

    // What it says comes from where the agent rules: it is read as text of limited size.
    private static async Task<string> ReadAsync(SandboxProcess process, CancellationToken cancellationToken)
    {
        using var said = new MemoryStream();
        await foreach (var chunk in process.Output.ReadAllAsync(cancellationToken))
        {
            said.Write(chunk.Span[..(int)Math.Min(chunk.Length, MostSaid - said.Length)]);
        }

        return Encoding.UTF8.GetString(said.GetBuffer(), 0, (int)said.Length);
    }
}

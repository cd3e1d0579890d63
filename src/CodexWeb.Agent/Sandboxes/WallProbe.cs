using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CodexWeb.Agent.Sandboxes;

/// <summary>Tries a sandbox's walls from inside it.</summary>
internal static class WallProbe
{
    private const int MaxOutput = 64 * 1024;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    // What the probe is given and what bash adds.
    private static readonly string[] KnownVariables = ["DATA_FOLDER", "HOST_PORT", "PWD", "OLDPWD", "SHLVL", "_"];

    /// <summary>Tries every wall.</summary>
    /// <exception cref="SandboxException">The sandbox ended or the probe did not come to its end.</exception>
    internal static async Task<IReadOnlyList<SandboxCheck>> RunAsync(ISandbox sandbox, string dataFolder, CancellationToken cancellationToken)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        var process = await sandbox.StartAsync(
            new SandboxCommand
            {
                Script = SandboxScripts.WallProbe,
                Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["DATA_FOLDER"] = dataFolder, ["HOST_PORT"] = port },
            },
            cancellationToken);
        var answers = (await ReadAsync(process, cancellationToken))
            .Split('\n')
            .Select(line => line.Split('=', 2))
            .Where(parts => parts.Length == 2)
            .ToLookup(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
        return
        [
            Check(answers, "files", "Host files", "Only programs and single settings are seen, none can be written."),
            Check(answers, "workspace", "Workspace", "It can be written."),
            Check(answers, "kernel", "Kernel settings", "/proc/sys cannot be written."),
            Check(answers, "network", "Network", "There is none, and the host's ports are out of reach."),
            Check(answers, "processes", "Host processes", "None is seen, and the supervisor cannot be looked into."),
            CheckEnvironment(answers["variable"]),
            Check(answers, "calls", "System calls", "A filter is active, and namespaces cannot be nested."),
            Check(answers, "privileges", "Privileges", "None, and none can be gained."),
        ];
    }

    private static SandboxCheck Check(ILookup<string, string> answers, string wall, string name, string held)
    {
        var answer = answers[wall].FirstOrDefault() ?? "the probe did not get that far";
        return answer == "ok"
            ? new SandboxCheck(name, Passed: true, held)
            : new SandboxCheck(name, Passed: false, $"The wall does not hold: {answer}.", "Do not run tasks here. Update bubblewrap and the kernel, and run the check again.");
    }

    private static SandboxCheck CheckEnvironment(IEnumerable<string> variables)
    {
        var own = SandboxEnvironment.Build(new Dictionary<string, string>(StringComparer.Ordinal)).Keys;
        var found = variables.ToList();
        var foreign = found.Except(own.Concat(KnownVariables), StringComparer.Ordinal).ToList();
        return (found.Count, foreign.Count) switch
        {
            (0, _) => new SandboxCheck("Environment", Passed: false, "The probe did not get that far.", "Run the check again."),
            (_, 0) => new SandboxCheck("Environment", Passed: true, "No variable of the server is in it."),
            _ => new SandboxCheck("Environment", Passed: false, $"It has variables it should not have: {string.Join(", ", foreign)}.", "Do not run tasks here, and report this."),
        };
    }

    private static async Task<string> ReadAsync(SandboxProcess process, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Timeout);
        using var kept = new MemoryStream();
        try
        {
            await foreach (var chunk in process.Output.ReadAllAsync(deadline.Token))
            {
                if (kept.Length + chunk.Length > MaxOutput)
                {
                    throw new SandboxException("The probe inside the sandbox said more than it has to say.");
                }

                kept.Write(chunk.Span);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SandboxException("The probe inside the sandbox did not come to its end.");
        }

        return Encoding.UTF8.GetString(kept.GetBuffer(), 0, (int)kept.Length);
    }
}

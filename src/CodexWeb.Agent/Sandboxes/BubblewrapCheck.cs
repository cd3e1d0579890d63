using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using CodexWeb.Agent.Workspaces;

namespace CodexWeb.Agent.Sandboxes;

/// <summary>Finds out whether bubblewrap sandboxes can be had on this machine, from the tools to the walls.</summary>
internal sealed class BubblewrapCheck(BubblewrapDriver driver, ProcessRunner processes, HostAccount account, string workspacesFolder, string dataFolder)
{
    private static readonly Version OldestBubblewrap = new(0, 8);

    private static readonly (string Program, string Package)[] Tools =
        [("bwrap", "bubblewrap"), ("perl", "perl-base"), ("bash", "bash"), ("unshare", "util-linux"), ("setpriv", "util-linux"), ("setsid", "util-linux"), ("mount", "mount")];

    /// <summary>Looks at one thing after the other; what builds on a failed one is not tried.</summary>
    internal async Task<SandboxReport> RunAsync(string? memoryLimit, CancellationToken cancellationToken)
    {
        List<SandboxCheck> checks = [CheckAccount()];
        if (await TryNextAsync(checks, () => CheckToolsAsync(cancellationToken))
            && await TryNextAsync(checks, () => CheckNamespacesAsync(cancellationToken))
            && await TryNextAsync(checks, () => Task.FromResult(CheckDataFolder())))
        {
            checks.AddRange(await CheckWallsAsync(cancellationToken));
        }

        checks.Add(CheckMemory(memoryLimit));
        return new SandboxReport(checks);
    }

    private static async Task<bool> TryNextAsync(List<SandboxCheck> checks, Func<Task<SandboxCheck>> next)
    {
        var check = await next();
        checks.Add(check);
        return check.Passed;
    }

    private static SandboxCheck CheckMemory(string? memoryLimit) => memoryLimit is not null
        ? new SandboxCheck("Memory limit", Passed: true, $"The kernel holds it ({memoryLimit}), and the supervisor watches it.", Required: false)
        : new SandboxCheck(
            "Memory limit",
            Passed: false,
            "The supervisor watches it four times a second; the kernel holds it for single processes only, because this server may make no control groups.",
            "To have the kernel hold it, run the server as a systemd service with Delegate=yes.",
            Required: false);

    private SandboxCheck CheckAccount() => new(
        "Account",
        Passed: true,
        account.DropsFromRoot
            ? string.Create(CultureInfo.InvariantCulture, $"The server is root; sandboxes run as user {account.UserId}, which has no rights.")
            : string.Create(CultureInfo.InvariantCulture, $"Sandboxes run as the server's own user {account.UserId}, which is not root."));

    private async Task<SandboxCheck> CheckToolsAsync(CancellationToken cancellationToken)
    {
        var missing = Tools.Where(tool => HostPrograms.Find(tool.Program) is null).ToList();
        if (missing.Count > 0)
        {
            return new SandboxCheck(
                "Programs",
                Passed: false,
                $"Not installed: {string.Join(", ", missing.Select(tool => tool.Program))}.",
                $"sudo apt-get install {string.Join(' ', missing.Select(tool => tool.Package).Distinct(StringComparer.Ordinal))}");
        }

        if (SeccompFilter.Build(RuntimeInformation.ProcessArchitecture) is null)
        {
            return new SandboxCheck("Programs", Passed: false, $"There is no system call filter for {RuntimeInformation.ProcessArchitecture}.", "Use a machine with x86-64 or 64-bit ARM.");
        }

        var said = await RunAsync("bwrap", ["--version"], cancellationToken);
        var text = Encoding.UTF8.GetString(said.Output.Span).Trim();
        return Version.TryParse(text.Split(' ')[^1], out var version) && version >= OldestBubblewrap
            ? new SandboxCheck("Programs", Passed: true, $"{text}, Perl and the tools of util-linux are there.")
            : new SandboxCheck("Programs", Passed: false, $"bubblewrap {OldestBubblewrap} or newer is needed; this is \"{text}\".", "Install a newer bubblewrap, as Debian 12 and Ubuntu 24.04 have it.");
    }

    private async Task<SandboxCheck> CheckNamespacesAsync(CancellationToken cancellationToken)
    {
        var tried = await RunAsync("unshare", ["--user", "--map-root-user", "--mount", "--", "/bin/true"], cancellationToken);
        if (tried.ExitCode == 0)
        {
            return new SandboxCheck("User namespaces", Passed: true, "An ordinary account may make them.");
        }

        var fix = (ReadSetting("kernel/apparmor_restrict_unprivileged_userns"), ReadSetting("kernel/unprivileged_userns_clone"), ReadSetting("user/max_user_namespaces")) switch
        {
            ("1", _, _) => "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0 (and put it into a file in /etc/sysctl.d to keep it)",
            (_, "0", _) => "sudo sysctl kernel.unprivileged_userns_clone=1 (and put it into a file in /etc/sysctl.d to keep it)",
            (_, _, "0") => "sudo sysctl user.max_user_namespaces=10000 (and put it into a file in /etc/sysctl.d to keep it)",
            _ => "In a container, allow them: for Docker --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined.",
        };
        return new SandboxCheck("User namespaces", Passed: false, $"An ordinary account may not make them: {SupervisorProtocol.DecodeText(Encoding.UTF8.GetBytes(tried.Error)).Trim()}", fix);
    }

    private SandboxCheck CheckDataFolder()
    {
        if (SharedFolders.Obstacle(dataFolder, account) is { } obstacle)
        {
            return new SandboxCheck("Data folder", Passed: false, obstacle, "Start the server as an ordinary user, or move the data folder.");
        }

        try
        {
            SharedFolders.MakePassable(dataFolder, account);
            SharedFolders.MakePassable(workspacesFolder, account);
            return new SandboxCheck("Data folder", Passed: true, $"Workspaces lie in {workspacesFolder}.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new SandboxCheck("Data folder", Passed: false, exception.Message, "Give the server a data folder that it may write.");
        }
    }

    private async Task<IReadOnlyList<SandboxCheck>> CheckWallsAsync(CancellationToken cancellationToken)
    {
        var folder = Path.Combine(workspacesFolder, "check-" + Guid.NewGuid().ToString("N"));
        string[] places = [Path.Combine(folder, "lower"), Path.Combine(folder, "upper"), Path.Combine(folder, "work"), Path.Combine(folder, "plain")];
        try
        {
            foreach (var place in (string[])[folder, .. places])
            {
                account.MakeFolder(place);
            }

            var walls = await ProbeAsync(new WorkspaceMount.Folder(places[3]), cancellationToken);
            return walls.All(wall => wall.Passed)
                ? [.. walls, await CheckOverlayAsync(new WorkspaceMount.Overlay(places[0], places[1], places[2]), cancellationToken)]
                : walls;
        }
        catch (SandboxException exception)
        {
            return [new SandboxCheck("Start", Passed: false, exception.Message, "The message says what failed; a newer kernel or bubblewrap may be needed.")];
        }
        finally
        {
            // As the account: the overlay's work folder belongs to it and lets nobody in.
            await RunAsync("chmod", ["-R", "u+rwX", "--", folder], cancellationToken);
            await RunAsync("rm", ["-rf", "--", folder], cancellationToken);
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private async Task<IReadOnlyList<SandboxCheck>> ProbeAsync(WorkspaceMount workspace, CancellationToken cancellationToken)
    {
        await using var sandbox = await driver.StartAsync(new SandboxSpec { Workspace = workspace }, cancellationToken);
        return await WallProbe.RunAsync(sandbox, dataFolder, cancellationToken);
    }

    private async Task<SandboxCheck> CheckOverlayAsync(WorkspaceMount.Overlay workspace, CancellationToken cancellationToken)
    {
        string problem;
        try
        {
            var walls = await ProbeAsync(workspace, cancellationToken);
            if (walls.All(wall => wall.Passed) && File.Exists(Path.Combine(workspace.Upper, "probe")) && !File.Exists(Path.Combine(workspace.Lower, "probe")))
            {
                return new SandboxCheck(SandboxReport.CopyOnWriteCheck, Passed: true, "Attempts share one checkout, each with a layer of its own.", Required: false);
            }

            problem = walls.FirstOrDefault(wall => !wall.Passed)?.Detail ?? "a write did not land in the layer";
        }
        catch (SandboxException exception)
        {
            problem = exception.Message;
        }

        return new SandboxCheck(
            SandboxReport.CopyOnWriteCheck,
            Passed: false,
            $"Every attempt gets a copy of the checkout, which is slower to make: {problem}",
            "Linux 5.11 or newer is needed, and a data folder on a file system that overlays can be written to (ext4, xfs, btrfs; not NFS).",
            Required: false);
    }

    private static string? ReadSetting(string name)
    {
        var path = "/proc/sys/" + name;
        return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
    }

    private Task<ProcessResult> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
        => processes.RunAsync(new ProcessCommand { FileName = program, Arguments = arguments, Account = account, Timeout = TimeSpan.FromSeconds(20) }, cancellationToken);
}

using System.Globalization;
using System.Runtime.InteropServices;

namespace CodexWeb.Agent.Sandboxes;

/// <summary>
/// Makes sandboxes with bubblewrap and no privilege at all: an unprivileged account, namespaces, an overlay for the workspace, a seccomp filter, limits,
/// and a supervisor inside that runs many commands in one sandbox.
/// </summary>
public sealed class BubblewrapDriver : ISandboxDriver
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    private readonly ProcessRunner processes;
    private readonly HostAccount account;
    private readonly string workspacesFolder;
    private readonly string dataFolder;
    private readonly string[] hiddenFolders;
    private readonly string? filter;
    private readonly MemoryCgroups? cgroups;

    /// <summary>Makes a driver; nothing is started yet.</summary>
    /// <param name="account">Owns the workspaces and runs every sandbox; never root.</param>
    /// <param name="workspacesFolder">Where workspaces lie; <see cref="CheckAsync"/> tries it.</param>
    /// <param name="dataFolder">The server's data, which no sandbox sees.</param>
    /// <exception cref="ArgumentException">The account is root.</exception>
    public BubblewrapDriver(ProcessRunner processes, HostAccount account, string workspacesFolder, string dataFolder)
    {
        if (account.UserId == 0)
        {
            throw new ArgumentException("A sandbox must not run as root.", nameof(account));
        }

        this.processes = processes;
        this.account = account;
        this.workspacesFolder = workspacesFolder;
        this.dataFolder = Path.GetFullPath(dataFolder);
        hiddenFolders = [this.dataFolder, Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)];
        filter = SeccompFilter.Build(RuntimeInformation.ProcessArchitecture) is { } program
            ? string.Concat(program.Select(value => "\\" + Convert.ToString(value, 8).PadLeft(3, '0')))
            : null;
        cgroups = MemoryCgroups.Detect("/sys/fs/cgroup", File.ReadLines("/proc/self/cgroup"), Environment.ProcessId);
        cgroups?.Sweep();
    }

    public string Name => "bubblewrap";

    public Task<SandboxReport> CheckAsync(CancellationToken cancellationToken)
        => new BubblewrapCheck(this, processes, account, workspacesFolder, dataFolder).RunAsync(cgroups?.Description, cancellationToken);

    public async Task<ISandbox> StartAsync(SandboxSpec spec, CancellationToken cancellationToken)
    {
        var environment = SandboxEnvironment.Build(spec.Environment);
        var sandbox = await LaunchAsync(spec, environment);
        try
        {
            await sandbox.WaitUntilReadyAsync(cancellationToken).WaitAsync(StartTimeout, CancellationToken.None);
            return sandbox;
        }
        catch (Exception exception)
        {
            await sandbox.DisposeAsync();
            if (exception is TimeoutException)
            {
                throw new SandboxException(string.Create(CultureInfo.InvariantCulture, $"The sandbox did not start within {StartTimeout.TotalSeconds} seconds."), exception);
            }

            throw;
        }
    }

    private async Task<SupervisedSandbox> LaunchAsync(SandboxSpec spec, IReadOnlyDictionary<string, string> environment)
    {
        MemoryCgroup? memory = null;
        RunningProcess? process = null;
        try
        {
            memory = spec.Limits.MemoryMiB > 0 ? cgroups?.Create(spec.Limits.MemoryMiB) : null;
            process = processes.Start(BuildCommand(spec, limitEachProcess: memory is null));
            memory?.Add(process.Id);
            return new SupervisedSandbox(process, environment, memory);
        }
        catch (Exception exception)
        {
            if (process is not null)
            {
                await process.DisposeAsync();
            }

            if (memory is not null)
            {
                await memory.RemoveAsync();
            }

            if (exception is ProcessException or IOException or UnauthorizedAccessException)
            {
                throw new SandboxException($"The sandbox could not be started: {exception.Message}", exception);
            }

            throw;
        }
    }

    /// <summary>The program that becomes a sandbox; it waits for a line, then for the supervisor's program.</summary>
    internal ProcessCommand BuildCommand(SandboxSpec spec, bool limitEachProcess)
    {
        var overlay = spec.Workspace as WorkspaceMount.Overlay;
        return new ProcessCommand
        {
            FileName = "unshare",
            Arguments =
            [
                "--user", "--map-root-user", "--mount", "--",
                "/bin/sh", "-c", SandboxScripts.Launcher, "codexweb-launcher",
                overlay?.Lower ?? "", overlay?.Upper ?? "", overlay?.Work ?? "",
                filter ?? throw new SandboxException($"Sandboxes are not supported on {RuntimeInformation.ProcessArchitecture}: there is no system call filter for it."),
                .. BubblewrapArguments.Build(spec, hiddenFolders, limitEachProcess),
            ],
            Account = account,
        };
    }
}

using System.Globalization;

namespace CodexWeb.Agent.Sandboxes;

/// <summary>Builds the part of bwrap's arguments that says what a sandbox sees; <c>Launcher.sh</c> has the part that is the same for all.</summary>
internal static class BubblewrapArguments
{
    private const string Home = "/home/codex";

    private static readonly string[] SystemFolders = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

    // Folders of tools outside /usr.
    private static readonly string[] ToolFolders = ["/opt", "/nix"];

    // What programs read of /etc. Single entries, never the folder: it has shadow, keys, and tokens in the configuration of package tools.
    private static readonly string[] Settings =
    [
        "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "localtime", "timezone", "os-release", "debian_version", "mime.types", "magic", "magic.mime",
        "protocols", "services", "rpc", "host.conf", "gai.conf", "shells", "inputrc", "locale.alias", "terminfo", "fonts",
        "ssl/certs", "ssl/openssl.cnf", "ca-certificates", "ca-certificates.conf", "pki/ca-trust", "pki/tls/certs", "crypto-policies",
        "perl", "dotnet", "maven", "gradle", "R", "texmf", "ImageMagick-6", "ImageMagick-7",
    ];

    private static readonly string[] SettingsPatterns = ["python3*", "java*", "php*"];

    // Windows into the kernel that other sandboxes and containers hide too.
    private static readonly string[] HiddenKernelFiles = ["/proc/kcore", "/proc/keys", "/proc/key-users", "/proc/sysrq-trigger", "/proc/timer_list", "/proc/kallsyms", "/proc/kpagecount", "/proc/kpageflags"];

    /// <summary>The arguments, which end with the command.</summary>
    /// <param name="hiddenFolders">Host folders no sandbox may see, should they lie in one that is mounted: the server's own and its data.</param>
    internal static List<string> Build(SandboxSpec spec, IReadOnlyList<string> hiddenFolders, bool limitEachProcess)
    {
        List<string> arguments = ["--ro-bind", "/usr", "/usr"];
        AddSystemFolders(arguments);
        AddSettings(arguments);
        foreach (var folder in hiddenFolders.Where(folder => Directory.Exists(folder) && (IsIn(folder, "/usr") || ToolFolders.Any(tools => IsIn(folder, tools)))))
        {
            arguments.AddRange(["--tmpfs", folder, "--remount-ro", folder]);
        }

        arguments.AddRange(["--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys"]);
        foreach (var file in HiddenKernelFiles.Where(File.Exists))
        {
            arguments.AddRange(["--ro-bind", "/dev/null", file]);
        }

        arguments.AddRange(["--dev", "/dev"]);
        AddScratch(arguments, "/dev/shm", "1777", spec.Limits.ScratchMiB);
        AddScratch(arguments, "/tmp", "1777", spec.Limits.ScratchMiB);
        AddScratch(arguments, "/run", "0755", 64);
        AddScratch(arguments, Home, "0755", spec.Limits.ScratchMiB);
        arguments.AddRange(["--dir", "/var", "--symlink", "/tmp", "/var/tmp", "--symlink", "/run", "/var/run"]);
        arguments.AddRange([spec.ReadOnlyWorkspace ? "--ro-bind" : "--bind", WorkspaceFolder(spec.Workspace), ISandbox.WorkspacePath]);
        foreach (var mount in spec.ReadOnlyMounts)
        {
            arguments.AddRange(["--ro-bind", mount.HostPath, mount.SandboxPath]);
        }

        // What is left of the root and /dev are memory file systems without a size.
        arguments.AddRange(["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", ISandbox.WorkspacePath]);
        AddSupervisor(arguments, spec.Limits, limitEachProcess);
        return arguments;
    }

    /// <summary>Where the workspace is to be bound from; the launcher mounts an overlay over its own upper folder.</summary>
    private static string WorkspaceFolder(WorkspaceMount workspace) => workspace switch
    {
        WorkspaceMount.Overlay overlay => overlay.Upper,
        WorkspaceMount.Folder folder => folder.Path,
        _ => throw new ArgumentException($"A workspace of the kind {workspace.GetType().Name} is not known.", nameof(workspace)),
    };

    private static void AddSystemFolders(List<string> arguments)
    {
        foreach (var folder in SystemFolders)
        {
            var entry = new DirectoryInfo(folder);
            if (entry.LinkTarget is { } target)
            {
                arguments.AddRange(["--symlink", target, folder]);
            }
            else if (entry.Exists)
            {
                arguments.AddRange(["--ro-bind", folder, folder]);
            }
        }

        foreach (var folder in ToolFolders.Where(Directory.Exists))
        {
            arguments.AddRange(["--ro-bind", folder, folder]);
        }
    }

    private static void AddSettings(List<string> arguments)
    {
        var found = SettingsPatterns.SelectMany(pattern => Directory.EnumerateFileSystemEntries("/etc", pattern));
        foreach (var path in Settings.Select(name => "/etc/" + name).Concat(found).Where(Path.Exists))
        {
            arguments.AddRange(["--ro-bind-try", path, path]);
        }
    }

    private static void AddScratch(List<string> arguments, string folder, string permissions, int sizeMiB)
    {
        arguments.AddRange(["--perms", permissions]);
        if (sizeMiB > 0)
        {
            arguments.AddRange(["--size", Mebibytes(sizeMiB)]);
        }

        arguments.AddRange(["--tmpfs", folder]);
    }

    private static void AddSupervisor(List<string> arguments, SandboxLimits limits, bool limitEachProcess) => arguments.AddRange(
    [
        "--",
        "/usr/bin/perl",
        "-e",
        SandboxScripts.SupervisorLoader,
        Number(SandboxScripts.Supervisor.Length),
        ISandbox.WorkspacePath,
        Number(limits.Processes),
        Mebibytes(limits.MemoryMiB),
        Mebibytes(limits.FileSizeMiB),
        Number(limits.CpuSeconds),
        limitEachProcess ? "1" : "0",
    ]);

    private static bool IsIn(string path, string folder)
        => path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal);

    private static string Number(long number) => Math.Max(0, number).ToString(CultureInfo.InvariantCulture);

    private static string Mebibytes(int count) => Number((long)count * 1024 * 1024);
}

using System.Globalization;

namespace CodexWeb.Agent.Sandboxes;

/// <summary>Where this server may make control groups that limit memory, whichever version of them the machine has.</summary>
internal sealed class MemoryCgroups
{
    private const string Prefix = "codexweb-";
    private const string ServerGroup = "codexweb-server";

    private readonly string parent;
    private readonly bool unified;
    private readonly string owner;

    private MemoryCgroups(string parent, bool unified, int processId)
    {
        this.parent = parent;
        this.unified = unified;
        owner = OwnerOf(processId) ?? string.Create(CultureInfo.InvariantCulture, $"{processId}.0");
    }

    /// <summary>For people: which kind it is.</summary>
    internal string Description => unified ? "control groups, version 2" : "control groups, version 1";

    /// <summary>Finds the place.</summary>
    /// <param name="root">Where the machine has its control groups mounted: <c>/sys/fs/cgroup</c>.</param>
    /// <param name="ownGroups">The lines of <c>/proc/self/cgroup</c>: <c>ID:CONTROLLERS:PATH</c>.</param>
    /// <param name="processId">The server's own.</param>
    /// <returns>Null when the server may make none.</returns>
    internal static MemoryCgroups? Detect(string root, IEnumerable<string> ownGroups, int processId)
    {
        foreach (var fields in ownGroups.Select(line => line.Split(':', 3)).Where(fields => fields.Length == 3))
        {
            var isUnified = fields[0] == "0" && fields[1].Length == 0;
            if (!isUnified && !fields[1].Split(',').Contains("memory", StringComparer.Ordinal))
            {
                continue;
            }

            var hierarchy = isUnified ? root : Path.Combine(root, fields[1]);
            // In a container the path may be the host's while the mount shows the container's own group.
            var groups = new[] { Path.Combine(hierarchy, fields[2].TrimStart('/')), hierarchy }.FirstOrDefault(Directory.Exists);
            if (groups is not null && TryUse(groups, isUnified, processId))
            {
                var usable = Path.GetFileName(groups) == ServerGroup ? Path.GetDirectoryName(groups)! : groups;
                return new MemoryCgroups(usable, isUnified, processId);
            }
        }

        return null;
    }

    /// <summary>Makes a group.</summary>
    /// <exception cref="IOException">The kernel refused it.</exception>
    internal MemoryCgroup Create(int limitMiB)
    {
        var folder = Path.Combine(parent, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{owner}-{Guid.NewGuid():N}"));
        Directory.CreateDirectory(folder);
        var bytes = ((long)limitMiB * 1024 * 1024).ToString(CultureInfo.InvariantCulture);
        MemoryCgroup.Write(folder, unified ? "memory.max" : "memory.limit_in_bytes", bytes);
        var (swapFile, swap) = unified ? ("memory.swap.max", "0") : ("memory.memsw.limit_in_bytes", bytes);
        if (File.Exists(Path.Combine(folder, swapFile)))
        {
            MemoryCgroup.Write(folder, swapFile, swap);
        }

        return new MemoryCgroup(folder, unified ? "memory.events" : "memory.oom_control", limitMiB);
    }

    /// <summary>Removes the groups of servers that were killed; their names tell whose they are.</summary>
    internal void Sweep() => Sweep(parent);

    /// <summary>Removes the groups in a folder whose servers are gone. A server that is alive may be about to put the first process into an empty one.</summary>
    internal static void Sweep(string parent)
    {
        foreach (var folder in Directory.EnumerateDirectories(parent, Prefix + "*"))
        {
            var server = Path.GetFileName(folder)[Prefix.Length..].Split('-')[0];
            if (int.TryParse(server.Split('.')[0], CultureInfo.InvariantCulture, out var processId) && OwnerOf(processId) != server)
            {
                MemoryCgroup.TryRemove(folder);
            }
        }
    }

    /// <summary>Names a process for good: numbers are given again, a number and a start time are not.</summary>
    /// <returns>Null when there is no such process.</returns>
    internal static string? OwnerOf(int processId)
    {
        try
        {
            // The start time is field 22; the name before it, in parentheses, may hold anything. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
            var startTime = stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
            return string.Create(CultureInfo.InvariantCulture, $"{processId}.{startTime}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool TryUse(string group, bool unified, int processId)
    {
        try
        {
            if (unified && !TryDelegate(group, processId))
            {
                return false;
            }

            var home = Path.GetFileName(group) == ServerGroup ? Path.GetDirectoryName(group)! : group;
            var probe = Path.Combine(home, Prefix + "probe-" + Guid.NewGuid().ToString("N"));
            Directory.CreateDirectory(probe);
            try
            {
                return File.Exists(Path.Combine(probe, unified ? "memory.max" : "memory.limit_in_bytes"));
            }
            finally
            {
                MemoryCgroup.TryRemove(probe);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>
    /// In version 2 a group hands memory limits to its children only while it has no process itself. So a server that is alone in its group, as a service
    /// with Delegate=yes is, moves into a child; where others share the group it is left alone.
    /// </summary>
    private static bool TryDelegate(string group, int processId)
    {
        if (Path.GetFileName(group) == ServerGroup || Lists(group, "cgroup.subtree_control", "memory"))
        {
            return true;
        }

        var own = processId.ToString(CultureInfo.InvariantCulture);
        if (!Lists(group, "cgroup.controllers", "memory") || File.ReadLines(Path.Combine(group, "cgroup.procs")).Any(process => process != own))
        {
            return false;
        }

        var child = Path.Combine(group, ServerGroup);
        Directory.CreateDirectory(child);
        MemoryCgroup.Write(child, "cgroup.procs", own);
        MemoryCgroup.Write(group, "cgroup.subtree_control", "+memory");
        return true;
    }

    private static bool Lists(string group, string file, string word)
        => File.ReadAllText(Path.Combine(group, file)).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Contains(word, StringComparer.Ordinal);
}

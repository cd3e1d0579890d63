using System.Globalization;

namespace CodexWeb.Agent.Sandboxes;

/// <summary>A control group that limits the memory of one sandbox, kernel, page cache and memory file systems included.</summary>
internal sealed class MemoryCgroup
{
    private readonly string folder;
    private readonly string killsFile;
    private int seenKills;

    internal MemoryCgroup(string folder, string killsFile, int limitMiB)
    {
        this.folder = folder;
        this.killsFile = Path.Combine(folder, killsFile);
        LimitMiB = limitMiB;
    }

    internal int LimitMiB { get; }

    /// <summary>Puts a process, and with it all it will start, into the group.</summary>
    internal void Add(int processId) => Write(folder, "cgroup.procs", processId.ToString(CultureInfo.InvariantCulture));

    /// <summary>How many processes the kernel has killed for the limit since it was last asked.</summary>
    internal int TakeKills()
    {
        try
        {
            var line = File.ReadLines(killsFile).FirstOrDefault(line => line.StartsWith("oom_kill ", StringComparison.Ordinal));
            var kills = line is null ? 0 : int.Parse(line.AsSpan("oom_kill ".Length), CultureInfo.InvariantCulture);
            return kills - Interlocked.Exchange(ref seenKills, kills);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>Removes the group once its processes are gone; gives up after a second, and the next start of the server sweeps it.</summary>
    internal async ValueTask RemoveAsync()
    {
        for (var attempt = 0; attempt < 50 && !TryRemove(folder); attempt++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
    }

    internal static void Write(string folder, string file, string value)
    {
        // Opened for writing only: a control file is neither made nor cut.
        using var stream = new FileStream(Path.Combine(folder, file), FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        stream.Write(System.Text.Encoding.ASCII.GetBytes(value));
    }

    internal static bool TryRemove(string folder)
    {
        try
        {
            Directory.Delete(folder);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

using System.Collections.Concurrent;

namespace CodexWeb.Agent.Workspaces;

/// <summary>Removes the lock files that Git leaves behind when it is killed with the server; they would stop every later change.</summary>
/// <remarks>Only this server works in these folders, so a lock that is there before its first command has no owner.</remarks>
internal sealed class StaleLocks
{
    private static readonly EnumerationOptions Everywhere = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    private readonly ConcurrentDictionary<string, bool> seen = new(StringComparer.Ordinal);

    /// <summary>Removes the locks of a bare repository; no effect the second time, or when it is not there.</summary>
    internal void RemoveOnce(string repository)
    {
        if (!Directory.Exists(repository) || !seen.TryAdd(repository, true))
        {
            return;
        }

        var refs = Path.Combine(repository, "refs");
        var found = Directory.EnumerateFiles(repository, "*.lock")
            .Concat(Directory.Exists(refs) ? Directory.EnumerateFiles(refs, "*.lock", Everywhere) : [])
            .ToList();
        found.ForEach(File.Delete);
    }
}

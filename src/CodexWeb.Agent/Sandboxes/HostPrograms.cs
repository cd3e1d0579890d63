namespace CodexWeb.Agent.Sandboxes;

/// <summary>Finds programs of the host in the system's own folders only: neither the server's PATH nor its working directory has a say.</summary>
public static class HostPrograms
{
    private static readonly string[] Folders = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"];

    /// <summary>The value of PATH for programs that start others.</summary>
    public static string SearchPath { get; } = string.Join(':', Folders);

    /// <summary>The absolute path of a program.</summary>
    /// <param name="name">A bare name such as <c>git</c>, or an absolute path, which is returned as it is when the file is there.</param>
    /// <returns>Null when there is none.</returns>
    public static string? Find(string name)
    {
        if (Path.IsPathRooted(name))
        {
            return File.Exists(name) ? name : null;
        }

        return name.Contains('/', StringComparison.Ordinal)
            ? null
            : Folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }
}

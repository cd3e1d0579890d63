namespace CodexWeb.Agent.Workspaces;

/// <summary>Where the server keeps repositories and workspaces.</summary>
/// <remarks>
/// <code>
/// repositories/KEY/origin.git      bare; only what the origin has; its objects are bound read-only into sandboxes
/// repositories/KEY/attempts.git    bare; checkpoints; borrows origin.git's objects; never seen by a sandbox
/// workspaces/bases/KEY/COMMIT      one shared checkout per commit; never written once it is there
/// workspaces/attempts/ID           an attempt's own layer or copy; the agent writes here, the server's Git never runs here
/// workspaces/trash                 what is being deleted
/// skills/NAME                      the server's own skills; sandboxes see them read-only
/// attachments/tasks/ID             files people sent with a task's messages; its sandboxes see them read-only
/// run                              pipes that hand a credential to one Git command each; nobody else may enter
/// </code>
/// </remarks>
/// <param name="DataDirectory">The server's data folder, as an absolute path.</param>
public sealed record WorkspacePaths(string DataDirectory)
{
    internal string Repositories => Path.Combine(DataDirectory, "repositories");

    /// <summary>All workspaces lie in here.</summary>
    public string Workspaces => Path.Combine(DataDirectory, "workspaces");

    /// <summary>The server's own skills, a folder each; made by whoever runs the server.</summary>
    public string Skills => Path.Combine(DataDirectory, "skills");

    internal string Bases => Path.Combine(Workspaces, "bases");

    internal string Attempts => Path.Combine(Workspaces, "attempts");

    internal string Trash => Path.Combine(Workspaces, "trash");

    internal string Pipes => Path.Combine(DataDirectory, "run");

    internal string RepositoryFolder(string repositoryKey) => Path.Combine(Repositories, Key(repositoryKey));

    internal string OriginOf(string repositoryKey) => Path.Combine(RepositoryFolder(repositoryKey), "origin.git");

    internal string CheckpointsOf(string repositoryKey) => Path.Combine(RepositoryFolder(repositoryKey), "attempts.git");

    internal string BasesOf(string repositoryKey) => Path.Combine(Bases, Key(repositoryKey));

    internal string AttemptFolder(string attemptId) => Path.Combine(Attempts, Key(attemptId));

    /// <summary>Lets a key through that cannot mean another folder.</summary>
    /// <exception cref="ArgumentException">It is empty, longer than 64 characters, or has other characters than ASCII letters, digits, <c>-</c> and <c>_</c>.</exception>
    internal static string Key(string key)
    {
        var safe = key.Length is > 0 and <= 64 && key.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_');
        return safe ? key : throw new ArgumentException($"'{key}' cannot name a folder of the server.", nameof(key));
    }
}

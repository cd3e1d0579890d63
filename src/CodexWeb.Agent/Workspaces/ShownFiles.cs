using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Workspaces;

/// <summary>Folders of the data folder whose files sandboxes are shown read-only: the files people attach, the server's own skills.</summary>
public sealed class ShownFiles(WorkspacePaths paths, HostAccount account)
{
    /// <summary>Makes a folder that the sandboxes' account can read, and says where it is. One that is there already stays as it is.</summary>
    /// <param name="names">The way from the data folder down, one name each.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="ArgumentException">A name could mean another folder.</exception>
    public string MakeFolder(params IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        SharedFolders.LetPass(paths.DataDirectory, account);
        var folder = paths.DataDirectory;
        foreach (var name in names)
        {
            folder = Path.Combine(folder, WorkspacePaths.Key(name));
            SharedFolders.MakePassable(folder, account);
        }

        SharedFolders.LetRead(folder, account);
        return folder;
    }

    /// <summary>Moves a file of the server into such a folder and lets the sandboxes' account read it.</summary>
    /// <exception cref="IOException">It cannot be moved.</exception>
    public void Move(string file, string folder, string name)
    {
        var target = Path.Combine(folder, Path.GetFileName(name));
        try
        {
            SharedFolders.LetReadFile(file, account);
            File.Move(file, target);
        }
        catch (Exception exception) when (exception is FileNotFoundException && File.Exists(target))
        {
            // Another moved it in the same moment.
        }
    }
}

using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Tools;

/// <summary>
/// Changes to files under a folder that can be undone until they are complete. An old file is kept under another name beside its place,
/// so that undoing needs no space on the disk and brings back the very same file.
/// </summary>
internal sealed class LocalFileTransaction(RootFolder root)
{
    private readonly Stack<(string Path, Action Undo)> _done = new();
    private readonly List<string> _kept = [];

    /// <summary>Makes one change. Its path has no links in it.</summary>
    /// <exception cref="IOException">It could not be made. Those before it stand until <see cref="Undo"/>.</exception>
    public void Make(SandboxFileChange change)
    {
        switch (change)
        {
            case SandboxFileChange.Write write:
                Write(write);
                break;
            case SandboxFileChange.Delete:
                Delete(change.Path);
                break;
            default:
                throw new InvalidOperationException($"No such change: {change.GetType()}.");
        }
    }

    /// <summary>Puts everything back, the last change first.</summary>
    /// <returns>Paths that could not be put back.</returns>
    public IReadOnlyList<string> Undo()
    {
        var left = new List<string>();
        while (_done.TryPop(out var step))
        {
            try
            {
                step.Undo();
            }
            catch (IOException)
            {
                left.Add(step.Path);
            }
        }

        return left;
    }

    /// <summary>Gives up what was kept for undoing.</summary>
    public void Complete()
    {
        foreach (var path in _kept)
        {
            try
            {
                Remove(path);
            }
            catch (IOException)
            {
                // The change stands; an old copy that cannot be removed does it no harm.
            }
        }
    }

    private void Write(SandboxFileChange.Write write)
    {
        MakeFolders(PatchPath.Folder(write.Path));
        using var place = root.Find(write.Path, Links.Refused);
        if (place.Kind is not (LinuxFileKind.Missing or LinuxFileKind.Regular))
        {
            throw new IOException("what is there is not a regular file");
        }

        var fresh = NewName();
        LinuxFiles.Create(place.Folder, fresh, write.Content.Span, place.Status, write.Mode);
        try
        {
            if (place.Kind is LinuxFileKind.Regular)
            {
                var old = NewName();
                LinuxFiles.LinkOrMove(place.Folder, place.Name, old);
                Kept(write.Path, old);
            }

            LinuxFiles.Move(place.Folder, fresh, place.Name);
        }
        catch (IOException)
        {
            LinuxFiles.RemoveFile(place.Folder, fresh);
            throw;
        }

        if (place.Kind is LinuxFileKind.Missing)
        {
            _done.Push((write.Path, () => Remove(write.Path)));
        }
    }

    private void Delete(string path)
    {
        using var place = root.Find(path, Links.LastKept);
        if (place.Kind is not (LinuxFileKind.Regular or LinuxFileKind.Link))
        {
            throw new IOException(place.Kind is LinuxFileKind.Missing ? "it is not there any more" : "it is not a regular file");
        }

        var old = NewName();
        LinuxFiles.Move(place.Folder, place.Name, old);
        Kept(path, old);
    }

    private void Kept(string path, string old)
    {
        var kept = PatchPath.Join(PatchPath.Folder(path), old);
        _kept.Add(kept);
        _done.Push((path, () =>
        {
            using var place = root.Find(kept, Links.LastKept);
            LinuxFiles.Move(place.Folder, old, PatchPath.Name(path));

            // Moving one name of a file onto another name of it leaves both.
            LinuxFiles.RemoveFile(place.Folder, old);
        }
        ));
    }

    private void MakeFolders(string path)
    {
        if (path.Length == 0)
        {
            return;
        }

        MakeFolders(PatchPath.Folder(path));
        using var place = root.Find(path, Links.Refused);
        if (place.Kind is LinuxFileKind.Missing)
        {
            LinuxFiles.MakeFolder(place.Folder, place.Name);
            _done.Push((path, () => RemoveFolder(path)));
        }
    }

    private void Remove(string path)
    {
        using var place = root.Find(path, Links.LastKept);
        LinuxFiles.RemoveFile(place.Folder, place.Name);
    }

    private void RemoveFolder(string path)
    {
        using var place = root.Find(path, Links.LastKept);
        LinuxFiles.RemoveFolder(place.Folder, place.Name);
    }

    private static string NewName() => $".codexweb-{Guid.NewGuid():N}";
}

using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Tools;

/// <summary>
/// A folder of this machine, for the command line. Every path is walked from the root's own handle, one entry at a time, so that no link, <c>..</c> or
/// folder swapped meanwhile leads out of it. Files are replaced whole, never written in place: a hard link to a file elsewhere stays as it is.
/// </summary>
public sealed class LocalPatchFiles : IPatchFiles, IDisposable
{
    private readonly RootFolder _root;

    /// <summary>Opens the folder.</summary>
    /// <exception cref="PatchException">It is not there, is no folder, or may not be read.</exception>
    public LocalPatchFiles(string root)
    {
        try
        {
            _root = RootFolder.Open(root);
        }
        catch (IOException e)
        {
            throw new PatchException($"The folder {PatchReport.Show(root)} cannot be used: {e.Message}.");
        }
    }

    /// <inheritdoc/>
    public string? Root => null;

    /// <inheritdoc/>
    public Task<PatchFile> ReadAsync(string path, int maxBytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return Task.FromResult(Read(path, maxBytes));
        }
        catch (IOException e)
        {
            throw new PatchException($"{PatchReport.Show(path)} cannot be read: {e.Message}.");
        }
    }

    /// <inheritdoc/>
    public Task ChangeAsync(IReadOnlyList<SandboxFileChange> changes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(changes);
        var transaction = new LocalFileTransaction(_root);
        foreach (var change in changes)
        {
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                transaction.Make(change);
            }
            catch (IOException e)
            {
                var left = transaction.Undo();
                var reason = $"{PatchReport.Show(change.Path)} cannot be changed: {e.Message}.";
                throw left.Count == 0
                    ? new PatchException(reason)
                    : new PatchException(reason, $"Putting the files back failed too. Look at: {string.Join(", ", left.Select(PatchReport.Show))}.");
            }
            catch (OperationCanceledException)
            {
                transaction.Undo();
                throw;
            }
        }

        transaction.Complete();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => _root.Dispose();

    private PatchFile Read(string path, int maxBytes)
    {
        using var entry = _root.Find(path, Links.LastKept);
        if (entry.Kind is not LinuxFileKind.Link)
        {
            return Read(entry, entry.Path, maxBytes);
        }

        using var target = _root.Find(path, Links.Followed);
        return Read(target, entry.Path, maxBytes);
    }

    private static PatchFile Read(RootFolder.Place place, string location, int maxBytes)
    {
        var content = place.Kind is LinuxFileKind.Regular ? LinuxFiles.Read(place.Folder, place.Name, maxBytes) : null;
        var kind = place.Kind switch
        {
            LinuxFileKind.Missing => SandboxFileKind.Missing,
            LinuxFileKind.Folder => SandboxFileKind.Directory,
            LinuxFileKind.Regular => content is null ? SandboxFileKind.TooLarge : SandboxFileKind.Regular,
            _ => SandboxFileKind.Other,
        };
        return new PatchFile(kind, content, place.Status?.Mode ?? 0, location, place.Path);
    }
}

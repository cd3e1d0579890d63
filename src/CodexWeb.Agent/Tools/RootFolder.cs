using Microsoft.Win32.SafeHandles;

namespace CodexWeb.Agent.Tools;

/// <summary>What to do with symbolic links on the way to a file.</summary>
internal enum Links
{
    /// <summary>Follow them inside the root.</summary>
    Followed,

    /// <summary>Follow those of folders inside the root, but stop at the file's own.</summary>
    LastKept,

    /// <summary>There must be none.</summary>
    Refused,
}

/// <summary>A folder nothing leads out of: paths are walked entry by entry from its handle, links are read and followed by us. Linux only.</summary>
internal sealed class RootFolder : IDisposable
{
    // The kernel's own limit.
    private const int MaxLinks = 40;

    private readonly SafeFileHandle _handle;
    private readonly string _path;

    private RootFolder(SafeFileHandle handle, string path) => (_handle, _path) = (handle, path);

    /// <summary>Opens a folder; links on the way to it are followed, since whoever names it chose it.</summary>
    /// <exception cref="IOException">It is not there, is no folder, or may not be opened.</exception>
    public static RootFolder Open(string path)
    {
        var full = path.Length > 0 ? Path.GetFullPath(path) : throw new IOException("its name is empty");
        return new RootFolder(LinuxFiles.OpenFolder(full), full.TrimEnd('/'));
    }

    /// <summary>Walks to a path.</summary>
    /// <param name="path">Relative, without <c>.</c> and <c>..</c>; empty for the root.</param>
    /// <exception cref="PatchException">A link leads out of the root, or there are too many.</exception>
    /// <exception cref="IOException">An entry may not be looked at, or there is a link where none is allowed.</exception>
    public Place Find(string path, Links links)
    {
        var walk = new Walk(this, path, links);
        try
        {
            return walk.Go();
        }
        catch
        {
            walk.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    /// <summary>Where a path ended.</summary>
    /// <param name="Folder">The deepest folder on the way that exists.</param>
    /// <param name="Name">The entry in it; empty when the path is the root.</param>
    /// <param name="Path">The way there without links, relative to the root.</param>
    /// <param name="Status">Null when there is nothing.</param>
    internal sealed record Place(SafeFileHandle Folder, string Name, string Path, LinuxStatus? Status, IDisposable Walk) : IDisposable
    {
        /// <summary>What is there.</summary>
        public LinuxFileKind Kind => Status?.Kind ?? LinuxFileKind.Missing;

        /// <inheritdoc/>
        public void Dispose() => Walk.Dispose();
    }

    private sealed class Walk : IDisposable
    {
        private readonly RootFolder _root;
        private readonly string _wanted;
        private readonly Links _links;
        private readonly Stack<string> _ahead = new();
        private readonly List<(string Name, SafeFileHandle Handle)> _behind = [];
        private int _followed;

        public Walk(RootFolder root, string path, Links links)
        {
            (_root, _wanted, _links) = (root, path, links);
            Enqueue(path);
        }

        private SafeFileHandle Folder => _behind is [.., var last] ? last.Handle : _root._handle;

        public Place Go()
        {
            while (_ahead.TryPop(out var name))
            {
                if (name is "..")
                {
                    Leave();
                    continue;
                }

                var entry = LinuxFiles.OpenEntry(Folder, name);
                var status = entry is null ? null : LinuxFiles.Status(entry);
                if (status?.Kind is LinuxFileKind.Link && !(_links is Links.LastKept && _ahead.Count == 0))
                {
                    using (entry)
                    {
                        Follow(entry!);
                    }
                }
                else if (status?.Kind is LinuxFileKind.Folder && _ahead.Count > 0)
                {
                    _behind.Add((name, entry!));
                }
                else
                {
                    entry?.Dispose();

                    // Below what is missing, or is a file, nothing is.
                    return new Place(Folder, name, At([name, .. _ahead]), _ahead.Count == 0 ? status : null, this);
                }
            }

            // The path ended with '..' of a link, or is the root.
            return new Place(Folder, "", At([]), LinuxFiles.Status(Folder), this);
        }

        public void Dispose()
        {
            _behind.ForEach(folder => folder.Handle.Dispose());
            _behind.Clear();
        }

        private string At(IEnumerable<string> rest) => string.Join('/', _behind.Select(folder => folder.Name).Concat(rest));

        private void Enqueue(string path)
        {
            foreach (var part in path.Split('/').Where(part => part is not ("" or ".")).Reverse())
            {
                _ahead.Push(part);
            }
        }

        private void Leave()
        {
            if (_behind.Count == 0)
            {
                throw LeadsOut();
            }

            _behind[^1].Handle.Dispose();
            _behind.RemoveAt(_behind.Count - 1);
        }

        private void Follow(SafeFileHandle link)
        {
            if (_links is Links.Refused)
            {
                throw new IOException("a symbolic link came into its way");
            }

            if (++_followed > MaxLinks)
            {
                throw new PatchException($"{PatchReport.Show(_wanted)} goes through more than {MaxLinks} symbolic links.");
            }

            var target = LinuxFiles.ReadLink(link);
            if (target.StartsWith('/'))
            {
                if (!target.StartsWith(_root._path + "/", StringComparison.Ordinal))
                {
                    throw LeadsOut();
                }

                target = target[(_root._path.Length + 1)..];
                Dispose();
            }

            Enqueue(target);
        }

        private PatchException LeadsOut() => new($"{PatchReport.Show(_wanted)} leads out of the folder by a symbolic link.");
    }
}

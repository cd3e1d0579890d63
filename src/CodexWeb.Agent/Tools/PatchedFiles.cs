using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Tools;

/// <summary>
/// The files as they will be after the hunks so far, so that a later hunk sees what an earlier one did while nothing is written yet.
/// Files are known by their real place: two paths that lead to one file through a link mean the same file.
/// </summary>
internal sealed class PatchedFiles(IPatchFiles files)
{
    /// <summary>The largest file a patch changes or makes, in bytes.</summary>
    public const int MaxFileBytes = 16 * 1024 * 1024;

    // All files of a patch together are held in memory until the last hunk is verified.
    private const long MaxTotalBytes = 128 * 1024 * 1024;

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly HashSet<string> _folders = new([""], StringComparer.Ordinal);
    private long _totalBytes;

    /// <summary>What has to be done, each file once: what goes first, then what is written.</summary>
    public IReadOnlyList<SandboxFileChange> Changes =>
    [
        .. _entries.Where(entry => entry.Value is { Existed: true, Replaced: true } or { Existed: true, Content: null })
            .Select(entry => new SandboxFileChange.Delete(entry.Key)),
        .. _entries.Where(entry => entry.Value.Content is not null)
            .Select(entry => new SandboxFileChange.Write(entry.Key, entry.Value.Content!.Value, entry.Value.Mode)),
    ];

    /// <summary>What is at a path after the hunks so far. The places in the answer are those to pass on to the other methods.</summary>
    public async Task<PatchFile> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var file = await files.ReadAsync(path, MaxFileBytes, cancellationToken);
        if (file.IsLink && _entries.ContainsKey(file.Location))
        {
            // An earlier hunk took the link away.
            file = file with { RealPath = file.Location };
        }

        return _entries.GetValueOrDefault(file.RealPath) switch
        {
            null => file,
            { Content: { } content, Mode: var mode } => file with { Kind = SandboxFileKind.Regular, Content = content, Mode = mode },
            _ => file with { Kind = SandboxFileKind.Missing, Content = default },
        };
    }

    /// <summary>Writes a file where its content lies; it keeps its mode bits.</summary>
    public void Write(PatchFile file, byte[] content, string path) =>
        Set(file.RealPath, new Entry(Existed(file.RealPath, file.IsFile), content, file.IsFile ? file.Mode : DefaultMode, Replaced: false), path);

    /// <summary>Puts a file at the place of <paramref name="target"/>, with the mode bits of another. A link there is replaced, not followed.</summary>
    public void Move(PatchFile source, PatchFile target, byte[] content, string path)
    {
        Delete(source);
        var existed = Existed(target.Location, target.IsFile || target.IsLink);
        Set(target.Location, new Entry(existed, content, source.Mode, Replaced: existed), path);
    }

    /// <summary>Removes a file; of a link, the link itself.</summary>
    public void Delete(PatchFile file) =>
        Set(file.Location, new Entry(Existed(file.Location, present: true), Content: null, Mode: 0, Replaced: file.IsLink), file.Location);

    /// <summary>Checks that a new file can be at its place: no part of its path is a file, and it is no folder.</summary>
    /// <exception cref="PatchException">It cannot.</exception>
    public async Task RequirePlaceAsync(PatchFile file, string path, CancellationToken cancellationToken)
    {
        if (_folders.Contains(file.RealPath))
        {
            throw new PatchException($"{PatchReport.Show(path)} is a folder.");
        }

        var above = new List<string>();
        for (var folder = PatchPath.Folder(file.RealPath); !_folders.Contains(folder); folder = PatchPath.Folder(folder))
        {
            var kind = _entries.TryGetValue(folder, out var entry)
                ? entry.Content is null ? SandboxFileKind.Missing : SandboxFileKind.Regular
                : (await files.ReadAsync(folder, 0, cancellationToken)).Kind;
            if (kind is not (SandboxFileKind.Missing or SandboxFileKind.Directory))
            {
                throw new PatchException($"{PatchReport.Show(path)} cannot be made: {PatchReport.Show(folder)} is not a folder.");
            }

            above.Add(folder);
        }

        _folders.UnionWith(above);
    }

    private const int DefaultMode = 0b110_100_100;

    private bool Existed(string place, bool present) => _entries.TryGetValue(place, out var entry) ? entry.Existed : present;

    private void Set(string place, Entry entry, string path)
    {
        if (_entries.TryGetValue(place, out var before))
        {
            _totalBytes -= before.Content?.Length ?? 0;
            entry = entry with { Replaced = entry.Replaced || before.Replaced };
        }

        if (entry.Content?.Length > MaxFileBytes)
        {
            throw new PatchException($"{PatchReport.Show(path)} would be larger than {MaxFileBytes / 1024 / 1024} MiB.");
        }

        _totalBytes += entry.Content?.Length ?? 0;
        if (_totalBytes > MaxTotalBytes)
        {
            throw new PatchException($"The files of this patch are together larger than {MaxTotalBytes / 1024 / 1024} MiB. Split it into several.");
        }

        _entries[place] = entry;
    }

    /// <summary>What becomes of one file.</summary>
    /// <param name="Existed">True when a file was there before the patch.</param>
    /// <param name="Content">Null when the file goes.</param>
    /// <param name="Replaced">True when what was there must go first: its mode bits go with it, and a link is not followed.</param>
    private sealed record Entry(bool Existed, ReadOnlyMemory<byte>? Content, int Mode, bool Replaced);
}

using System.Globalization;
using System.Text;

namespace CodexWeb.Agent.Workspaces;

/// <summary>What is at a path of a commit.</summary>
public enum FileAtCommitKind
{
    /// <summary>Nothing.</summary>
    Missing,

    /// <summary>A file with its content.</summary>
    Regular,

    /// <summary>A symbolic link; the content is its target.</summary>
    Link,

    /// <summary>A folder.</summary>
    Directory,

    /// <summary>Another repository, at a commit of its own.</summary>
    Submodule,

    /// <summary>A file over the size asked for.</summary>
    TooLarge,
}

/// <summary>A file as it was at a commit.</summary>
/// <param name="Size">Bytes; 0 for what is no file.</param>
/// <param name="Content">The bytes of a regular file or the target of a link; else empty.</param>
public sealed record FileAtCommit(FileAtCommitKind Kind, long Size, ReadOnlyMemory<byte> Content)
{
    internal static readonly FileAtCommit Missing = new(FileAtCommitKind.Missing, 0, ReadOnlyMemory<byte>.Empty);

    /// <summary>True when it has a NUL byte near its start, as Git tells binary from text.</summary>
    public bool IsBinary => Content.Span[..Math.Min(8000, Content.Length)].Contains((byte)0);
}

/// <summary>One line of <c>git ls-tree -z -l</c>: <c>mode type hash size TAB path NUL</c>.</summary>
internal sealed record TreeEntry(FileAtCommitKind Kind, string Hash, long Size)
{
    internal static TreeEntry? Parse(ReadOnlyMemory<byte> listing)
    {
        var line = Encoding.UTF8.GetString(listing.Span);
        var tab = line.IndexOf('\t', StringComparison.Ordinal);
        if (tab < 0 || line[..tab].Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var mode, _, var hash, var size])
        {
            return null;
        }

        var kind = mode switch
        {
            "120000" => FileAtCommitKind.Link,
            "160000" => FileAtCommitKind.Submodule,
            "040000" => FileAtCommitKind.Directory,
            _ => FileAtCommitKind.Regular,
        };
        return new TreeEntry(kind, hash, long.TryParse(size, CultureInfo.InvariantCulture, out var bytes) ? bytes : 0);
    }
}

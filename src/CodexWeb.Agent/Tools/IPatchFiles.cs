using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Tools;

/// <summary>The files a patch is applied to: those of a sandbox, or a folder of this machine. One object serves one patch.</summary>
public interface IPatchFiles
{
    /// <summary>An absolute folder that paths of the patch may begin with; null when they must be relative.</summary>
    string? Root { get; }

    /// <summary>Reads what is at a path.</summary>
    /// <param name="path">Relative to the root, without <c>.</c> and <c>..</c>.</param>
    /// <param name="maxBytes">A larger file is <see cref="SandboxFileKind.TooLarge"/>.</param>
    /// <exception cref="PatchException">A symbolic link on the way leads out of the root.</exception>
    Task<PatchFile> ReadAsync(string path, int maxBytes, CancellationToken cancellationToken);

    /// <summary>Makes all changes in order, or none. Paths are the <see cref="PatchFile.Location"/> or <see cref="PatchFile.RealPath"/> of files that were read.</summary>
    /// <exception cref="PatchException">One could not be made; those before it are undone.</exception>
    Task ChangeAsync(IReadOnlyList<SandboxFileChange> changes, CancellationToken cancellationToken);
}

/// <summary>What is at a path of the patch.</summary>
/// <param name="Kind">What the path leads to, links followed.</param>
/// <param name="Content">The bytes when <see cref="SandboxFileKind.Regular"/>, else empty.</param>
/// <param name="Mode">Permission bits.</param>
/// <param name="Location">Where the entry itself lies: links of its folders are resolved, its own is not. Relative to the root.</param>
/// <param name="RealPath">Where its content lies: every link resolved. The same as <paramref name="Location"/> unless the entry is a link. Relative to the root.</param>
public sealed record PatchFile(SandboxFileKind Kind, ReadOnlyMemory<byte> Content, int Mode, string Location, string RealPath)
{
    /// <summary>True for a regular file of any size.</summary>
    public bool IsFile => Kind is SandboxFileKind.Regular or SandboxFileKind.TooLarge;

    /// <summary>True when the entry is a symbolic link.</summary>
    public bool IsLink => !string.Equals(Location, RealPath, StringComparison.Ordinal);

    /// <summary>True when both paths lead to one file.</summary>
    public bool IsSameFileAs(PatchFile other) => string.Equals(RealPath, other.RealPath, StringComparison.Ordinal);
}

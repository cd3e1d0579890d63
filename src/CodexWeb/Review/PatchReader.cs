using System.Text;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Attempts;

namespace CodexWeb.Review;

/// <summary>Says what a patch does to files.</summary>
internal sealed class PatchReader : IPatchReader
{
    /// <inheritdoc/>
    public IReadOnlyList<ChangedFile> FilesOf(string patch, PatchDirection direction) =>
        [.. DiffParser.Parse(Encoding.UTF8.GetBytes(patch)).Files.Select(file => direction is PatchDirection.Forward ? Forward(file) : Reverse(file))];

    private static ChangedFile Forward(DiffFile file) => file.Kind switch
    {
        DiffFileKind.Added or DiffFileKind.Copied => new ChangedFile(file.NewPath, FileChangeKind.Add, file.Added, file.Removed),
        DiffFileKind.Deleted => new ChangedFile(file.OldPath, FileChangeKind.Delete, file.Added, file.Removed),
        _ => new ChangedFile(file.OldPath, FileChangeKind.Update, file.Added, file.Removed, Moved(file.OldPath, file.NewPath)),
    };

    private static ChangedFile Reverse(DiffFile file) => file.Kind switch
    {
        DiffFileKind.Added or DiffFileKind.Copied => new ChangedFile(file.NewPath, FileChangeKind.Delete, file.Removed, file.Added),
        DiffFileKind.Deleted => new ChangedFile(file.OldPath, FileChangeKind.Add, file.Removed, file.Added),
        _ => new ChangedFile(file.NewPath, FileChangeKind.Update, file.Removed, file.Added, Moved(file.NewPath, file.OldPath)),
    };

    private static string? Moved(string from, string to) => string.Equals(from, to, StringComparison.Ordinal) ? null : to;
}

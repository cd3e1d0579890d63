using System.Globalization;
using CodexWeb.Agent.Workspaces;

namespace CodexWeb.Review;

/// <summary>Says why a file cannot be shown as text.</summary>
internal static class FileProblem
{
    /// <summary>A sentence; null when it can be shown.</summary>
    public static string? Of(FileAtCommit file, string path) => file.Kind switch
    {
        FileAtCommitKind.Missing => $"There is no file {path} at this commit.",
        FileAtCommitKind.Directory => $"{path} is a folder.",
        FileAtCommitKind.Submodule => $"{path} is another repository, included at a commit of its own.",
        FileAtCommitKind.TooLarge => string.Create(CultureInfo.InvariantCulture, $"{path} has {file.Size / 1_000_000.0:0.#} MB, which is too large to show here."),
        _ when file.IsBinary => string.Create(CultureInfo.InvariantCulture, $"{path} is a binary file of {file.Size:N0} bytes."),
        _ => null,
    };
}

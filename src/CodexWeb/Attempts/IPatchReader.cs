using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Workspaces;

namespace CodexWeb.Attempts;

/// <summary>Reads patches for the log; the review, which knows their format, does it.</summary>
public interface IPatchReader
{
    /// <summary>What a patch does to which files, in its order.</summary>
    /// <param name="patch">Git's format.</param>
    IReadOnlyList<ChangedFile> FilesOf(string patch, PatchDirection direction);
}

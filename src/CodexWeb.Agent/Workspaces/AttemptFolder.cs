using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Workspaces;

/// <summary>
/// The folder of one attempt: <c>upper</c> and <c>work</c> of a layer, or <c>files</c> of a copy, which are the agent's; and <c>base</c>, the server's note of the checkout below,
/// written last.
/// </summary>
internal sealed class AttemptFolder(string path)
{
    private const string Note = "base";

    internal string Path { get; } = path;

    /// <summary>The shared checkout's name; null when the workspace is not there or not complete.</summary>
    internal string? BaseName => ReadNote() is [_, var name] ? name : null;

    private string Upper => System.IO.Path.Combine(Path, "upper");

    private string Files => System.IO.Path.Combine(Path, "files");

    /// <summary>The shared checkouts that workspaces lie over, as full paths.</summary>
    internal static HashSet<string> BasesInUse(WorkspacePaths paths)
        => Directory.Exists(paths.Attempts)
            ? Directory.EnumerateDirectories(paths.Attempts)
                .Select(folder => new AttemptFolder(folder).ReadNote())
                .Where(note => note.Length == 2)
                .Select(note => System.IO.Path.Combine(paths.BasesOf(note[0]), note[1]))
                .ToHashSet(StringComparer.Ordinal)
            : [];

    /// <summary>How a sandbox mounts it.</summary>
    internal WorkspaceMount Mount(string baseFolder)
        => Directory.Exists(Files) ? new WorkspaceMount.Folder(Files) : new WorkspaceMount.Overlay(baseFolder, Upper, System.IO.Path.Combine(Path, "work"));

    /// <summary>Makes an empty layer.</summary>
    /// <returns>The place of its Git folder.</returns>
    internal string MakeLayer(HostAccount account)
    {
        account.MakeFolder(Upper);
        account.MakeFolder(System.IO.Path.Combine(Path, "work"));
        return System.IO.Path.Combine(Upper, ".git");
    }

    /// <summary>Copies the shared checkout, sharing blocks where the file system can.</summary>
    /// <returns>The copy's Git folder.</returns>
    internal async Task<string> CopyAsync(ProcessRunner runner, HostAccount account, string baseFolder, CancellationToken cancellationToken)
    {
        account.MakeFolder(Files);
        var command = new ProcessCommand
        {
            FileName = "cp",
            Arguments = ["--archive", "--reflink=auto", "--", baseFolder + "/.", Files],
            Account = account,
            Timeout = TimeSpan.FromMinutes(10),
        };
        var result = await runner.RunAsync(command, cancellationToken);
        return result.ExitCode == 0
            ? System.IO.Path.Combine(Files, ".git")
            : throw new WorkspaceException($"The files could not be copied: {GitMessage.Shorten(result.Error)} Is the disk full?");
    }

    /// <summary>Notes that the workspace is complete.</summary>
    internal void Complete(string repositoryKey, string baseName)
    {
        var note = System.IO.Path.Combine(Path, Note);
        File.WriteAllText(note + ".new", $"{repositoryKey}/{baseName}");
        File.Move(note + ".new", note);
    }

    private string[] ReadNote()
    {
        var note = System.IO.Path.Combine(Path, Note);
        return File.Exists(note) ? File.ReadAllText(note).Split('/') : [];
    }
}

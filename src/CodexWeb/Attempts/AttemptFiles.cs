using System.Text.RegularExpressions;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Data;

namespace CodexWeb.Attempts;

/// <summary>What an attempt has on the server's disk beside its log: the whole outputs of its commands, the images of its conversation, its workspace and its checkpoints.</summary>
public sealed partial class AttemptFiles(WorkspacePaths paths, WorkspaceStore workspaces, CheckpointStore checkpoints)
{
    /// <summary>Opens the file for a command's whole output. It belongs to the caller.</summary>
    public Stream CreateOutput(AttemptId attempt, string itemId)
    {
        var path = OutputPath(attempt, itemId);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return new FileStream(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.Read, Options = FileOptions.Asynchronous });
    }

    /// <summary>Opens a command's whole output, as far as it is there; null when there is none.</summary>
    public Stream? OpenOutput(AttemptId attempt, string itemId)
    {
        if (!ItemId().IsMatch(itemId))
        {
            return null;
        }

        try
        {
            return new FileStream(OutputPath(attempt, itemId), new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, Options = FileOptions.Asynchronous });
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The images of an attempt's conversation.</summary>
    public ImageFolder ImagesOf(AttemptId attempt) => new(Path.Combine(OutputFolder(attempt), "images"));

    /// <summary>Copies the outputs and images of one attempt for another one.</summary>
    public async Task CopyOutputsAsync(AttemptId from, AttemptId to, CancellationToken cancellationToken)
    {
        var (source, target) = (OutputFolder(from), OutputFolder(to));
        if (!Directory.Exists(source))
        {
            return;
        }

        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var path = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            // One that is still written to is taken as far as it is.
            await using var read = new FileStream(file, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, Options = FileOptions.Asynchronous });
            await using var write = new FileStream(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.Asynchronous });
            await read.CopyToAsync(write, cancellationToken);
        }
    }

    /// <summary>Removes all of it.</summary>
    /// <returns>Bytes of outputs that went.</returns>
    public async Task<long> DeleteAsync(RepositoryId repository, AttemptId attempt, CancellationToken cancellationToken)
    {
        var bytes = 0L;
        var outputs = OutputFolder(attempt);
        if (Directory.Exists(outputs))
        {
            bytes = new DirectoryInfo(outputs).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
            Directory.Delete(outputs, recursive: true);
        }

        await workspaces.DeleteAsync(attempt.ToString(), cancellationToken);
        await checkpoints.DeleteAsync(repository.ToString(), attempt.ToString(), cancellationToken);
        return bytes;
    }

    private string OutputFolder(AttemptId attempt) => Path.Combine(paths.DataDirectory, "outputs", attempt.ToString());

    // Item ids are the server's own; still, one that came in by an address becomes a file name only when it cannot be anything else.
    private string OutputPath(AttemptId attempt, string itemId) => ItemId().IsMatch(itemId)
        ? Path.Combine(OutputFolder(attempt), itemId)
        : throw new ArgumentException("An item id has letters, digits and underscores alone.", nameof(itemId));

    [GeneratedRegex("^[A-Za-z0-9_]{1,64}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex ItemId();
}

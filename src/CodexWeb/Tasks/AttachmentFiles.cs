using CodexWeb.Agent.Models;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Data;

namespace CodexWeb.Tasks;

/// <summary>
/// The bytes of attachments: <c>attachments/drafts/ID</c> until the message is sent, then <c>attachments/tasks/TASK/NAME</c>, a folder that all sandboxes of the task see read-only.
/// The row in the database says which it should be; a file that a crash left behind is moved when it is next asked for.
/// </summary>
public sealed class AttachmentFiles(WorkspacePaths paths, ShownFiles shown)
{
    private const string Folder = "attachments";

    private string Drafts => Path.Combine(paths.DataDirectory, Folder, "drafts");

    /// <summary>Keeps what was uploaded.</summary>
    public async Task WriteDraftAsync(AttachmentId id, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Drafts);
        await File.WriteAllBytesAsync(DraftOf(id), bytes, cancellationToken);
    }

    /// <summary>Moves a sent file to where sandboxes see it. No effect when it is there.</summary>
    public void Place(Attachment attachment)
    {
        ArgumentNullException.ThrowIfNull(attachment);
        if (attachment.TaskId is { } task && File.Exists(DraftOf(attachment.Id)))
        {
            shown.Move(DraftOf(attachment.Id), TaskFolder(task), attachment.Name);
        }
    }

    /// <summary>Opens it; null when it is gone. It belongs to the caller.</summary>
    public Stream? Open(Attachment attachment)
    {
        ArgumentNullException.ThrowIfNull(attachment);
        return TryOpen(DraftOf(attachment.Id)) ?? (attachment.TaskId is { } task ? TryOpen(Path.Combine(PathOf(task), attachment.Name)) : null);
    }

    /// <summary>What a task's sandboxes see of it.</summary>
    public ReadOnlyMount Mount(TaskId task) => new(TaskFolder(task), MessageEntry.AttachmentsPath);

    /// <summary>Removes an unsent file.</summary>
    public void DeleteDraft(AttachmentId id) => File.Delete(DraftOf(id));

    /// <summary>Removes all files of a task.</summary>
    /// <returns>Bytes that went.</returns>
    public long DeleteTask(TaskId task)
    {
        var folder = new DirectoryInfo(PathOf(task));
        if (!folder.Exists)
        {
            return 0;
        }

        var bytes = folder.EnumerateFiles().Sum(static file => file.Length);
        folder.Delete(recursive: true);
        return bytes;
    }

    /// <summary>Unsent files that came before a time.</summary>
    public IReadOnlyList<AttachmentId> DraftsBefore(DateTimeOffset time) => !Directory.Exists(Drafts) ? [] :
    [
        .. new DirectoryInfo(Drafts).EnumerateFiles().Where(file => file.LastWriteTimeUtc < time.UtcDateTime)
            .Select(static file => Guid.TryParse(file.Name, out var id) ? new AttachmentId(id) : (AttachmentId?)null).OfType<AttachmentId>(),
    ];

    private string DraftOf(AttachmentId id) => Path.Combine(Drafts, id.ToString());

    private string PathOf(TaskId task) => Path.Combine(paths.DataDirectory, Folder, "tasks", task.ToString());

    private string TaskFolder(TaskId task) => shown.MakeFolder(Folder, "tasks", task.ToString());

    private static FileStream? TryOpen(string path)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.Read | FileShare.Delete, Options = FileOptions.Asynchronous });
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}

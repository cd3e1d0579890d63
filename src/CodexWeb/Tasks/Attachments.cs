using System.Globalization;
using CodexWeb.Agent.Models;
using CodexWeb.Data;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Tasks;

/// <summary>Images and files for messages: uploaded as drafts, then sent with a message and kept with its task.</summary>
public sealed class Attachments(IDbContextFactory<CodexDb> databases, WriteGate gate, AttachmentFiles files, TimeProvider time)
{
    /// <summary>Files one message may bring.</summary>
    public const int MostPerMessage = 10;

    /// <summary>Bytes of one file.</summary>
    public const int MaxBytes = ImageFolder.MaxBytes;

    /// <summary>Files that may wait for a message to be sent with, of all people together.</summary>
    public const int MostDrafts = 200;

    private const string Gone = "A file is no longer there: it was removed, or sent with another message. Attach it again.";

    private static readonly TimeSpan DraftsLive = TimeSpan.FromDays(1);

    /// <summary>Takes a file in. It waits for a message for a day.</summary>
    /// <param name="name">As it is called where it comes from; cleaned.</param>
    /// <param name="content">Read to its end, or to the limit.</param>
    public async Task<CommandResult<AttachmentView>> AddAsync(string? name, Stream content, string author, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Attachments.CountAsync(a => a.TaskId == null, cancellationToken) >= MostDrafts)
        {
            return new CommandResult<AttachmentView>.Refused($"{MostDrafts} files wait already for messages that were not sent. Send or remove some; the rest go after a day.");
        }

        var clean = AttachmentContent.NameOf(name);
        if (await ReadAsync(content, cancellationToken) is not { } bytes)
        {
            return new CommandResult<AttachmentView>.Invalid("file", $"{clean} is larger than {MaxBytes >> 20} MiB. Scale it down, or put it into the repository and name it in the prompt.");
        }

        if (bytes.Length == 0)
        {
            return new CommandResult<AttachmentView>.Invalid("file", $"{clean} is empty.");
        }

        var type = AttachmentContent.TypeOf(bytes.Span);
        ImageHeader? image = null;
        if (type.StartsWith("image/", StringComparison.Ordinal))
        {
            try
            {
                ImageFolder.Describe(bytes.Span);
                image = ImageHeader.Read(bytes.Span);
            }
            catch (ImageRefusedException refused)
            {
                return new CommandResult<AttachmentView>.Invalid("file", $"{clean}: {refused.Message}");
            }
        }

        var now = time.GetUtcNow();
        var attachment = new Attachment
        {
            Id = Id.New<AttachmentId>(time),
            Author = author,
            Name = clean,
            MediaType = type,
            Bytes = bytes.Length,
            Width = image?.Width,
            Height = image?.Height,
            CreatedAt = now,
        };
        await files.WriteDraftAsync(attachment.Id, bytes, cancellationToken);
        db.Add(attachment);
        await db.SaveInTurnAsync(gate, cancellationToken);

        return new CommandResult<AttachmentView>.Done(AttachmentView.Of(attachment));
    }

    /// <summary>Removes a file that was not sent.</summary>
    public async Task<CommandResult<Nothing>> RemoveAsync(AttachmentId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        using (await gate.EnterAsync(cancellationToken))
        {
            if (await db.Attachments.Where(a => a.Id == id && a.TaskId == null).ExecuteDeleteAsync(cancellationToken) == 0)
            {
                return new CommandResult<Nothing>.NotFound("There is no such file that waits. What was sent with a message goes with its task.");
            }
        }

        files.DeleteDraft(id);
        return new CommandResult<Nothing>.Done(default);
    }

    /// <summary>A file and its bytes, which belong to the caller; null when there is none.</summary>
    public async Task<(Attachment Attachment, Stream Bytes)?> OpenAsync(AttachmentId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var attachment = await db.Attachments.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, cancellationToken);
        return attachment is not null && files.Open(attachment) is { } bytes ? (attachment, bytes) : null;
    }

    /// <summary>Why these cannot be sent with a message, in a sentence; null when they can.</summary>
    public async Task<string?> ProblemAsync(IReadOnlyList<AttachmentId> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.Count == 0)
        {
            return null;
        }

        if (ids.Count > MostPerMessage)
        {
            return string.Create(CultureInfo.InvariantCulture, $"A message takes {MostPerMessage} files, and these are {ids.Count}. Remove some, or send them with the next message.");
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Attachments.CountAsync(a => ids.Contains(a.Id) && a.TaskId == null, cancellationToken) == ids.Distinct().Count() ? null : Gone;
    }

    /// <summary>Gives drafts to a task, under names that are unique there. Part of the transaction that stores the message; the caller saves.</summary>
    /// <exception cref="AttachmentsGoneException">One was sent or removed meanwhile.</exception>
    public async Task ClaimAsync(CodexDb db, TaskId task, IReadOnlyList<AttachmentId> ids)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.Count == 0)
        {
            return;
        }

        var drafts = await db.Attachments.Where(a => ids.Contains(a.Id) && a.TaskId == null).ToDictionaryAsync(a => a.Id);
        var names = new HashSet<string>(await db.Attachments.Where(a => a.TaskId == task).Select(a => a.Name).ToListAsync(), StringComparer.OrdinalIgnoreCase);
        foreach (var id in ids.Distinct())
        {
            var draft = drafts.GetValueOrDefault(id) ?? throw new AttachmentsGoneException(Gone);
            (draft.TaskId, draft.Name) = (task, AttachmentContent.Free(draft.Name, names));
            names.Add(draft.Name);
        }
    }

    /// <summary>Copies files that were sent with messages for another task, under their names.</summary>
    /// <returns>The copies by the ids of what was copied, to be stored together with the task; a file that is gone is left out.</returns>
    public async Task<IReadOnlyDictionary<Guid, Attachment>> CopyAsync(TaskId to, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var copies = new Dictionary<Guid, Attachment>();
        foreach (var id in ids.Distinct())
        {
            if (await OpenAsync(new AttachmentId(id), cancellationToken) is not var (sent, bytes))
            {
                continue;
            }

            await using (bytes)
            {
                if (await ReadAsync(bytes, cancellationToken) is not { } content)
                {
                    continue;
                }

                var copy = new Attachment
                {
                    Id = Id.New<AttachmentId>(time),
                    TaskId = to,
                    Author = sent.Author,
                    Name = sent.Name,
                    MediaType = sent.MediaType,
                    Bytes = sent.Bytes,
                    Width = sent.Width,
                    Height = sent.Height,
                    CreatedAt = time.GetUtcNow(),
                };
                await files.WriteDraftAsync(copy.Id, content, cancellationToken);
                files.Place(copy);
                copies[id] = copy;
            }
        }

        return copies;
    }

    /// <summary>Removes the files of a task.</summary>
    /// <returns>Bytes that went.</returns>
    public long DeleteTask(TaskId task) => files.DeleteTask(task);

    /// <summary>Removes what waited for a message longer than a day, and puts sent files in their place that a crash left behind.</summary>
    /// <returns>How many files went.</returns>
    public async Task<int> TidyAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var until = time.GetUtcNow() - DraftsLive;
        using (await gate.EnterAsync(cancellationToken))
        {
            await db.Attachments.Where(a => a.TaskId == null && a.CreatedAt < until).ExecuteDeleteAsync(cancellationToken);
        }

        var gone = 0;
        foreach (var id in files.DraftsBefore(until))
        {
            if (await db.Attachments.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, cancellationToken) is { } sent)
            {
                files.Place(sent);
            }
            else
            {
                files.DeleteDraft(id);
                gone++;
            }
        }

        return gone;
    }

    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(Stream content, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        var piece = new byte[81_920];
        while (await content.ReadAsync(piece, cancellationToken) is > 0 and var read)
        {
            if (bytes.Length + read > MaxBytes)
            {
                return null;
            }

            bytes.Write(piece, 0, read);
        }

        return bytes.ToArray();
    }
}

/// <summary>An attachment as people and scripts see it.</summary>
/// <param name="MediaType">By its content.</param>
/// <param name="Width">Pixels; null when it is no image.</param>
/// <param name="Height">Pixels; null when it is no image.</param>
public sealed record AttachmentView(AttachmentId Id, string Name, string MediaType, long Bytes, int? Width, int? Height)
{
    internal static AttachmentView Of(Attachment attachment) => new(attachment.Id, attachment.Name, attachment.MediaType, attachment.Bytes, attachment.Width, attachment.Height);
}

/// <summary>A message's files were sent or removed in the same moment; the message says what to do.</summary>
public sealed class AttachmentsGoneException(string message) : Exception(message);

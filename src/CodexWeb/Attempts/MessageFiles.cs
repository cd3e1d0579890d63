using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Data;
using CodexWeb.Tasks;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Attempts;

/// <summary>What was sent along with a message, as an attempt's agent takes it: the files in place for the sandbox, the images in the attempt's folder.</summary>
public sealed class MessageFiles(IDbContextFactory<CodexDb> databases, AttachmentFiles attachments, AttemptFiles files)
{
    /// <summary>Puts the files of a message in place for an attempt.</summary>
    /// <param name="ids">In the order they were sent; one that is gone is left out.</param>
    public async Task<IReadOnlyList<MessageAttachment>> KeepAsync(AttemptId attempt, IReadOnlyList<AttachmentId> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.Count == 0)
        {
            return [];
        }

        var images = files.ImagesOf(attempt);
        var kept = new List<MessageAttachment>();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var attachment in await db.Attachments.AsNoTracking().Where(a => ids.Contains(a.Id)).ToListAsync(cancellationToken))
        {
            attachments.Place(attachment);
            kept.Add(Told(attachment, attachment.Width is null ? null : await KeepAsync(images, attachment, cancellationToken)));
        }

        return InOrder(kept, ids);
    }

    /// <summary>The same of files that <see cref="KeepAsync(AttemptId, IReadOnlyList{AttachmentId}, CancellationToken)"/> has put in place.</summary>
    public IReadOnlyList<MessageAttachment> Kept(IReadOnlyList<Guid> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.Count == 0)
        {
            return [];
        }

        var wanted = ids.Select(AttachmentId.From).ToList();
        using var db = databases.CreateDbContext();
        var found = db.Attachments.AsNoTracking().Where(a => wanted.Contains(a.Id)).ToList();
        return InOrder([.. found.Select(attachment => Told(attachment, attachment.Width is null ? null : Describe(attachment)))], wanted);
    }

    private async Task<ImageReference?> KeepAsync(ImageFolder images, Attachment attachment, CancellationToken cancellationToken)
    {
        if (attachments.Open(attachment) is not { } stream)
        {
            return null;
        }

        await using (stream)
        {
            var bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes, cancellationToken);
            return await images.KeepAsync(bytes, cancellationToken);
        }
    }

    private ImageReference? Describe(Attachment attachment)
    {
        using var stream = attachments.Open(attachment);
        if (stream is null)
        {
            return null;
        }

        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return ImageFolder.Describe(bytes);
    }

    private static MessageAttachment Told(Attachment attachment, ImageReference? image) =>
        new(attachment.Id.ToString(), attachment.Name, attachment.MediaType, attachment.Bytes, image);

    private static List<MessageAttachment> InOrder(List<MessageAttachment> found, IReadOnlyList<AttachmentId> ids)
    {
        var order = ids.Select(static id => id.ToString()).ToList();
        return [.. found.OrderBy(file => order.IndexOf(file.Id))];
    }
}

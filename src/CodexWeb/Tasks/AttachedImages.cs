using CodexWeb.Data;

namespace CodexWeb.Tasks;

/// <summary>Images that scripts send along as data addresses: <c>data:image/png;base64,…</c>.</summary>
public sealed class AttachedImages(Attachments attachments)
{
    private const string Form = "An image is a data address with base64: data:image/png;base64,….";

    /// <summary>Takes them in as drafts for one message. When one is refused, none stays.</summary>
    public async Task<CommandResult<IReadOnlyList<AttachmentId>>> AddAsync(IReadOnlyList<string> images, string author, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Count > Attachments.MostPerMessage)
        {
            return new CommandResult<IReadOnlyList<AttachmentId>>.Invalid("images", $"A message takes {Attachments.MostPerMessage} images.");
        }

        var added = new List<AttachmentId>();
        for (var at = 0; at < images.Count; at++)
        {
            var (attachment, problem) = await AddAsync(images[at], at + 1, author, cancellationToken);
            if (attachment is not { } id)
            {
                foreach (var earlier in added)
                {
                    await attachments.RemoveAsync(earlier, cancellationToken);
                }

                return new CommandResult<IReadOnlyList<AttachmentId>>.Invalid($"images[{at}]", problem ?? Form);
            }

            added.Add(id);
        }

        return new CommandResult<IReadOnlyList<AttachmentId>>.Done(added);
    }

    private async Task<(AttachmentId? Id, string? Problem)> AddAsync(string? image, int number, string author, CancellationToken cancellationToken)
    {
        if (Decode(image) is not { } bytes)
        {
            return (null, Form);
        }

        var type = AttachmentContent.TypeOf(bytes);
        if (!type.StartsWith("image/", StringComparison.Ordinal))
        {
            return (null, "This is no image that models take: PNG, JPEG, GIF or WebP.");
        }

        using var content = new MemoryStream(bytes);
        var result = await attachments.AddAsync($"image-{number}.{(type is "image/jpeg" ? "jpg" : type["image/".Length..])}", content, author, cancellationToken);
        return result is CommandResult<AttachmentView>.Done done ? (done.Value.Id, null) : (null, result.Problem());
    }

    private static byte[]? Decode(string? image)
    {
        const string marker = ";base64,";
        var comma = image is not null && image.StartsWith("data:", StringComparison.OrdinalIgnoreCase) ? image.IndexOf(marker, StringComparison.OrdinalIgnoreCase) : -1;
        if (comma is < 0 or > 200)
        {
            return null;
        }

        try
        {
            return Convert.FromBase64String(image![(comma + marker.Length)..]);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}

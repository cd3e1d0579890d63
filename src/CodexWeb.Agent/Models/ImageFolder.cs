using System.Globalization;
using System.Security.Cryptography;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Models;

/// <summary>
/// The images of one conversation, in a folder of the server's own: each a file named after the SHA-256 of its bytes. The conversation holds only references,
/// so that the log stays small and the same entry always becomes the same bytes.
/// </summary>
/// <param name="path">Absolute. Made with the first image.</param>
public sealed class ImageFolder(string path)
{
    /// <summary>The largest image that is taken, in bytes.</summary>
    public const int MaxBytes = 20 * 1024 * 1024;

    /// <summary>The longest side that is taken, in pixels.</summary>
    public const int MaxSide = 16_384;

    /// <summary>Keeps an image. The same bytes are kept once.</summary>
    /// <returns>What the conversation holds in its place.</returns>
    /// <exception cref="ImageRefusedException">It is no PNG, JPEG, GIF or WebP, or too large.</exception>
    public async Task<ImageReference> KeepAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var image = Describe(bytes.Span);
        var file = FileOf(image)!;
        if (!File.Exists(file))
        {
            Directory.CreateDirectory(path);
            // Written beside and moved, so that a crash leaves no half image under the name of the whole.
            var half = $"{file}.{Guid.NewGuid():N}";
            try
            {
                await File.WriteAllBytesAsync(half, bytes, cancellationToken);
                File.Move(half, file, overwrite: true);
            }
            finally
            {
                File.Delete(half);
            }
        }

        return image;
    }

    /// <summary>The bytes with their media type; null when the file is gone.</summary>
    public BinaryData? Read(ImageReference image)
    {
        ArgumentNullException.ThrowIfNull(image);
        try
        {
            return FileOf(image) is { } file ? BinaryData.FromBytes(File.ReadAllBytes(file), image.MediaType) : null;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>What an image is, once it is found fit to be kept.</summary>
    /// <exception cref="ImageRefusedException">It is no PNG, JPEG, GIF or WebP, or too large.</exception>
    public static ImageReference Describe(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxBytes)
        {
            throw new ImageRefusedException(string.Create(CultureInfo.InvariantCulture, $"The image has {bytes.Length:N0} bytes; up to {MaxBytes / 1024 / 1024} MiB are taken. Scale it down."));
        }

        if (ImageHeader.TypeOf(bytes) is not { } type)
        {
            throw new ImageRefusedException("This is no image that models take: PNG, JPEG, GIF or WebP.");
        }

        if (ImageHeader.Read(bytes) is not { } header)
        {
            throw new ImageRefusedException($"The image begins as {type}, but its size cannot be read: it is cut off or damaged.");
        }

        return header.Width <= MaxSide && header.Height <= MaxSide
            ? new ImageReference(Convert.ToHexStringLower(SHA256.HashData(bytes)), header.MediaType, header.Width, header.Height)
            : throw new ImageRefusedException(string.Create(
                CultureInfo.InvariantCulture, $"The image is {header.Width} × {header.Height} pixels; up to {MaxSide:N0} on each side are taken. Scale it down."));
    }

    /// <summary>The line the model reads where it is not shown an image.</summary>
    /// <param name="taken">False when the model takes no images; true when its file is gone.</param>
    public static string InPlaceOf(ImageReference image, bool taken)
    {
        ArgumentNullException.ThrowIfNull(image);
        var why = taken ? "its file is no longer there" : "this model takes no images";
        return string.Create(CultureInfo.InvariantCulture, $"[An image of {image.Width} × {image.Height} pixels, {image.MediaType}, is not shown: {why}.]");
    }

    // The id comes from a log; it becomes a file name only when it is what ids are.
    private string? FileOf(ImageReference image) => image.Id.Length == 64 && image.Id.All(char.IsAsciiHexDigitLower) ? Path.Combine(path, image.Id) : null;
}

/// <summary>An image that is not taken; the message says why and what to do.</summary>
public sealed class ImageRefusedException(string message) : Exception(message);

using System.Buffers.Binary;

namespace CodexWeb.Agent.Models;

/// <summary>What the first bytes of a picture say of it. Only kinds that hold nothing but pixels: PNG, JPEG, GIF and WebP, no SVG.</summary>
/// <param name="MediaType"><c>image/png</c>, <c>image/jpeg</c>, <c>image/gif</c> or <c>image/webp</c>.</param>
/// <param name="Width">Pixels, 1 or more.</param>
/// <param name="Height">Pixels, 1 or more.</param>
public readonly record struct ImageHeader(string MediaType, int Width, int Height)
{
    /// <summary>The media type by the signature alone; null when it is no such picture.</summary>
    public static string? TypeOf(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]) ? "image/png"
        : bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? "image/jpeg"
        : bytes.StartsWith("GIF87a"u8) || bytes.StartsWith("GIF89a"u8) ? "image/gif"
        : bytes.Length > 12 && bytes.StartsWith("RIFF"u8) && bytes[8..12].SequenceEqual("WEBP"u8) ? "image/webp"
        : null;

    /// <summary>Reads kind and size without decoding the picture; null when it is no such picture, or its header is cut off or makes no sense.</summary>
    public static ImageHeader? Read(ReadOnlySpan<byte> bytes)
    {
        if (TypeOf(bytes) is not { } type)
        {
            return null;
        }

        var (width, height) = type switch
        {
            "image/png" => Png(bytes),
            "image/gif" => Gif(bytes),
            "image/webp" => WebP(bytes),
            _ => Jpeg(bytes),
        };
        return width > 0 && height > 0 ? new ImageHeader(type, width, height) : null;
    }

    private static (int Width, int Height) Png(ReadOnlySpan<byte> bytes) => bytes.Length >= 24 && bytes[12..16].SequenceEqual("IHDR"u8)
        ? (BinaryPrimitives.ReadInt32BigEndian(bytes[16..]), BinaryPrimitives.ReadInt32BigEndian(bytes[20..]))
        : default;

    private static (int Width, int Height) Gif(ReadOnlySpan<byte> bytes) => bytes.Length >= 10
        ? (BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]), BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]))
        : default;

    // The first chunk says which of the three forms it is: lossy, lossless, or with a canvas of its own.
    private static (int Width, int Height) WebP(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 30)
        {
            return default;
        }

        var chunk = bytes[12..16];
        if (chunk.SequenceEqual("VP8 "u8))
        {
            return (BinaryPrimitives.ReadUInt16LittleEndian(bytes[26..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(bytes[28..]) & 0x3FFF);
        }

        if (chunk.SequenceEqual("VP8L"u8))
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(bytes[21..]);
            return ((int)(bits & 0x3FFF) + 1, (int)((bits >> 14) & 0x3FFF) + 1);
        }

        return chunk.SequenceEqual("VP8X"u8) ? (Three(bytes[24..]) + 1, Three(bytes[27..]) + 1) : default;
    }

    private static int Three(ReadOnlySpan<byte> bytes) => bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);

    // Segment by segment until the one that begins a frame, C0 to CF but for the tables C4, C8 and CC (ITU T.81, table B.1).
    private static (int Width, int Height) Jpeg(ReadOnlySpan<byte> bytes)
    {
        var at = 2;
        while (at + 9 <= bytes.Length && bytes[at] == 0xFF)
        {
            var marker = bytes[at + 1];
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
            {
                return (BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 7)..]), BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 5)..]));
            }

            // A marker may be preceded by fill bytes; those without a length stand alone.
            at += marker is 0xFF ? 1 : marker is 0x01 or (>= 0xD0 and <= 0xD8) ? 2 : 2 + BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]);
        }

        return default;
    }
}

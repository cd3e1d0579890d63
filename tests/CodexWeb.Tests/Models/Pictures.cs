using System.Buffers.Binary;
using System.IO.Compression;

namespace CodexWeb.Tests.Models;

/// <summary>Small pictures of each kind the product takes. The PNG is whole; of the others only the header is real.</summary>
internal static class Pictures
{
    public static byte[] Png(int width, int height, byte shade = 128)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8;
        using var rows = new MemoryStream();
        using (var deflate = new ZLibStream(rows, CompressionLevel.Fastest, leaveOpen: true))
        {
            var row = new byte[width + 1];
            row.AsSpan(1).Fill(shade);
            for (var y = 0; y < height; y++)
            {
                deflate.Write(row);
            }
        }

        return [0x89, .. "PNG\r\n"u8, 0x1A, (byte)'\n', .. Chunk("IHDR"u8, header), .. Chunk("IDAT"u8, rows.ToArray()), .. Chunk("IEND"u8, [])];
    }

    public static byte[] Gif(ushort width, ushort height) => [.. "GIF89a"u8, .. Little(width), .. Little(height), 0, 0, 0, 0x3B];

    // Other segments stand before the frame: an EXIF block, tables.
    public static byte[] Jpeg(ushort width, ushort height, int before = 40) =>
    [
        0xFF, 0xD8,
        0xFF, 0xE1, .. Big((ushort)(before + 2)), .. new byte[before],
        0xFF, 0xC4, .. Big(4), 1, 2,
        0xFF, 0xFF, 0xC2, .. Big(11), 8, .. Big(height), .. Big(width), 1, 1, 0x11, 0,
        0xFF, 0xD9,
    ];

    public static byte[] WebPLossy(ushort width, ushort height) => WebP("VP8 "u8, [0, 0, 0, 0x9D, 0x01, 0x2A, .. Little(width), .. Little(height), 0, 0, 0, 0]);

    public static byte[] WebPLossless(int width, int height)
    {
        var bits = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bits, (uint)(width - 1) | ((uint)(height - 1) << 14));
        return WebP("VP8L"u8, [0x2F, .. bits, 0, 0, 0, 0, 0, 0]);
    }

    public static byte[] WebPExtended(int width, int height) => WebP("VP8X"u8, [0, 0, 0, 0, .. Three(width - 1), .. Three(height - 1), 0, 0]);

    private static byte[] WebP(ReadOnlySpan<byte> chunk, byte[] body)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, body.Length);
        return [.. "RIFF"u8, 0, 0, 0, 0, .. "WEBP"u8, .. chunk, .. length, .. body];
    }

    private static byte[] Three(int number) => [(byte)number, (byte)(number >> 8), (byte)(number >> 16)];

    private static byte[] Little(ushort number) => [(byte)number, (byte)(number >> 8)];

    private static byte[] Big(ushort number) => [(byte)(number >> 8), (byte)number];

    private static byte[] Chunk(ReadOnlySpan<byte> name, ReadOnlySpan<byte> body)
    {
        var chunk = new byte[body.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, body.Length);
        name.CopyTo(chunk.AsSpan(4));
        body.CopyTo(chunk.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(body.Length + 8), Crc(chunk.AsSpan(4, body.Length + 4)));
        return chunk;
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 1 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }
}
